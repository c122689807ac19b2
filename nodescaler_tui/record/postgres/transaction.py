"""One write transaction on PostgreSQL: it holds the head row, and how it ended is never left open."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import psycopg

from nodescaler_tui.events import Draft, Event, JournalUnavailable, OutcomeUnknown
from nodescaler_tui.record.canonical import chained_hash, event_bytes, event_from
from nodescaler_tui.record.postgres.connection import Session, Sessions
from nodescaler_tui.record.postgres.rows import hash_at, rows_of
from nodescaler_tui.record.postgres.schema import SCHEMA_VERSION
from nodescaler_tui.record.rows import LOST_HEAD, Head, events_in


def begin(session: Session) -> None:
    """Begin a transaction whose every statement sees what others have committed before it."""
    try:
        session.execute("BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE")
    except psycopg.errors.FeatureNotSupported as error:  # a replica's word for it
        raise psycopg.errors.ReadOnlySqlTransaction(str(error)) from error


Fence = Callable[[Session], None]
"""Asked within a transaction before its first event about an operation; raises when its writer may not write that."""


class PostgresTransaction:
    """One write transaction; it holds the head row from its first statement to its end."""

    def __init__(self, session: Session, fence: Fence | None = None) -> None:
        self._session = session
        self._fence = fence
        taken = session.execute("SELECT seq, hash FROM take_head(%s)", (SCHEMA_VERSION,)).fetchone()
        if taken is None:
            raise JournalUnavailable(LOST_HEAD)
        self._head = Head(*taken)
        self.has_written = False

    @property
    def head(self) -> Head:
        """The position and hash that the chain ends at, with what was added."""
        return self._head

    def read(self, after: int) -> Sequence[Event]:
        """Every event with a position above `after`."""
        return events_in(rows_of(self._session, after))

    def append(self, draft: Draft) -> Event:
        """Add an event; it is durable once the transaction has ended without an exception. Raises NotCanonical."""
        if draft.operation_id and self._fence is not None:
            self._fence(self._session)
            self._fence = None
        seq = self._head.seq + 1
        canonical = event_bytes(seq, draft)
        digest = chained_hash(self._head.hash, canonical)
        self._session.execute("INSERT INTO event (seq, hash, bytes) VALUES (%s, %s, %s)", (seq, digest, canonical))
        self._head, self.has_written = Head(seq, digest), True
        return event_from(canonical, digest)

    def commit(self, sessions: Sessions) -> None:
        """End it. When the answer is lost on the way, the journal itself is asked. Raises JournalUnavailable."""
        try:
            ended = self._session.execute("COMMIT").statusmessage
        except psycopg.OperationalError:
            if not self.has_written or not _was_committed(sessions, self._head):
                raise
            return
        if ended != "COMMIT":
            raise JournalUnavailable(f"{sessions.place} undid the transaction after a refusal. Nothing was written.")


def _was_committed(sessions: Sessions, head: Head) -> bool:
    """Whether the journal holds this event. The head is taken first: so the transaction in question has ended."""
    try:
        with sessions.session() as session:
            begin(session)
            PostgresTransaction(session)
            found = hash_at(session, head.seq)
            session.execute("ROLLBACK")
    except JournalUnavailable as error:
        raise OutcomeUnknown(
            f"{sessions.place} was lost while it confirmed: whether event {head.seq} was written, the journal says "
            "once it can be read again."
        ) from error
    return found == head.hash
