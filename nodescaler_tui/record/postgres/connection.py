"""Sessions with the store: how they are opened, kept, and given up, and what to tell the operator when it says no."""

from __future__ import annotations

import select
import threading
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

import psycopg
from psycopg.pq import TransactionStatus

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres.address import Timeouts, conninfo_of, place_of
from nodescaler_tui.record.postgres.bounded import BoundedConnection
from nodescaler_tui.record.postgres.pooler import is_pooled, require_session_mode, still_has_its_backend
from nodescaler_tui.record.postgres.timeline import Timelines
from nodescaler_tui.record.postgres.words import in_words

Session = psycopg.Connection[tuple[Any, ...]]
OLDEST_SERVER: Final = 140000
MOST_KEPT: Final = 4
TIMEOUTS: Final = Timeouts()

# What was committed must be on a disk: a default that confirms sooner is overruled, one that confirms later is not.
_GREETING: Final = """
    SELECT current_setting('server_version_num')::integer,
           current_setting('server_encoding'),
           current_setting('lock_timeout')::interval = %s::interval
           AND current_setting('statement_timeout')::interval = %s::interval
           AND current_setting('idle_in_transaction_session_timeout')::interval = %s::interval,
           CASE WHEN current_setting('synchronous_commit') IN ('off', 'local')
                THEN set_config('synchronous_commit', 'on', false) END
"""


class Sessions:
    """Sessions with one store. Each is used by one thread at a time; a few are kept for whoever comes next.

    Safe from any thread. What fails is closed and never used again: whoever comes next begins anew.
    """

    def __init__(self, url: str, timeouts: Timeouts = TIMEOUTS) -> None:
        self.place = place_of(url)
        self.timeouts = timeouts
        self._conninfo = conninfo_of(url, timeouts)
        self._timelines = Timelines()
        self._kept: list[BoundedConnection] = []
        self._lock = threading.Lock()
        self._let_go = weakref.finalize(self, _close_all, self._kept)

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session outside of any transaction. Raises JournalUnavailable for whatever the server refuses."""
        with in_words(self.place):
            session = self._kept_session() or self._new_session()
            try:
                yield session
            except BaseException:
                session.close()
                if session.unanswered:
                    self.close()
                raise
            self._keep(session)

    def close(self) -> None:
        """Let all sessions go that nobody uses."""
        with self._lock:
            _close_all(self._kept)

    def _kept_session(self) -> BoundedConnection | None:
        while True:
            with self._lock:
                if not self._kept:
                    return None
                session = self._kept.pop()
            if _is_quiet(session) and still_has_its_backend(session):
                return session
            session.close()

    def _keep(self, session: BoundedConnection) -> None:
        with self._lock:
            if session.info.transaction_status is TransactionStatus.IDLE and len(self._kept) < MOST_KEPT:
                self._kept.append(session)
                return
        session.close()

    def _opened(self) -> BoundedConnection:
        session = BoundedConnection.connect(self._conninfo, autocommit=True)
        session.answer_within_s = self.timeouts.answer_s
        return session

    def _new_session(self) -> BoundedConnection:
        session = self._opened()
        try:
            if is_pooled(session):
                require_session_mode(session, self._opened, self.place)
                _take_on(session, self.timeouts)
            row = session.execute(_GREETING, tuple(self.timeouts.options().values())).fetchone()
            self._check(*(row or (0, "", False))[:3])
            self._timelines.require_newest(session, self.place)
        except BaseException:
            session.close()
            raise
        return session

    def _check(self, version: int, encoding: str, timeouts_hold: bool) -> None:
        if version < OLDEST_SERVER:
            raise JournalUnavailable(f"{self.place} is PostgreSQL {version // 10000}; it must be 14 or newer.")
        if encoding != "UTF8":
            raise JournalUnavailable(f"{self.place} keeps text as {encoding}. Make a database with encoding UTF8.")
        if not timeouts_hold:
            raise JournalUnavailable(
                f"{self.place} did not take on this session's timeouts, as behind a connection pooler. "
                "Name the server itself, or a pooler in session mode."
            )


def _take_on(session: Session, timeouts: Timeouts) -> None:
    """What a session begins with, for one whose pooler has dropped it: the session is ours for as long as it lasts."""
    for name, value in timeouts.settings().items():
        session.execute("SELECT set_config(%s, %s, false)", (name, value))


def _close_all(kept: list[BoundedConnection]) -> None:
    while kept:
        kept.pop().close()


def _is_quiet(session: Session) -> bool:
    """Whether a kept session has nothing to say. A server that went away leaves an end of file, which is something."""
    if session.closed:
        return False
    poll = select.poll()
    poll.register(session.fileno(), select.POLLIN)
    return not poll.poll(0)
