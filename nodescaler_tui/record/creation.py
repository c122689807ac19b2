"""Making a journal: beside its place, whole, and moved there in one step, so that a half-made one is never seen."""

from __future__ import annotations

import os
import secrets
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from nodescaler_tui.events import Draft, EventKind, JournalUnavailable
from nodescaler_tui.record.canonical import genesis_hash
from nodescaler_tui.record.connection import writing
from nodescaler_tui.record.schema import APPLICATION_ID, SCHEMA_VERSION, STATEMENTS
from nodescaler_tui.record.transaction import SqliteTransaction


def create_journal(path: Path, version: str, at: datetime) -> None:
    """Make the journal with its first event, unless somebody else was faster. Raises JournalUnavailable."""
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=f".{path.name}.", dir=path.parent) as folder:
            making = Path(folder, path.name)
            os.close(os.open(making, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
            _begin(making, version, at)
            os.link(making, path)
        _sync(path.parent)
    except FileExistsError:
        return
    except OSError as error:
        raise JournalUnavailable(f"The journal {path} cannot be made: {error.strerror}.") from error


def _begin(path: Path, version: str, at: datetime) -> None:
    installation = secrets.token_hex(16)
    opened = Draft(EventKind.JOURNAL_OPENED, at, fields={"installation": installation, "version": version})
    with writing(path) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        connection.execute("BEGIN IMMEDIATE")
        for statement in STATEMENTS:
            connection.execute(statement)
        connection.execute("INSERT INTO head (one, seq, hash) VALUES (1, 0, ?)", (genesis_hash(installation),))
        SqliteTransaction(connection).append(opened)
        connection.execute("COMMIT")


def _sync(directory: Path) -> None:
    """The name of a new file is on the disk only when its directory is."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
