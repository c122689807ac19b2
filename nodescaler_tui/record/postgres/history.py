"""The history on PostgreSQL: one for a whole team, kept by whoever polls for all, and read by everybody.

Each poll is one transaction that inserts and does nothing else. Whoever writes stands in one queue, asks its fence
within the transaction, and begins anew from what is stored once somebody else has written.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

import psycopg

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.history.connection import HistoryUnavailable, KeptElsewhere
from nodescaler_tui.record.history.contents import Contents
from nodescaler_tui.record.history.figures import Poll
from nodescaler_tui.record.history.reader import HistoryReader
from nodescaler_tui.record.history.recorder import PollRecorder
from nodescaler_tui.record.history.tiers import COARSEST_FIRST, DAY_S, Retention
from nodescaler_tui.record.postgres.connection import Session, Sessions
from nodescaler_tui.record.postgres.history_contents import contents_of
from nodescaler_tui.record.postgres.history_rows import PostgresRows, all_of
from nodescaler_tui.record.postgres.history_tables import PostgresTables, take_turn
from nodescaler_tui.record.postgres.lease import LeaseLost
from nodescaler_tui.record.postgres.transaction import begin

Fence = Callable[[Session], None]
"""Asked within each transaction before it ends. Raises LeaseLost when somebody else is to keep the history now."""

_KEPT: Final = "SELECT tier, days FROM history_retention"


class SharedHistory:
    """The history in one store, for whoever looks back."""

    def __init__(self, sessions: Sessions) -> None:
        self.place = sessions.place
        self._sessions = sessions

    @contextmanager
    def reading(self) -> Iterator[HistoryReader]:
        """Answers while it is open, each from what the store holds at that moment. Raises HistoryUnavailable."""
        with history_session(self._sessions) as session:
            yield HistoryReader(PostgresRows(session))

    def contents(self) -> Contents:
        """What it holds, and what that takes on the server's disk. Raises HistoryUnavailable."""
        with history_session(self._sessions) as session:
            return contents_of(session)


class SharedHistoryWriter:
    """Keeps the history of one store. For how long what is kept, the store itself says.

    It may be called from any thread, but from one at a time. What fails is forgotten: the next poll begins from what is
    stored.
    """

    def __init__(self, sessions: Sessions, fence: Fence) -> None:
        self._sessions = sessions
        self._fence = fence
        self._recorder: PollRecorder | None = None
        self._tables: PostgresTables | None = None
        self._days: set[int] = set()
        self._tidied_on = -1

    def add(self, poll: Poll) -> None:
        """Store one poll. Raises HistoryUnavailable, and KeptElsewhere once the fence is lost."""
        if not poll.groups:
            return
        day = int(poll.at_s // DAY_S)
        try:
            with history_session(self._sessions) as session:
                self._provide(session, day)
                self._store(session, poll)
                self._tidy(session, day)
        except LeaseLost as error:
            self.close()
            raise KeptElsewhere(f"Another program keeps the history at {self._sessions.place}.") from error
        except BaseException:
            self.close()
            raise

    def close(self) -> None:
        """Forget what is known of the store."""
        self._recorder, self._tables, self._tidied_on = None, None, -1
        self._days.clear()

    def _provide(self, session: Session, day: int) -> None:
        if not self._days:
            self._days.update(held for (held,) in all_of(session, "SELECT history_days('history_poll')"))
        if day not in self._days:
            session.execute("SELECT provide_history_day(%s)", (day,))
            self._days.add(day)

    def _store(self, session: Session, poll: Poll) -> None:
        begin(session)
        progress = take_turn(session)
        if self._tables is None or self._recorder is None or self._recorder.seq != progress.seq:
            self._tables = PostgresTables(session, progress)
            self._recorder = PollRecorder(self._tables, retention_of(session))
        self._tables.session = session
        # On their way at once: the server's answers are waited for together.
        with session.pipeline():
            self._recorder.record(poll)
        # Last of all: a lease that is asked for cannot be renewed until the transaction has ended.
        self._fence(session)
        if session.execute("COMMIT").statusmessage != "COMMIT":
            raise HistoryUnavailable(f"{self._sessions.place} undid the transaction. The poll was not stored.")

    def _tidy(self, session: Session, day: int) -> None:
        """Once a day the next one is made, and old ones go; those that somebody was reading with the next poll."""
        if self._tidied_on == day:
            return
        self._provide(session, day + 1)
        ((remaining,),) = all_of(session, "SELECT let_history_days_go()")
        if not remaining:
            self._tidied_on = day


def retention_of(session: Session) -> Retention:
    """For how long the store keeps what."""
    kept = dict(all_of(session, _KEPT))
    quarter_hours, five_minutes, minutes, readings = (kept[tier.word] * DAY_S for tier in COARSEST_FIRST)
    return Retention(readings, minutes, five_minutes, quarter_hours)


@contextmanager
def history_session(sessions: Sessions) -> Iterator[Session]:
    """A session about the history. Raises HistoryUnavailable for whatever the server refuses."""
    try:
        with sessions.session() as session:
            try:
                yield session
            except (psycopg.errors.UndefinedTable, psycopg.errors.UndefinedFunction) as error:
                raise HistoryUnavailable(
                    f"{sessions.place} has no room for a history. Its owner runs `nodescaler-tui store migrate`."
                ) from error
    except JournalUnavailable as error:
        raise HistoryUnavailable(str(error)) from error
