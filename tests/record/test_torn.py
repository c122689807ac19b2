"""A write that a crash tore: recoverable, and told apart from tampering."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from nodescaler_tui.record.chain import Finding, verify_journal
from nodescaler_tui.record.connection import writing
from nodescaler_tui.record.export import TORN_LINE, json_lines, verify_export
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.record.stored import StoredJournal
from nodescaler_tui.record.torn import interrupted_write
from nodescaler_tui.record.transaction import SqliteTransaction
from tests.record.conftest import Write, draft


def crashed_while_writing(path: Path, to: Path) -> Path:
    """A copy of the journal's files from the middle of a commit, when pages were already overwritten."""
    with writing(path) as connection:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        transaction = SqliteTransaction(connection)
        for number in range(200):
            transaction.append(draft(number))
        to.mkdir()
        for name in (path.name, f"{path.name}-journal"):
            shutil.copy(path.with_name(name), to / name)
        connection.execute("ROLLBACK")
    return to / path.name


def test_a_torn_last_write_is_recognised_and_undone(
    journal: StoredJournal, path: Path, write: Write, tmp_path: Path
) -> None:
    write(5)
    torn = crashed_while_writing(path, tmp_path / "crashed")
    assert interrupted_write(torn)
    outcome = verify_journal(SqliteJournal.open_for_reading(torn))
    assert outcome.intact
    assert (outcome.events, outcome.head) == (journal.head().seq, journal.head().hash)
    assert not interrupted_write(torn)


def test_a_writer_that_is_still_at_it_is_no_crash(path: Path, write: Write) -> None:
    """Another process asks: a lock of our own process would not stop us."""
    write(1)
    with writing(path) as connection:
        connection.execute("PRAGMA cache_size = 1")
        connection.execute("BEGIN IMMEDIATE")
        transaction = SqliteTransaction(connection)
        for number in range(200):
            transaction.append(draft(number))
        assert path.with_name(f"{path.name}-journal").stat().st_size > 0
        assert asked_elsewhere(path) == "False"
        connection.execute("ROLLBACK")


def asked_elsewhere(path: Path) -> str:
    script = (
        "import sys; from pathlib import Path; from nodescaler_tui.record.torn import interrupted_write;"
        "print(interrupted_write(Path(sys.argv[1])))"
    )
    done = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True)
    return done.stdout.strip()


def test_an_untouched_journal_has_no_interrupted_write(path: Path, write: Write) -> None:
    write(1)
    assert not interrupted_write(path)
    assert not interrupted_write(path.with_name("nowhere.db"))


def test_an_export_that_breaks_off_at_any_byte_of_its_last_line_is_torn_and_holds_before(
    journal: StoredJournal, write: Write, tmp_path: Path
) -> None:
    write(4)
    whole = "".join(json_lines(journal.stored())).encode()
    last_line = whole.rindex(b"\n", 0, -1) + 1
    export = tmp_path / "export.jsonl"
    for end in range(last_line + 1, len(whole)):
        export.write_bytes(whole[:end])
        outcome, _ = verify_export(export)
        assert (outcome.intact, outcome.events, outcome.warnings) == (True, 4, (TORN_LINE,))


def test_an_export_that_was_touched_names_the_position(journal: StoredJournal, write: Write, tmp_path: Path) -> None:
    write(4)
    lines = list(json_lines(journal.stored()))
    export = tmp_path / "export.jsonl"
    for changed, named in [
        ([*lines[:2], lines[2].replace("ana@ops", "eve@ops"), *lines[3:]], (Finding.EDITED, 3)),
        ([*lines[:2], *lines[3:]], (Finding.DELETED, 3)),
        ([*lines[:2], lines[1], *lines[2:]], (Finding.DUPLICATED, 3)),
        ([lines[0], lines[2], lines[1], *lines[3:]], (Finding.REORDERED, 2)),
        ([*lines[:2], "not json\n", *lines[3:]], (Finding.UNREADABLE, 3)),
        ([], (Finding.NO_HEAD, 1)),
    ]:
        export.write_text("".join(changed))
        flaw = verify_export(export)[0].flaw
        assert flaw is not None
        assert (flaw.finding, flaw.seq) == named
