"""The journal as its callers meet it: what is written is there, and what cannot be is refused in words."""

from __future__ import annotations

import os
import sqlite3
import stat
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from nodescaler_tui.events import EventKind, JournalUnavailable
from nodescaler_tui.record import connection
from nodescaler_tui.record.canonical import NotCanonical, chained_hash, genesis_hash
from nodescaler_tui.record.rows import PAGE_LENGTH
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.record.transaction import SqliteTransaction
from tests.record.conftest import NOON, Tamper, Write, draft


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_new_journal_begins_with_an_event_that_names_its_installation(journal: SqliteJournal) -> None:
    (opened,) = journal.read()
    assert (opened.seq, opened.kind, opened.at) == (1, EventKind.JOURNAL_OPENED, NOON)
    assert opened.fields["version"] == "1.2.3"
    (row,) = journal.stored()
    assert row.hash == chained_hash(genesis_hash(str(opened.fields["installation"])), row.canonical)


def test_two_journals_are_never_the_same_installation(tmp_path: Path) -> None:
    journals = [SqliteJournal.open(tmp_path / name, version="1") for name in ("a.db", "b.db")]
    installations = {str(journal.read()[0].fields["installation"]) for journal in journals}
    assert len(installations) == 2


def test_only_its_owner_may_read_it_and_nothing_else_is_left_lying_about(path: Path, write: Write) -> None:
    write(1)
    assert mode(path.parent) == 0o700
    names = sorted(entry.name for entry in path.parent.iterdir())
    assert set(names) <= {"journal.db", "journal.db-journal"}
    assert {mode(path.parent / name) for name in names} == {0o600}


def test_what_is_appended_is_read_back_in_order_and_after_a_reopening(path: Path, write: Write) -> None:
    written = write(3)
    again = SqliteJournal.open(path, version="9")
    assert list(again.read(after=1)) == written
    assert [event.seq for event in again.read()] == [1, 2, 3, 4]
    assert (again.head().seq, again.head().hash) == (4, written[-1].hash)


def test_more_than_one_page_is_read_whole(journal: SqliteJournal, write: Write) -> None:
    write(2 * PAGE_LENGTH + 10)
    assert [event.seq for event in journal.read()] == list(range(1, 2 * PAGE_LENGTH + 12))
    assert [len(page.rows) for page in journal.pages()] == [PAGE_LENGTH, PAGE_LENGTH, 11]


def test_a_transaction_reads_what_is_there_and_what_it_has_added(journal: SqliteJournal) -> None:
    with journal.transaction() as transaction:
        first = transaction.append(draft(1))
        second = transaction.append(draft(2))
        assert transaction.read(after=1) == [first, second]


def append_one_then(journal: SqliteJournal, then: Callable[[SqliteTransaction], object]) -> None:
    with journal.transaction() as transaction:
        transaction.append(draft(1))
        then(transaction)


def change_of_mind(_: SqliteTransaction) -> None:
    raise RuntimeError("changed my mind")


def test_nothing_is_written_when_the_transaction_fails(journal: SqliteJournal) -> None:
    with pytest.raises(RuntimeError, match="changed my mind"):
        append_one_then(journal, change_of_mind)
    assert len(journal.read()) == 1


def test_an_event_without_a_canonical_form_takes_its_whole_transaction_with_it(journal: SqliteJournal) -> None:
    with pytest.raises(NotCanonical):
        append_one_then(journal, lambda transaction: transaction.append(draft(2**60)))
    assert len(journal.read()) == 1


def test_what_is_not_committed_is_seen_by_nobody_else(journal: SqliteJournal) -> None:
    with journal.transaction() as transaction:
        transaction.append(draft(1))
        assert len(journal.read()) == 1
    assert len(journal.read()) == 2


def test_threads_write_through_one_journal(journal: SqliteJournal) -> None:
    def append_some() -> None:
        for number in range(10):
            with journal.transaction() as transaction:
                transaction.append(draft(number))

    threads = [threading.Thread(target=append_some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.seq for event in journal.read()] == list(range(1, 42))


def test_threads_that_open_a_new_journal_at_once_get_the_same(path: Path) -> None:
    beginnings: list[str] = []
    gate = threading.Barrier(4)

    def open_one() -> None:
        gate.wait()
        beginnings.append(SqliteJournal.open(path, version="1").read()[0].hash)

    threads = [threading.Thread(target=open_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(beginnings) == 4
    assert len(set(beginnings)) == 1


def test_a_reader_who_pauses_holds_up_no_writer(
    journal: SqliteJournal, write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(PAGE_LENGTH + 5)
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_S", 0.2)
    paused = journal.stored()
    next(paused)
    (added,) = write(1)
    assert [row.seq for row in paused][-1] == added.seq


def test_a_writer_who_holds_the_journal_is_named_after_a_while(
    journal: SqliteJournal, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "BUSY_TIMEOUT_S", 0.2)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(JournalUnavailable, match="Another program has held"), journal.transaction():
            pytest.fail("two writers at once")
        assert len(journal.read()) == 1
    with journal.transaction() as transaction:
        assert transaction.append(draft(1)).seq == 2


def test_a_commit_is_synced_to_the_disk(path: Path, journal: SqliteJournal) -> None:
    assert journal.head().seq == 1
    with connection.writing(path) as opened:
        settings = [
            opened.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "fullfsync")
        ]
    assert settings == ["truncate", 2, 1]


def test_a_reading_connection_cannot_write(path: Path, journal: SqliteJournal) -> None:
    assert journal.head().seq == 1
    with pytest.raises(JournalUnavailable, match="cannot be written"), connection.reading(path) as opened:
        opened.execute("UPDATE head SET seq = seq")


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "is not a journal of this program"),
        (b"not a database, whatever its name says" * 100, "is not a journal, or its header is damaged"),
    ],
)
def test_a_file_that_is_no_journal_is_refused_and_left_alone(path: Path, content: bytes, says: str) -> None:
    path.parent.mkdir()
    path.write_bytes(content)
    with pytest.raises(JournalUnavailable, match=says):
        SqliteJournal.open(path, version="1")
    assert path.read_bytes() == content


