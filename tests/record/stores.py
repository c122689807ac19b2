"""The two stores of a journal, as the contract that both keep needs them: opened, tampered with, and held by others."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final, Protocol

import pytest

from nodescaler_tui.record import connection
from nodescaler_tui.record.sqlite import SqliteJournal, utc_now
from nodescaler_tui.record.stored import StoredJournal
from nodescaler_tui.record.witness import Witness

if TYPE_CHECKING:
    from tests.postgresql.databases import Database

SQLITE: Final = "sqlite"
POSTGRESQL: Final = "postgresql"
STORES: Final = (SQLITE, POSTGRESQL)


class Store(Protocol):
    """Where one journal is kept. `place` is how another process names it; `kills` how many crashes are worth trying."""

    place: str
    kills: int

    def open(
        self, *, version: str = "1", clock: Callable[[], datetime] = utc_now, witness: Witness | None = None
    ) -> StoredJournal:
        """For acting."""

    def open_for_reading(self) -> StoredJournal:
        """For looking."""

    def tamper(self, script: str) -> None:
        """Run SQL with every guard removed: what the store's owner can always do."""

    def edit(self, seq: int, old: str, new: str) -> None:
        """Replace text in the bytes of one event, without its guards."""

    def cut_from(self, seq: int) -> None:
        """Delete this event and those after it, past the one guard that stands before it."""

    def let_anybody_be_named(self) -> None:
        """From now on events may name whom they like, as those that were copied from a file do."""

    def be_impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Whoever opens the journal from now on waits for a fifth of a second only."""

    def held_by_another_program(self) -> AbstractContextManager[None]:
        """Somebody else is writing, and does not finish."""


class SqliteStore:
    """A journal in one file."""

    kills = 30

    def __init__(self, path: Path) -> None:
        self.path = path
        self.place = str(path)

    def open(
        self, *, version: str = "1", clock: Callable[[], datetime] = utc_now, witness: Witness | None = None
    ) -> SqliteJournal:
        return SqliteJournal.open(self.path, version=version, clock=clock, witness=witness)

    def open_for_reading(self) -> SqliteJournal:
        return SqliteJournal.open_for_reading(self.path)

    def tamper(self, script: str) -> None:
        with closing(sqlite3.connect(self.path)) as opened:
            for (name,) in opened.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                opened.execute(f'DROP TRIGGER "{name}"')
            opened.executescript(script)
            opened.commit()

    def edit(self, seq: int, old: str, new: str) -> None:
        self.tamper("")
        with closing(sqlite3.connect(self.path)) as opened:
            opened.execute("UPDATE event SET bytes = CAST(replace(bytes, ?, ?) AS BLOB) WHERE seq = ?", (old, new, seq))
            opened.commit()

    def cut_from(self, seq: int) -> None:
        with closing(sqlite3.connect(self.path)) as opened:
            opened.execute("DROP TRIGGER event_is_never_deleted")
            opened.execute("DELETE FROM event WHERE seq >= ?", (seq,))
            opened.commit()

    def let_anybody_be_named(self) -> None:
        """A file has no logins."""

    def be_impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(connection, "BUSY_TIMEOUT_S", 0.2)

    @contextmanager
    def held_by_another_program(self) -> Iterator[None]:
        with closing(sqlite3.connect(self.path, isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield


class PostgresStore:
    """A journal in a database of its own, opened by an operator."""

    kills = 5

    def __init__(self, database: Database) -> None:
        from nodescaler_tui.record.postgres.address import Timeouts  # noqa: PLC0415 - the other store needs no driver

        self.database = database
        self.place = database.url()
        self.timeouts = Timeouts()

    def open(
        self, *, version: str = "1", clock: Callable[[], datetime] = utc_now, witness: Witness | None = None
    ) -> StoredJournal:
        from nodescaler_tui.record.postgres.journal import PostgresJournal  # noqa: PLC0415 - as above

        return PostgresJournal.open(self.place, version=version, clock=clock, witness=witness, timeouts=self.timeouts)

    def open_for_reading(self) -> StoredJournal:
        from nodescaler_tui.record.postgres.journal import PostgresJournal  # noqa: PLC0415 - as above

        return PostgresJournal.open_for_reading(self.place, self.timeouts)

    def tamper(self, script: str) -> None:
        tables = ("event", "head", "operation")
        self.database.run(*(f"ALTER TABLE {table} DISABLE TRIGGER USER" for table in tables), script)

    def edit(self, seq: int, old: str, new: str) -> None:
        self.tamper("")
        with self.database.connect() as opened:
            text = "replace(convert_from(bytes, 'UTF8'), %s, %s)"
            opened.execute(f"UPDATE event SET bytes = convert_to({text}, 'UTF8') WHERE seq = %s", (old, new, seq))

    def cut_from(self, seq: int) -> None:
        with self.database.connect() as opened:
            opened.execute("ALTER TABLE event DISABLE TRIGGER event_is_never_changed")
            opened.execute("DELETE FROM event WHERE seq >= %s", (seq,))

    def let_anybody_be_named(self) -> None:
        self.database.run("ALTER TABLE event DISABLE TRIGGER event_names_its_writer")

    def be_impatient(self, monkeypatch: pytest.MonkeyPatch) -> None:
        from nodescaler_tui.record.postgres.address import Timeouts  # noqa: PLC0415 - as above

        monkeypatch.setattr(self, "timeouts", Timeouts(lock_s=0.2))

    @contextmanager
    def held_by_another_program(self) -> Iterator[None]:
        with self.database.connect() as other:
            other.execute("SELECT FROM head FOR UPDATE")
            yield
