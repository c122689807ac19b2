"""The guards in the file itself: what no other program does by accident."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.canonical import chained_hash, event_bytes
from nodescaler_tui.record.connection import writing
from nodescaler_tui.record.schema import APPLICATION_ID
from nodescaler_tui.record.sqlite import SqliteJournal
from tests.record.conftest import Write, draft

ACCIDENTS = [
    "UPDATE event SET hash = 'aa' WHERE seq = 2",
    "UPDATE event SET seq = 9 WHERE seq = 2",
    "UPDATE OR REPLACE event SET seq = 1 WHERE seq = 2",
    "DELETE FROM event WHERE seq = 3",
    "DELETE FROM event",
    "REPLACE INTO event SELECT * FROM event WHERE seq = 2",
    "INSERT OR REPLACE INTO event SELECT seq, 'aa', bytes FROM event WHERE seq = 2",
    "INSERT OR IGNORE INTO event SELECT 2, 'aa', bytes FROM event WHERE seq = 2",
    "INSERT INTO event SELECT 2, 'aa', bytes FROM event WHERE seq = 2 ON CONFLICT (seq) DO UPDATE SET hash = 'aa'",
    "INSERT INTO event SELECT 5, hash, bytes FROM event WHERE seq = 3",
    "INSERT INTO event SELECT 0, hash, bytes FROM event WHERE seq = 3",
    "INSERT INTO event SELECT NULL, hash, bytes FROM event WHERE seq = 3",
    "INSERT INTO event SELECT 4, hash, bytes FROM event WHERE seq = 3",
    "DELETE FROM head",
    "UPDATE head SET seq = 2",
    "UPDATE head SET seq = 0",
    "UPDATE head SET hash = 'aa'",
    "UPDATE head SET seq = 4",
    "UPDATE head SET one = 2",
    "INSERT INTO head VALUES (2, 3, 'aa')",
    "REPLACE INTO head VALUES (1, 2, 'aa')",
]


@pytest.fixture(params=["another program", "ours"])
def opened(request: pytest.FixtureRequest, path: Path, write: Write) -> Iterator[sqlite3.Connection]:
    """Three events, and a connection to them: as any program opens the file, and as we do."""
    write(2)
    if request.param == "ours":
        with writing(path) as connection:
            yield connection
        return
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        yield connection


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_an_accident_is_refused_and_changes_nothing(
    opened: sqlite3.Connection, journal: SqliteJournal, accident: str
) -> None:
    before = list(journal.stored()), journal.head()
    with pytest.raises(sqlite3.Error, match=r"journal|head|chained|CHECK|no such function"):
        opened.execute(accident)
    assert (list(journal.stored()), journal.head()) == before


def test_an_event_that_does_not_follow_the_one_before_is_refused(journal: SqliteJournal, path: Path) -> None:
    canonical = event_bytes(2, draft(1))
    for wrong in ("aa" * 32, chained_hash("00" * 32, canonical), journal.head().hash):
        with pytest.raises(JournalUnavailable, match="not chained"), writing(path) as connection:
            connection.execute("INSERT INTO event VALUES (2, ?, ?)", (wrong, canonical))
    assert len(journal.read()) == 1


def test_another_program_cannot_append_at_all(journal: SqliteJournal, path: Path) -> None:
    canonical = event_bytes(2, draft(1))
    right = chained_hash(journal.head().hash, canonical)
    with closing(sqlite3.connect(path)) as other, pytest.raises(sqlite3.OperationalError, match="no such function"):
        other.execute("INSERT INTO event VALUES (2, ?, ?)", (right, canonical))


def test_the_file_says_whose_it_is(journal: SqliteJournal, path: Path) -> None:
    journal.check()
    with closing(sqlite3.connect(path)) as other:
        assert other.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
    assert path.read_bytes()[68:72] == b"NSJ1"
