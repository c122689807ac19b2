"""Connections to a journal's file: how it is opened, and what to tell the operator when SQLite says no."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.guards import give_guards

BUSY_TIMEOUT_S: Final = 10.0


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that changes nothing. Raises JournalUnavailable.

    It is opened for writing where that is allowed: after a crash the first one to come has to undo the interrupted
    write, and a connection that may only read can neither undo it nor read past it.
    """
    with _connection(path) as connection:
        connection.execute("PRAGMA query_only = ON")
        yield connection


@contextmanager
def writing(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection on which a commit returns when it is on the disk. Raises JournalUnavailable."""
    with _connection(path) as connection:
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA recursive_triggers = ON")
        give_guards(connection)
        yield connection


@contextmanager
def _connection(path: Path) -> Iterator[sqlite3.Connection]:
    try:
        connection = sqlite3.connect(
            f"{path.absolute().as_uri()}?mode=rw", uri=True, timeout=BUSY_TIMEOUT_S, isolation_level=None
        )
        try:
            # What is not text any more belongs to a damaged row: it is the chain that has to say so.
            connection.text_factory = lambda raw: raw.decode(errors="replace")
            yield connection
        finally:
            connection.close()
    except sqlite3.Error as error:
        raise JournalUnavailable(_in_words(error, path)) from error


def _in_words(error: sqlite3.Error, path: Path) -> str:
    name = getattr(error, "sqlite_errorname", "")
    advice = {
        "SQLITE_FULL": f"The disk of {path} is full. Free some space; nothing that was confirmed is lost.",
        "SQLITE_READONLY_ROLLBACK": (
            f"A write to {path} was interrupted and must be undone, which its folder does not allow. "
            "Allow writing to the folder, or copy the journal and its -journal file elsewhere."
        ),
        "SQLITE_READONLY": f"The journal {path} cannot be written. Check the rights of the file and its folder.",
        "SQLITE_IOERR_WRITE": f"{path} could not be written. Check the disk's space, quotas and limits.",
        "SQLITE_IOERR": f"The disk failed while {path} was used ({name}). Nothing that was confirmed is lost.",
        "SQLITE_CANTOPEN": f"The journal {path} cannot be opened. Check that it exists, and the rights of its folder.",
        "SQLITE_NOTADB": f"{path} is not a journal, or its header is damaged. Restore it from a copy.",
        "SQLITE_CORRUPT": f"The journal {path} is damaged. Restore it from a copy; `audit verify` says from where on.",
        "SQLITE_BUSY": f"Another program has held {path} for {BUSY_TIMEOUT_S:.0f} s. Nothing was written; try again.",
    }
    for code, sentence in advice.items():
        if name.startswith(code):
            return sentence
    return f"The journal {path} cannot be used: {error}."
