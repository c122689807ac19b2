"""A journal that moves from its file into a team's store: byte for byte, whole, and only when it is intact."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from nodescaler_tui.events import Draft, EventKind, JournalUnavailable
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.copying import copy_journal
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.postgres.schema import SCHEMA_VERSION
from nodescaler_tui.record.rows import PAGE_LENGTH
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.record.witness import Witness
from tests.postgresql.databases import Database, fresh_database
from tests.postgresql.server import Server
from tests.record.conftest import NOON, draft

LIFE = (
    EventKind.PLAN_APPROVED,
    EventKind.OPERATION_SENDING,
    EventKind.OPERATION_IN_DOUBT,
    EventKind.OPERATION_RESEND_ORDERED,
    EventKind.OPERATION_SENDING,
    EventKind.OPERATION_ACCEPTED,
    EventKind.OPERATION_VERIFYING,
    EventKind.OPERATION_SETTLED,
    EventKind.AUDIT_RECORDED,
)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "laptop" / "journal.db"


@pytest.fixture
def source(file: Path) -> SqliteJournal:
    """A whole life, an open operation, text that databases choke on, and more than one page."""
    journal = SqliteJournal.open(file, version="1", witness=Witness(file.with_name("heads")))
    with journal.transaction() as transaction:
        for kind in LIFE:
            transaction.append(Draft(kind, NOON, "ana\x00\x1b[2J", "group-1", "op-1", {"outcome": "PARTIAL"}))
        transaction.append(Draft(EventKind.PLAN_APPROVED, NOON, "ana", "group-1", "op-2", {"plan_hash": "ab"}))
        for number in range(PAGE_LENGTH):
            transaction.append(draft(number))
    return journal


@pytest.fixture
def owner(database: Database) -> Sessions:
    return Sessions(database.url("postgres"))


def test_every_byte_arrives_and_the_chain_goes_on(
    source: SqliteJournal, file: Path, database: Database, owner: Sessions
) -> None:
    outcome = copy_journal(source, owner)
    assert outcome == verify_journal(source)
    journal = PostgresJournal.open(database.url(), version="2", witness=Witness(file.with_name("heads")))
    assert list(journal.stored()) == list(source.stored())
    assert (journal.head(), journal.installation()) == (source.head(), source.installation())
    with journal.transaction() as transaction:
        transaction.append(draft(1))
    assert verify_journal(journal, installation=source.installation()).intact


def test_the_copy_knows_where_each_operation_stands(source: SqliteJournal, database: Database, owner: Sessions) -> None:
    copy_journal(source, owner)
    journal = PostgresJournal.open(database.url(), version="2")
    with pytest.raises(JournalUnavailable, match="cannot follow"), journal.transaction() as transaction:
        transaction.append(Draft(EventKind.OPERATION_SENDING, NOON, "ana", "group-1", "op-1"))
    with journal.transaction() as transaction:
        transaction.append(Draft(EventKind.OPERATION_SENDING, NOON, "ana", "group-1", "op-2"))


def test_a_damaged_journal_is_not_copied(
    source: SqliteJournal, file: Path, database: Database, owner: Sessions
) -> None:
    with closing(sqlite3.connect(file)) as intruder:
        intruder.execute("DROP TRIGGER event_is_never_updated")
        intruder.execute("UPDATE event SET bytes = CAST(replace(bytes, 'group-1', 'group-9') AS BLOB) WHERE seq = 20")
        intruder.commit()
    with pytest.raises(JournalUnavailable, match=r"Nothing was copied.*position 20"):
        copy_journal(source, owner)
    assert database.ask("SELECT count(*) FROM event") == (0,)


def test_a_history_that_a_guard_refuses_is_not_copied_at_all(
    tmp_path: Path, database: Database, owner: Sessions
) -> None:
    """Two open operations in one group: the program never writes that, and the store would not take it."""
    journal = SqliteJournal.open(tmp_path / "odd.db", version="1")
    with journal.transaction() as transaction:
        for operation in ("op-1", "op-2"):
            transaction.append(Draft(EventKind.PLAN_APPROVED, NOON, "ana", "group-1", operation))
    with pytest.raises(JournalUnavailable, match="somebody was first"):
        copy_journal(journal, owner)
    assert database.ask("SELECT (SELECT count(*) FROM event) + (SELECT count(*) FROM head)") == (0,)


def test_an_operation_that_took_a_step_it_could_not_take_is_not_copied(
    tmp_path: Path, database: Database, owner: Sessions
) -> None:
    """The chain holds, but the file's guards were taken away when it was written."""
    path = tmp_path / "odd.db"
    journal = SqliteJournal.open(path, version="1")
    with closing(sqlite3.connect(path)) as intruder:
        intruder.execute("DROP TRIGGER event_may_follow")
        intruder.execute("DROP TRIGGER event_moves_its_operation")
        intruder.commit()
    with journal.transaction() as transaction:
        transaction.append(Draft(EventKind.OPERATION_SENDING, NOON, "ana", "group-1", "op-1"))
    with pytest.raises(JournalUnavailable, match="position 2 cannot follow"):
        copy_journal(journal, owner)
    assert database.ask("SELECT count(*) FROM event") == (0,)


def test_the_copy_stands_as_if_each_event_had_been_written_there(
    source: SqliteJournal, database: Database, owner: Sessions, postgresql: Server
) -> None:
    copy_journal(source, owner)
    with fresh_database(postgresql) as other:
        with other.connect() as opened:
            opened.execute("SELECT begin_journal(%s, %s)", (SCHEMA_VERSION, source.installation()))
            opened.execute("ALTER TABLE event DISABLE TRIGGER event_names_its_writer")
            for row in list(source.stored())[:20]:
                opened.execute("INSERT INTO event VALUES (%s, %s, %s)", (row.seq, row.hash, row.canonical))
        for table, key in (("operation", "id"), ("approval", "operation_id")):
            everything = f"SELECT array_agg({table}::text ORDER BY {key}) FROM {table}"
            assert database.ask(everything) == other.ask(everything)
    guarded = "SELECT count(*) FROM pg_trigger WHERE tgrelid = 'event'::regclass AND tgenabled <> 'O'"
    assert database.ask(guarded) == (0,)


def test_a_store_that_has_a_journal_keeps_it(source: SqliteJournal, database: Database, owner: Sessions) -> None:
    journal = PostgresJournal.open(database.url(), version="1")
    with pytest.raises(JournalUnavailable, match="holds a journal of 1 events already"):
        copy_journal(source, owner)
    assert len(journal.read()) == 1


def test_only_the_owner_copies(source: SqliteJournal, database: Database) -> None:
    with pytest.raises(JournalUnavailable, match="permission denied to set role"):
        copy_journal(source, Sessions(database.url("ana")))
