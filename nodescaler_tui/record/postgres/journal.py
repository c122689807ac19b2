"""The journal on PostgreSQL: one for a whole team, append-only, hash-chained, durable before anything is done.

Every write transaction first takes the head row, so that all writers of all hosts stand in one queue and positions have
no gap. Whoever writes may insert events and nothing else; the head moves by itself.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from nodescaler_tui.events import Draft, Event, EventKind, JournalUnavailable
from nodescaler_tui.record.postgres.address import Timeouts
from nodescaler_tui.record.postgres.connection import TIMEOUTS, Session, Sessions
from nodescaler_tui.record.postgres.past import SeenPast
from nodescaler_tui.record.postgres.rows import beginning_of, end_of, hash_at, head_of, page_of, rows_of
from nodescaler_tui.record.postgres.schema import SCHEMA_VERSION
from nodescaler_tui.record.postgres.transaction import Fence, PostgresTransaction, begin
from nodescaler_tui.record.rows import BEFORE_ALL, LOST_HEAD, Head, Page, StoredEvent, events_in
from nodescaler_tui.record.witness import Witness

NOT_BEGUN: Final = "The store holds no journal yet: `store copy` puts one there, or the first engine to act begins one."


def utc_now() -> datetime:
    """The wall clock, for the moment at which a journal was begun."""
    return datetime.now(UTC)


class PostgresJournal:
    """The journal in one store. Opening it for acting begins it; a store that is not ours is refused."""

    def __init__(self, sessions: Sessions, witness: Witness | None = None, fence: Fence | None = None) -> None:
        self._sessions = sessions
        self._past = SeenPast(witness)
        self._fence = fence

    @classmethod
    def open(
        cls,
        url: str,
        *,
        version: str,
        clock: Callable[[], datetime] = utc_now,
        witness: Witness | None = None,
        timeouts: Timeouts = TIMEOUTS,
    ) -> PostgresJournal:
        """The same with sessions of its own, for whoever carries no operation out. Raises JournalUnavailable."""
        return cls.open_over(Sessions(url, timeouts), version=version, clock=clock, witness=witness)

    @classmethod
    def open_over(
        cls,
        sessions: Sessions,
        *,
        version: str,
        clock: Callable[[], datetime] = utc_now,
        witness: Witness | None = None,
        fence: Fence | None = None,
    ) -> PostgresJournal:
        """Open the journal for acting, and begin it with its first event when there is none. Raises JournalUnavailable.

        Who may only look, and whoever knows only an older schema, can open it too; each transaction is refused. A
        witness is told each commit's head, and a journal against which it speaks is refused. A fence stands before
        every event about an operation.
        """
        journal = cls(sessions, witness, fence)
        journal.check_witness()
        journal.begin(version, clock())
        journal.check()
        journal.check_rights()
        journal.check_whole()
        return journal

    @classmethod
    def open_for_reading(cls, url: str, timeouts: Timeouts = TIMEOUTS) -> PostgresJournal:
        """Open a journal that must be there, damaged or not. Raises JournalUnavailable when there is none of ours."""
        journal = cls(Sessions(url, timeouts))
        journal.check()
        return journal

    def begin(self, version: str, at: datetime) -> None:
        """Append the first event, unless somebody else was faster. Raises JournalUnavailable."""
        with self._sessions.session() as session:
            if beginning_of(session)[1]:
                return
            begin(session)
            installation = secrets.token_hex(16)
            session.execute("SELECT begin_journal(%s, %s)", (SCHEMA_VERSION, installation))
            transaction = PostgresTransaction(session)
            if transaction.head.seq == 0:
                named = {"installation": installation, "version": version}
                transaction.append(Draft(EventKind.JOURNAL_OPENED, at, fields=named))
            transaction.commit(self._sessions)

    def check(self) -> None:
        """Raises JournalUnavailable, saying what to do, when there is no journal that we can read."""
        with self._sessions.session() as session:
            whole, begun = beginning_of(session)
        if whole:
            return
        if begun:
            raise JournalUnavailable(f"{self._sessions.place} has no first event. Restore it from a backup.")
        raise JournalUnavailable(NOT_BEGUN)

    def check_rights(self) -> None:
        """Raises JournalUnavailable for whoever could change or delete events: nobody acts with such rights."""
        with self._sessions.session() as session:
            user, powerful = _powers(session)
        if powerful:
            raise JournalUnavailable(
                f"{user} may change or delete events at {self._sessions.place}. Nobody acts with such rights: log in "
                "as a member of nodescaler_operator."
            )

    def check_whole(self) -> None:
        """Raises JournalUnavailable when the journal does not end where it says; nothing may follow then."""
        with self._sessions.session() as session:
            head, last = end_of(session)
        if head is None:
            raise JournalUnavailable(LOST_HEAD)
        if last != head:
            raise JournalUnavailable(
                f"The last event at {self._sessions.place} is not the one that its head names: it was cut, or written "
                "by another program. Run `nodescaler-tui audit verify`, then restore it from a backup."
            )

    def check_witness(self) -> None:
        """Raises JournalUnavailable when the journal is older than, or other than, what was witnessed of it."""
        with self._sessions.session() as session:
            self._past.check_witness(session)

    def hash_at(self, seq: int) -> str | None:
        """The hash of the event at this position, None when there is none. Raises JournalUnavailable."""
        with self._sessions.session() as session:
            return hash_at(session, seq)

    def read(self, after: int = 0) -> Sequence[Event]:
        """Every event with a position above `after`, oldest first.

        Raises JournalUnavailable, also when the journal does not hold any more what was seen of it before.
        """
        events: list[Event] = []
        while True:
            seen = self._past.newest
            with self._sessions.session() as session:
                page = page_of(session, after)
                self._past.require(session, seen, page.head)
            events.extend(events_in(page.rows))
            if page.last:
                break
            after = page.rows[-1].seq
        if events:
            self._past.saw(Head(events[-1].seq, events[-1].hash))
        return events

    def pages(self, after: int = BEFORE_ALL) -> Iterator[Page]:
        """Every row as it lies in the store, oldest first, and at least one page. Raises JournalUnavailable.

        No session is held between two pages, so a slow reader holds up nobody.
        """
        while True:
            with self._sessions.session() as session:
                page = page_of(session, after)
            yield page
            if page.last:
                return
            after = page.rows[-1].seq

    def stored(self) -> Iterator[StoredEvent]:
        """The same, row by row."""
        for page in self.pages():
            yield from page.rows

    def installation(self) -> str:
        """The installation that the first event names, empty when it is lost. Raises JournalUnavailable."""
        with self._sessions.session() as session:
            first = events_in(rows_of(session, 0, 1))
        named = first[0].fields.get("installation") if first else ""
        return named if isinstance(named, str) else ""

    def head(self) -> Head:
        """The last position and hash. Raises JournalUnavailable."""
        with self._sessions.session() as session:
            head = head_of(session)
        if head is None:
            raise JournalUnavailable(LOST_HEAD)
        return head

    @contextmanager
    def transaction(self) -> Iterator[PostgresTransaction]:
        """Queue up with all other writers; commit on the way out, roll back when something was raised."""
        seen = self._past.newest
        with self._sessions.session() as session:
            begin(session)
            transaction = PostgresTransaction(session, self._fence)
            self._past.require(session, seen, transaction.head)
            yield transaction
            transaction.commit(self._sessions)
        if transaction.has_written:
            self._past.saw(transaction.head)

    def close(self) -> None:
        """Let go of the sessions that are kept."""
        self._sessions.close()


def _powers(session: Session) -> tuple[str, bool]:
    """Who we are to the server, and whether we could change or delete an event."""
    row = session.execute(
        "SELECT current_user, bool_or(has_table_privilege('event', power))"
        " FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE']) AS power"
    ).fetchone()
    return ("", True) if row is None else (str(row[0]), bool(row[1]))
