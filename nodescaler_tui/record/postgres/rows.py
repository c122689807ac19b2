"""Reading the rows of a journal on PostgreSQL. A page is one statement: its rows and its head are of one moment."""

from __future__ import annotations

from typing import Final

from nodescaler_tui.record.postgres.connection import Session
from nodescaler_tui.record.rows import PAGE_LENGTH, Head, Page, StoredEvent

_PAGE: Final = """
    SELECT head.seq, head.hash, later.seq, later.hash, later.bytes
    FROM (SELECT 1) AS always
    LEFT JOIN head ON true
    LEFT JOIN (SELECT seq, hash, bytes FROM event WHERE seq > %s ORDER BY seq LIMIT %s) AS later ON true
    ORDER BY later.seq
"""

_BEGINNING: Final = """
    SELECT EXISTS (SELECT FROM event WHERE seq = 1), EXISTS (SELECT FROM event) OR EXISTS (SELECT FROM head)
"""
_END: Final = """
    SELECT head.seq, head.hash, last.seq, last.hash
    FROM (SELECT 1) AS always
    LEFT JOIN head ON true
    LEFT JOIN (SELECT seq, hash FROM event ORDER BY seq DESC LIMIT 1) AS last ON true
"""


def page_of(session: Session, after: int) -> Page:
    """The next rows and the head, read in one snapshot."""
    rows = session.execute(_PAGE, (after, PAGE_LENGTH)).fetchall()
    head = None if rows[0][0] is None else Head(rows[0][0], rows[0][1])
    return Page(tuple(StoredEvent(*row[2:]) for row in rows if row[2] is not None), head)


def head_of(session: Session) -> Head | None:
    """The head row, None when it is lost or the journal has not begun."""
    row = session.execute("SELECT seq, hash FROM head").fetchone()
    return None if row is None else Head(*row)


def beginning_of(session: Session) -> tuple[bool, bool]:
    """Whether there is a first event, and whether there is anything of a journal at all."""
    row = session.execute(_BEGINNING).fetchone()
    return (False, False) if row is None else (bool(row[0]), bool(row[1]))


def end_of(session: Session) -> tuple[Head | None, Head | None]:
    """Where the head says that the journal ends, and where it does; both of one moment, whoever writes meanwhile."""
    head_seq, head_hash, last_seq, last_hash = session.execute(_END).fetchall()[0]
    return (
        None if head_seq is None else Head(head_seq, head_hash),
        None if last_seq is None else Head(last_seq, last_hash),
    )


def rows_of(session: Session, after: int, limit: int | None = None) -> tuple[StoredEvent, ...]:
    """Rows above a position, oldest first."""
    rows = session.execute("SELECT seq, hash, bytes FROM event WHERE seq > %s ORDER BY seq LIMIT %s", (after, limit))
    return tuple(StoredEvent(*row) for row in rows.fetchall())


def hash_at(session: Session, seq: int) -> str | None:
    """The hash of the event at this position, None when there is none."""
    row = session.execute("SELECT hash FROM event WHERE seq = %s", (seq,)).fetchone()
    return None if row is None else str(row[0])
