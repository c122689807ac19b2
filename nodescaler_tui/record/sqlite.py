"""The journal on SQLite: append-only, hash-chained, durable before anything is done.

The rollback journal is truncated and every commit is synced (TRUNCATE, FULL): of the modes that SQLite has, this one
loses no acknowledged commit in a power cut and can still be read in a read-only directory. Connections are opened for
each use, so the journal may be called from any thread and by several processes at once.
"""

from __future__ import annotations

import os
import secrets
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from nodescaler_tui.events import Draft, Event, EventKind, JournalUnavailable
from nodescaler_tui.record.canonical import chained_hash, event_bytes, event_from, genesis_hash
from nodescaler_tui.record.schema import APPLICATION_ID, SCHEMA_VERSION, STATEMENTS

BUSY_TIMEOUT_S: Final = 10.0


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A row as it lies in the file: for verification and export, which trust nothing that was parsed."""

    seq: int
    hash: str
    canonical: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The last position and hash that a committed transaction left behind."""

    seq: int
    hash: str


class SqliteTransaction:
    """One write transaction; it holds the head row from its first statement to its end."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        row = connection.execute("UPDATE head SET seq = seq WHERE one = 1 RETURNING seq, hash").fetchone()
        if row is None:
            raise JournalUnavailable("The journal has lost its head row. Run `nodescaler-tui audit verify`.")
        self._head = Head(*row)

    def read(self, after: int) -> Sequence[Event]:
        """Every event with a position above `after`."""
        return [event_from(row.canonical, row.hash) for row in _rows(self._connection, after)]

    def append(self, draft: Draft) -> Event:
        """Add an event to the chain."""
        seq = self._head.seq + 1
        canonical = event_bytes(seq, draft)
        digest = chained_hash(self._head.hash, canonical)
        self._connection.execute("INSERT INTO event (seq, hash, bytes) VALUES (?, ?, ?)", (seq, digest, canonical))
        self._connection.execute("UPDATE head SET seq = ?, hash = ? WHERE one = 1", (seq, digest))
        self._head = Head(seq, digest)
        return event_from(canonical, digest)


class SqliteJournal:
    """The journal in one file. Opening makes it when it is not there; a file that is not ours is refused."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @classmethod
    def open(cls, path: Path, *, version: str) -> SqliteJournal:
        """Open the journal, making it with its first event when there is none. Raises JournalUnavailable."""
        journal = cls(path)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise JournalUnavailable(f"The journal's folder {path.parent} cannot be made: {error.strerror}.") from error
        if not path.exists():
            journal._create(version)
        journal.check()
        return journal

    def check(self) -> None:
        """Raises JournalUnavailable, saying what to do, when the file is not a journal that we can use."""
        with self._connection() as connection:
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if application != APPLICATION_ID:
                raise JournalUnavailable(
                    f"{self._path} is not a journal of this program. Move it away, or name another state folder."
                )
            if version > SCHEMA_VERSION:
                raise JournalUnavailable(f"{self._path} was written by a newer version; upgrade this one.")
            if connection.execute("SELECT count(*) FROM event WHERE seq = 1").fetchone()[0] != 1:
                raise JournalUnavailable(f"{self._path} has no first event. Restore it from a copy.")

    def read(self, after: int = 0) -> Sequence[Event]:
        """Every event with a position above `after`, oldest first. Raises JournalUnavailable."""
        with self._connection() as connection:
            try:
                return [event_from(row.canonical, row.hash) for row in _rows(connection, after)]
            except ValueError as error:
                raise JournalUnavailable(
                    f"The journal holds an event that cannot be read ({error}). Run `nodescaler-tui audit verify`."
                ) from error

    def stored(self) -> Iterator[StoredEvent]:
        """Every row as it lies in the file, oldest first."""
        with self._connection() as connection:
            yield from _rows(connection, 0)

    def head(self) -> Head:
        """The last position and hash."""
        with self._connection() as connection:
            row = connection.execute("SELECT seq, hash FROM head").fetchone()
        if row is None:
            raise JournalUnavailable("The journal has lost its head row. Run `nodescaler-tui audit verify`.")
        return Head(*row)

    @contextmanager
    def transaction(self) -> Iterator[SqliteTransaction]:
        """Queue up with all other writers; commit on the way out, roll back when something was raised."""
        with self._connection(writable=True) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield SqliteTransaction(connection)
                connection.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back on its own when the disk was full; a second rollback would hide that error.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise

    @contextmanager
    def _connection(self, *, writable: bool = False) -> Iterator[sqlite3.Connection]:
        try:
            connection = _connect(self._path, writable=writable)
            try:
                yield connection
            finally:
                connection.close()
        except sqlite3.Error as error:
            raise JournalUnavailable(_in_words(error, self._path)) from error

    def _create(self, version: str) -> None:
        """Make the journal beside its place and move it there whole, so that a half-made one is never seen."""
        making = self._path.with_name(f"{self._path.name}.{os.getpid()}.{secrets.token_hex(4)}.new")
        try:
            os.close(os.open(making, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            _write_genesis(making, version)
            os.link(making, self._path)
        except FileExistsError:
            return
        except OSError as error:
            raise JournalUnavailable(f"The journal {self._path} cannot be made: {error.strerror}.") from error
        except sqlite3.Error as error:
            raise JournalUnavailable(_in_words(error, self._path)) from error
        finally:
            making.unlink(missing_ok=True)


def _write_genesis(path: Path, version: str) -> None:
    installation = secrets.token_hex(16)
    connection = _connect(path, writable=True)
    try:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("BEGIN IMMEDIATE")
        for statement in STATEMENTS:
            connection.execute(statement)
        connection.execute("INSERT INTO head (one, seq, hash) VALUES (1, 0, ?)", (genesis_hash(installation),))
        opened = Draft(
            EventKind.JOURNAL_OPENED, datetime.now(UTC), fields={"installation": installation, "version": version}
        )
        SqliteTransaction(connection).append(opened)
        connection.execute("COMMIT")
    finally:
        connection.close()


def _connect(path: Path, *, writable: bool) -> sqlite3.Connection:
    mode = "rw" if writable else "ro"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None
    )
    if writable:
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA recursive_triggers = ON")
    return connection


def _rows(connection: sqlite3.Connection, after: int) -> Iterator[StoredEvent]:
    for row in connection.execute("SELECT seq, hash, bytes FROM event WHERE seq > ? ORDER BY seq", (after,)):
        yield StoredEvent(*row)


def _in_words(error: sqlite3.Error, path: Path) -> str:
    name = getattr(error, "sqlite_errorname", "")
    advice = {
        "SQLITE_FULL": "The disk is full. Free some space; nothing that was confirmed is lost.",
        "SQLITE_READONLY": f"The journal {path} cannot be written. Check the rights of its folder.",
        "SQLITE_CANTOPEN": f"The journal {path} cannot be opened. Check that it exists and may be read.",
        "SQLITE_NOTADB": f"{path} is not a journal, or its header is damaged. Restore it from a copy.",
        "SQLITE_CORRUPT": f"The journal {path} is damaged. Restore it from a copy; `audit verify` says from where on.",
        "SQLITE_BUSY": "Another program holds the journal. It will be tried again.",
    }
    for code, sentence in advice.items():
        if name.startswith(code):
            return sentence
    return f"The journal {path} cannot be used: {error}."
