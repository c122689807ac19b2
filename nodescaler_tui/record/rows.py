"""The rows of a journal's file as they lie there, page by page: nothing in them is trusted yet."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from nodescaler_tui.events import Event, JournalUnavailable
from nodescaler_tui.record.canonical import event_from

PAGE_LENGTH: Final = 1000
BEFORE_ALL: Final = -(2**63)
NO_LIMIT: Final = -1


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


@dataclass(frozen=True, slots=True)
class Page:
    """Rows that follow one another, and the head as it was at the same moment (None when the file has lost it)."""

    rows: tuple[StoredEvent, ...]
    head: Head | None

    @property
    def last(self) -> bool:
        """Whether nothing came after these rows when they were read."""
        return len(self.rows) < PAGE_LENGTH


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


def events_in(rows: Iterable[StoredEvent]) -> list[Event]:
    """Read rows as events. Raises JournalUnavailable, naming the position, for one that is none."""
    events: list[Event] = []
    for row in rows:
        try:
            events.append(event_from(row.canonical, row.hash))
        except ValueError as error:
            raise JournalUnavailable(
                f"The event at position {row.seq} cannot be read. Run `nodescaler-tui audit verify`."
            ) from error
    return events
