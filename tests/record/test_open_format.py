"""The format is open: sixty lines of standard library verify a journal, and need nothing of this program."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nodescaler_tui.record.export import json_lines
from nodescaler_tui.record.sqlite import SqliteJournal
from tests.record.conftest import Tamper, Write

VERIFIER = Path(__file__).parents[2] / "docs" / "verify_journal.py"


def verified(*arguments: object) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(VERIFIER), *map(str, arguments)]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)


def test_it_is_short_enough_to_be_read() -> None:
    assert len(VERIFIER.read_text().splitlines()) <= 60


def test_it_agrees_on_the_database_and_on_its_export(
    journal: SqliteJournal, path: Path, write: Write, tmp_path: Path
) -> None:
    write(5)
    export, head = tmp_path / "export.jsonl", journal.head()
    export.write_text("".join(json_lines(journal.stored())))
    for file in (path, export):
        done = verified(file, f"{head.seq}:{head.hash}")
        assert (done.returncode, f"head {head.seq}:{head.hash}" in done.stdout) == (0, True)


@pytest.mark.parametrize(
    "script",
    [
        "UPDATE event SET bytes = replace(CAST(bytes AS TEXT), 'ana', 'eve') WHERE seq = 3",
        "DELETE FROM event WHERE seq = 3",
        "UPDATE event SET seq = 99 WHERE seq = 3",
        "DELETE FROM event WHERE seq = 1",
    ],
)
def test_it_names_the_position_of_what_was_touched(path: Path, write: Write, tamper: Tamper, script: str) -> None:
    write(5)
    tamper(script)
    done = verified(path)
    assert done.returncode == 1
    assert "position" in done.stderr


def test_a_head_from_elsewhere_finds_what_was_cut_off(
    journal: SqliteJournal, path: Path, write: Write, tamper: Tamper
) -> None:
    write(5)
    head = journal.head()
    tamper("DELETE FROM event WHERE seq > 3")
    assert verified(path).returncode == 0
    done = verified(path, f"{head.seq}:{head.hash}")
    assert done.returncode == 1
    assert "cut off" in done.stderr