def test_another_programs_database_is_refused_and_left_alone(path: Path) -> None:
    path.parent.mkdir()
    with closing(sqlite3.connect(path)) as other:
        other.execute("CREATE TABLE event (seq INTEGER PRIMARY KEY)")
    before = path.read_bytes()
    with pytest.raises(JournalUnavailable, match="is not a journal of this program"):
        SqliteJournal.open(path, version="1")
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("PRAGMA user_version = 2", "newer version"),
        ("DELETE FROM event WHERE seq = 1", "no first event"),
        ("DELETE FROM event WHERE seq = 3", "not the one that its head names"),
        ("UPDATE head SET hash = 'aa'", "not the one that its head names"),
        ("DELETE FROM head", "lost its head row"),
        ("DROP TABLE event", "no such table"),
        ("UPDATE event SET bytes = x'ff' WHERE seq = 2", "position 2 cannot be read"),
    ],
)
def test_a_journal_that_was_tampered_with_is_refused_for_acting(
    path: Path, write: Write, tamper: Tamper, script: str, says: str
) -> None:
    write(2)
    tamper(script)
    with pytest.raises(JournalUnavailable, match=says):
        SqliteJournal.open(path, version="1").read()


def test_a_journal_whose_tail_was_cut_takes_no_event(journal: SqliteJournal, write: Write, path: Path) -> None:
    write(2)
    with closing(sqlite3.connect(path)) as intruder:
        intruder.execute("DROP TRIGGER event_is_never_deleted")
        intruder.execute("DELETE FROM event WHERE seq = 3")
        intruder.commit()
    with pytest.raises(JournalUnavailable, match="the head names the last event"), journal.transaction():
        pytest.fail("a transaction on a journal that was cut")


def test_a_lost_head_stops_every_transaction(journal: SqliteJournal, tamper: Tamper) -> None:
    tamper("DELETE FROM head")
    for act in (journal.head, lambda: journal.transaction().__enter__()):
        with pytest.raises(JournalUnavailable, match="lost its head row"):
            act()


def test_a_zeroed_page_is_found_at_the_opening(path: Path, write: Write) -> None:
    write(200)
    with path.open("r+b") as file:
        file.seek(8 * 4096)
        file.write(bytes(4096))
    with pytest.raises(JournalUnavailable, match="damaged"):
        SqliteJournal.open(path, version="1")


def test_a_journal_that_must_be_there_is_not_made_by_looking(path: Path) -> None:
    with pytest.raises(JournalUnavailable, match="cannot be opened"):
        SqliteJournal.open_for_reading(path)
    assert not path.exists()


@pytest.mark.parametrize("place", ["file/journal.db", "a-folder"])
def test_a_place_where_no_file_can_be_is_named(tmp_path: Path, place: str) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "a-folder").mkdir()
    with pytest.raises(JournalUnavailable, match=place):
        SqliteJournal.open(tmp_path / place, version="1")


def test_a_folder_that_cannot_be_written_says_so(unprivileged: Path) -> None:
    unprivileged.chmod(0o500)
    with pytest.raises(JournalUnavailable, match="cannot be made: Permission denied"):
        SqliteJournal.open(unprivileged / "journal.db", version="1")


def test_a_folder_that_cannot_be_entered_says_so(unprivileged: Path) -> None:
    unprivileged.chmod(0)
    with pytest.raises(JournalUnavailable, match="cannot be reached: Permission denied"):
        SqliteJournal.open(unprivileged / "journal.db", version="1")


def test_in_a_read_only_folder_everything_is_shown_and_nothing_is_written(unprivileged: Path) -> None:
    path = unprivileged / "journal.db"
    SqliteJournal.open(path, version="1")
    with SqliteJournal(path).transaction() as transaction:
        transaction.append(draft(1))
    (unprivileged / "journal.db-journal").unlink(missing_ok=True)
    path.chmod(0o400)
    unprivileged.chmod(0o500)
    journal = SqliteJournal.open(path, version="1")
    assert len(journal.read()) == 2
    with pytest.raises(JournalUnavailable, match="cannot be written"), journal.transaction() as transaction:
        transaction.append(draft(2))
    assert len(journal.read()) == 2


def test_a_writable_file_in_a_read_only_folder_takes_no_event(unprivileged: Path) -> None:
    path = unprivileged / "journal.db"
    journal = SqliteJournal.open(path, version="1")
    (unprivileged / "journal.db-journal").unlink(missing_ok=True)
    unprivileged.chmod(0o500)
    with pytest.raises(JournalUnavailable, match="the rights of"), journal.transaction() as transaction:
        transaction.append(draft(1))
    assert len(journal.read()) == 1


def test_a_file_that_may_not_be_read_says_so(unprivileged: Path) -> None:
    path = unprivileged / "journal.db"
    SqliteJournal.open(path, version="1")
    path.chmod(0)
    with pytest.raises(JournalUnavailable, match="cannot be opened"):
        SqliteJournal.open(path, version="1")


def test_a_name_that_a_url_would_misread_is_still_one_file(tmp_path: Path) -> None:
    path = tmp_path / "what? 100% #1.db"
    SqliteJournal.open(path, version="1")
    assert os.listdir(tmp_path) == [path.name]  # noqa: PTH208 - the raw names
