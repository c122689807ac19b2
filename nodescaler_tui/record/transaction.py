"""One write transaction on the journal: what is read in it holds until it ends, what is added is chained."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence

from nodescaler_tui.events import Draft, Event, JournalUnavailable
from nodescaler_tui.record.canonical import chained_hash, event_bytes, event_from
from nodescaler_tui.record.file_rows import rows_of
from nodescaler_tui.record.rows import LOST_HEAD, Head, events_in


class SqliteTransaction:
    """One write transaction; it holds the head row from its first statement to its end."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        taken = connection.execute("UPDATE head SET seq = seq WHERE one = 1 RETURNING seq, hash").fetchall()
        if not taken:
            raise JournalUnavailable(LOST_HEAD)
        self._head = Head(*taken[0])
        self.has_written = False

    @property
    def head(self) -> Head:
        """The position and hash that the chain ends at, with what was added."""
        return self._head

    def read(self, after: int) -> Sequence[Event]:
        """Every event with a position above `after`."""
        return events_in(rows_of(self._connection, after))

    def append(self, draft: Draft) -> Event:
        """Add an event; it is durable once the transaction has ended without an exception. Raises NotCanonical."""
        seq = self._head.seq + 1
        canonical = event_bytes(seq, draft)
        digest = chained_hash(self._head.hash, canonical)
        self._connection.execute("INSERT INTO event (seq, hash, bytes) VALUES (?, ?, ?)", (seq, digest, canonical))
        self._connection.execute("UPDATE head SET seq = ?, hash = ? WHERE one = 1", (seq, digest))
        self._head, self.has_written = Head(seq, digest), True
        return event_from(canonical, digest)
