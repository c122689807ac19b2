"""Reading the rows of a journal's SQLite file; one that was tampered with may hold any type, or nothing."""

from __future__ import annotations

import sqlite3
from typing import Final

from nodescaler_tui.record.rows import PAGE_LENGTH, Head, Page, StoredEvent

NO_LIMIT: Final = -1


def page_of(connection: sqlite3.Connection, after: int) -> Page:
    """The next rows and the head, read in one snapshot."""
    connection.execute("BEGIN")
    try:
        return Page(rows_of(connection, after, PAGE_LENGTH), head_of(connection))
    finally:
        connection.execute("COMMIT")


def head_of(connection: sqlite3.Connection) -> Head | None:
    """The head row, None when it is lost."""
    row = connection.execute(
        "SELECT coalesce(CAST(seq AS INTEGER), 0), coalesce(CAST(hash AS TEXT), '') FROM head"
    ).fetchone()
    return None if row is None else Head(*row)


def rows_of(connection: sqlite3.Connection, after: int, limit: int = NO_LIMIT) -> tuple[StoredEvent, ...]:
    """Rows above a position, oldest first; one that was tampered with may hold any type, or nothing."""
    rows = connection.execute(
        "SELECT seq, coalesce(CAST(hash AS TEXT), ''), coalesce(CAST(bytes AS BLOB), x'')"
        " FROM event WHERE seq > ? ORDER BY seq LIMIT ?",
        (after, limit),
    )
    return tuple(StoredEvent(*row) for row in rows.fetchall())
