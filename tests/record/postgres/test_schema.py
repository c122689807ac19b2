"""Migrations: forward only, all or nothing, and an older program is told why it may only look."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.postgres import schema
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.postgres.roles import as_owner
from nodescaler_tui.record.postgres.schema import MIGRATIONS, SCHEMA_VERSION, Migration
from nodescaler_tui.record.stored import StoredJournal
from tests.postgresql.databases import Database
from tests.record.conftest import draft

NEXT = Migration(SCHEMA_VERSION + 1, "next", "CREATE TABLE weather (who text PRIMARY KEY)")
APPLIED_SOMEWHERE = {
    1: "00dab7c843903d4b0205ef1a91950e706c90700098f45b4395a4f251283edca6",
    2: "dc44133892bfed1869bd69d42b5c387ffaf002343c3c39fe73fa3a0c79945635",
    3: "f8b594ab398b72539f61990f0c38cdc33c63de5a4cc6655810b8ed06131567b2",
    4: "3378a1ac3bd9704cb80deb5b2279cae0e12cbae335eeb3e69e7af0313d13ec75",
    5: "081ac8781393d1a632a08d90792177132b1b125686cb7e1e4042de778c9c7f99",
    6: "96a49ddc88fb38d77d159ccb54c800768e41c9157c2bae09db92637a3173d14c",
    7: "ffdd624335316052e177d7b53aee2e76de9877f7d0dc59710969adc9c276e75c",
}
"""What stores out there were made with. A digest that changes here is a store that cannot be migrated any more."""


def migrate(database: Database, *more: Migration) -> tuple[Migration, ...]:
    sessions = Sessions(database.url("postgres"))
    with sessions.session() as session:
        as_owner(session)
        applied = schema.migrate(session, (*MIGRATIONS, *more))
        session.execute("RESET ROLE")
    sessions.close()
    return applied


def append(journal: StoredJournal, number: int) -> None:
    with journal.transaction() as transaction:
        transaction.append(draft(number))


def test_what_was_applied_somewhere_is_never_edited() -> None:
    assert {migration.version: migration.digest for migration in MIGRATIONS} == APPLIED_SOMEWHERE


def test_they_are_numbered_from_one_without_a_gap() -> None:
    assert [migration.version for migration in MIGRATIONS] == list(range(1, SCHEMA_VERSION + 1))


def test_each_is_applied_once(database: Database) -> None:
    assert migrate(database) == ()
    assert migrate(database, NEXT) == (NEXT,)
    assert migrate(database, NEXT) == ()


def test_an_older_program_reads_on_and_is_told_why_it_cannot_write(database: Database) -> None:
    older = PostgresJournal.open(database.url("ana"), version="1")
    append(older, 1)
    migrate(database, NEXT)
    with pytest.raises(JournalUnavailable, match=f"migrated to schema {NEXT.version}.*upgrade this program"):
        append(older, 2)
    for journal in (older, PostgresJournal.open(database.url("ana"), version="1")):
        assert len(journal.read()) == 2
        assert verify_journal(journal).intact


def test_a_migration_waits_for_the_write_that_is_under_way(database: Database) -> None:
    journal = PostgresJournal.open(database.url("ana"), version="1")
    migrating = threading.Thread(target=migrate, args=(database, NEXT))
    with journal.transaction() as transaction:
        migrating.start()
        while not waits_for_the_head(database):
            assert migrating.is_alive()
        transaction.append(draft(1))
    migrating.join()
    assert journal.head().seq == 2
    with pytest.raises(JournalUnavailable, match="upgrade this program"):
        append(journal, 2)


def waits_for_the_head(database: Database) -> bool:
    waiting = "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'postgres'"
    return database.ask(f"{waiting} AND datname = '{database.name}'") == (True,)


def test_a_migration_that_fails_leaves_everything_as_it_was(database: Database) -> None:
    journal = PostgresJournal.open(database.url("ana"), version="1")
    broken = replace(NEXT, script="CREATE TABLE weather (who text); SELECT 1 / 0;")
    with pytest.raises(JournalUnavailable, match="division by zero"):
        migrate(database, broken)
    append(journal, 1)
    assert database.ask("SELECT to_regclass('weather')") == (None,)
    assert migrate(database, NEXT) == (NEXT,)


def test_a_newer_store_is_not_migrated_by_an_older_program(database: Database) -> None:
    migrate(database, NEXT)
    with pytest.raises(JournalUnavailable, match=f"schema {NEXT.version}, which this program does not know"):
        migrate(database)


def test_a_store_that_other_files_have_made_is_left_alone(database: Database) -> None:
    database.run("UPDATE schema_version SET digest = 'aa' WHERE version = 1")
    with pytest.raises(JournalUnavailable, match="Migration 1 of the store is not the one"):
        migrate(database, NEXT)
    assert database.ask("SELECT max(version) FROM schema_version") == (SCHEMA_VERSION,)


def test_a_newer_program_asks_for_the_migration(database: Database) -> None:
    PostgresJournal.open(database.url("ana"), version="1").close()
    database.run(f"DELETE FROM schema_version WHERE version = {SCHEMA_VERSION}")
    journal = PostgresJournal.open(database.url("ana"), version="1")
    with pytest.raises(JournalUnavailable, match="store migrate"):
        append(journal, 1)


def test_two_who_migrate_at_once_do_it_once(database: Database) -> None:
    applied: list[tuple[Migration, ...]] = []
    threads = [threading.Thread(target=lambda: applied.append(migrate(database, NEXT))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(map(len, applied)) == [0, 0, 1]
