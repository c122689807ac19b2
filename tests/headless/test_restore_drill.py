"""The restore drill of docs/team.md: a backup is one once it was restored, and `audit verify` has said so."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import psycopg
import pytest

from nodescaler_tui.events import Draft, EventKind, JournalUnavailable
from nodescaler_tui.headless import audit, store
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.witness import Witness
from nodescaler_tui.settings import load_settings
from tests.postgresql.backups import dump, restore
from tests.postgresql.databases import Database
from tests.postgresql.server import Server

Captured = pytest.CaptureFixture[str]
NOON: Final = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@pytest.fixture
def restored(postgresql: Server, database: Database, tmp_path: Path) -> Iterator[Callable[[], Database]]:
    """Dumps the store as it is now, by a login that may only read, and restores it into an empty database."""
    keeper, copy = f"keeper_{os.getpid()}", Database(postgresql, f"{database.name}_restored")
    postgresql.run(
        f"CREATE ROLE {keeper} LOGIN IN ROLE pg_read_all_data", f"CREATE DATABASE {copy.name} TEMPLATE template0"
    )

    def restored() -> Database:
        dump(database.url(keeper), tmp_path / "ops.dump")
        restore(copy.url("postgres"), tmp_path / "ops.dump")
        return copy

    yield restored
    postgresql.run(f"DROP DATABASE {copy.name} WITH (FORCE)", f"DROP ROLE {keeper}")


def write(journal: PostgresJournal, count: int) -> None:
    for number in range(count):
        with journal.transaction() as transaction:
            transaction.append(Draft(EventKind.PLAN_REFUSED, NOON, "ana@ops", "group-1", fields={"nodes": number}))


def test_a_dump_that_was_restored_elsewhere_verifies_goes_on_and_is_guarded(
    database: Database, restored: Callable[[], Database], monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    journal = PostgresJournal.open(database.url("ana"), version="1")
    write(journal, 3)
    copy = restored()

    monkeypatch.setenv("NODESCALER_STORE_URL", copy.url("vic"))
    assert audit.main(["verify"]) == 0
    assert journal.head().hash[:16] in capsys.readouterr().out
    store.main(["check"])
    said = capsys.readouterr().out
    assert "ok    schema" in said
    assert "ok    journal" in said

    goes_on = PostgresJournal.open(copy.url("ana"), version="1")
    write(goes_on, 1)
    assert goes_on.head().seq == journal.head().seq + 1
    with pytest.raises(psycopg.errors.RaiseException):
        copy.run("DELETE FROM event WHERE seq = 2")


def test_a_backup_from_before_the_last_confirmed_event_stops_acting_until_somebody_accepts_it(
    database: Database, restored: Callable[[], Database], monkeypatch: pytest.MonkeyPatch
) -> None:
    witness = Witness(load_settings().paths.witness)
    journal = PostgresJournal.open(database.url("ana"), version="1", witness=witness)
    write(journal, 1)
    copy = restored()
    write(journal, 1)

    monkeypatch.setenv("NODESCALER_STORE_URL", copy.url("ana"))
    with pytest.raises(JournalUnavailable, match="an old copy was put back"):
        PostgresJournal.open(copy.url("ana"), version="1", witness=witness)
    assert audit.main(["verify"]) == 1
    assert audit.main(["accept", "--reason", "restored the night's backup after the disk died"]) == 0
    assert audit.main(["verify"]) == 0
    write(PostgresJournal.open(copy.url("ana"), version="1", witness=witness), 1)
