"""The history's file: how it is opened and made, one writer at a time, and what to tell when it cannot be used.

It is written ahead (WAL) and synced only at checkpoints: a killed process loses nothing, a power cut the last minutes.
SQLite before 3.51.3 can damage such a file when two connections write at once, so every writer, checkpoint included,
first takes its turn through a lock beside the file. A reader opens it so that it cannot write at all.
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final

from nodescaler_tui.record.history.schema import APPLICATION_ID, PAGE_BYTES, SCHEMA_VERSION, STATEMENTS

TURN_WITHIN_S: Final = 2.0
TURN_TRIED_EVERY_S: Final = 0.005
CHECKPOINT_PAGES: Final = 256
DAMAGED: Final = ("SQLITE_CORRUPT", "SQLITE_NOTADB")


class HistoryUnavailable(Exception):  # noqa: N818 - the name is the sentence that the operator reads first
    """The history cannot be written or read: why, and what to do."""


class KeptElsewhere(HistoryUnavailable):
    """Another process keeps this history."""


class HistoryDamaged(HistoryUnavailable):
    """The file is not what was written; it can be moved aside and begun anew."""


@contextmanager
def keeping(path: Path) -> Iterator[None]:
    """The right to keep this history, for one process at a time. Raises HistoryUnavailable."""
    with _alone(path.with_name(f"{path.name}.keeper"), f"Another process keeps {path}; this one only reads it."):
        yield


@contextmanager
def importing(path: Path) -> Iterator[None]:
    """The right to import into this history, for one process at a time. Raises HistoryUnavailable."""
    with _alone(
        path.with_name(f"{path.name}.importer"), f"Another process imports into {path}. Wait until it is done."
    ):
        yield


@contextmanager
def _alone(lock: Path, otherwise: str) -> Iterator[None]:
    descriptor = _lock_file(lock)
    try:
        if not _locked(descriptor):
            raise KeptElsewhere(otherwise)
        yield
    finally:
        os.close(descriptor)


@contextmanager
def turn(path: Path) -> Iterator[None]:
    """The turn to write. Raises HistoryUnavailable when another program does not give it back."""
    descriptor = _lock_file(path.with_name(f"{path.name}.lock"))
    try:
        give_up_at = time.monotonic() + TURN_WITHIN_S
        while not _locked(descriptor):
            if time.monotonic() > give_up_at:
                raise HistoryUnavailable(f"Another program has held {path} for {TURN_WITHIN_S:.0f} s.")
            time.sleep(TURN_TRIED_EVERY_S)
        yield
    finally:
        os.close(descriptor)


def _locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _lock_file(path: Path) -> int:
    try:
        return os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise HistoryUnavailable(f"{path} cannot be opened: {error.strerror}.") from error


def open_for_writing(path: Path) -> sqlite3.Connection:
    """A connection of our own schema, made where there is none; the caller has the turn. Raises HistoryUnavailable."""
    try:
        os.close(os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600))
    except OSError as error:
        raise HistoryUnavailable(f"{path} cannot be written: {error.strerror}.") from error
    with in_words(path):
        connection = sqlite3.connect(path, timeout=TURN_WITHIN_S, isolation_level=None, check_same_thread=False)
        try:
            connection.execute(f"PRAGMA page_size = {PAGE_BYTES}")
            _be_ours(connection, path)
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
            connection.execute(f"PRAGMA wal_autocheckpoint = {CHECKPOINT_PAGES}")
        except BaseException:
            connection.close()
            raise
    return connection


def _be_ours(connection: sqlite3.Connection, path: Path) -> None:
    if _is_empty(connection):
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        for statement in STATEMENTS:
            connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("COMMIT")
    _check(connection, path)


def _is_empty(connection: sqlite3.Connection) -> bool:
    tables: int = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()[0]
    application: int = connection.execute("PRAGMA application_id").fetchone()[0]
    return tables == 0 and application == 0


def _check(connection: sqlite3.Connection, path: Path) -> None:
    if connection.execute("PRAGMA application_id").fetchone()[0] != APPLICATION_ID:
        raise HistoryUnavailable(f"{path} is not a history of this program. Move it away.")
    if connection.execute("PRAGMA user_version").fetchone()[0] > SCHEMA_VERSION:
        raise HistoryUnavailable(f"{path} was written by a newer version; upgrade this one, or move it away.")


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that cannot write. Raises HistoryUnavailable, also where none was begun yet."""
    try:
        there = path.exists()
    except OSError as error:
        raise HistoryUnavailable(f"{path} cannot be reached: {error.strerror}.") from error
    if not there:
        raise HistoryUnavailable(f"There is no history at {path} yet.")
    with (
        in_words(path),
        closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, timeout=TURN_WITHIN_S)) as connection,
    ):
        if _is_empty(connection):
            raise HistoryUnavailable(f"There is no history at {path} yet.")
        _check(connection, path)
        connection.execute("BEGIN")
        yield connection


@contextmanager
def in_words(path: Path) -> Iterator[None]:
    """What SQLite says, as a sentence. Raises HistoryUnavailable."""
    try:
        yield
    except sqlite3.Error as error:
        name = getattr(error, "sqlite_errorname", "")
        if name.startswith(DAMAGED):
            raise HistoryDamaged(f"The history {path} is damaged.") from error
        raise HistoryUnavailable(_sentence(name, error, path)) from error


def _sentence(name: str, error: sqlite3.Error, path: Path) -> str:
    advice = {
        "SQLITE_FULL": f"The disk of {path} is full.",
        "SQLITE_READONLY": f"{path} cannot be written. Check the rights of the file and its folder.",
        "SQLITE_IOERR": f"The disk failed while {path} was used, or its space or quota is used up.",
        "SQLITE_CANTOPEN": f"{path} cannot be opened. Check the rights of its folder.",
        "SQLITE_BUSY": f"Another program has held {path} for {TURN_WITHIN_S:.0f} s.",
    }
    return next(
        (sentence for code, sentence in advice.items() if name.startswith(code)), f"{path} cannot be used: {error}."
    )


def moved_aside(path: Path, now: datetime) -> Path:
    """Move a damaged file away, with what belongs to it; where it is now. Raises HistoryUnavailable."""
    aside = path.with_name(f"{path.name}.damaged-{now:%Y%m%d-%H%M%S}")
    try:
        for suffix in ("-wal", "-shm", ""):
            file = path.with_name(path.name + suffix)
            if file.exists():
                file.replace(aside.with_name(aside.name + suffix))
    except OSError as error:
        raise HistoryUnavailable(f"{path} is damaged and cannot be moved aside: {error.strerror}.") from error
    return aside


def begin_anew(path: Path) -> None:
    """Remove a history that nobody needs any more. Raises HistoryUnavailable, also while another process keeps it."""
    with keeping(path), turn(path):
        try:
            for suffix in ("-wal", "-shm", ""):
                path.with_name(path.name + suffix).unlink(missing_ok=True)
        except OSError as error:
            raise HistoryUnavailable(f"{path} cannot be begun anew: {error.strerror}.") from error
