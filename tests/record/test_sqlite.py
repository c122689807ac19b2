"""The journal's file: only its owner's, synced, and refused in words when it is not what it should be."""

from __future__ import annotations

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record import connection
from nodescaler_tui.record.sqlite import SqliteJournal
from tests.record.conftest import Tamper, Write, draft


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


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
        ("DROP TABLE event", "no such table"),
        ("UPDATE event SET bytes = x'ff' WHERE seq = 2", "position 2 cannot be read"),
    ],
)
def test_a_file_that_was_tampered_with_is_refused_for_acting(
    path: Path, write: Write, tamper: Tamper, script: str, says: str
) -> None:
    write(2)
    tamper(script)
    with pytest.raises(JournalUnavailable, match=says):
        SqliteJournal.open(path, version="1").read()


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
