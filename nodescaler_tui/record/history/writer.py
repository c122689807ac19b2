"""Writing the history: one transaction for each poll, with the bins that it closed and the old rows that go."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import ExitStack, closing, suppress
from datetime import datetime
from pathlib import Path

from nodescaler_tui.record.history.connection import (
    HistoryDamaged,
    HistoryUnavailable,
    in_words,
    keeping,
    moved_aside,
    open_for_writing,
    turn,
)
from nodescaler_tui.record.history.figures import Poll
from nodescaler_tui.record.history.pruning import prune
from nodescaler_tui.record.history.recorder import PollRecorder
from nodescaler_tui.record.history.sqlite_tables import SqliteTables
from nodescaler_tui.record.history.tiers import Retention


class HistoryWriter:
    """Keeps the history for as long as it is open. What fails is forgotten: the next poll begins from what is stored.

    It may be called from any thread, but from one at a time.
    """

    def __init__(self, path: Path, retention: Retention, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._retention = retention
        self._clock = clock
        self._held: ExitStack | None = None
        self._session: _Session | None = None

    def add(self, poll: Poll) -> Path | None:
        """Store one poll; where a damaged file was moved to, or None. Raises HistoryUnavailable."""
        if not poll.groups:
            return None
        try:
            self._store(poll)
        except HistoryDamaged:
            self.close()
            with keeping(self._path), turn(self._path):
                aside = moved_aside(self._path, self._clock())
            self._store(poll)
            return aside
        return None

    def _store(self, poll: Poll) -> None:
        try:
            with turn(self._path), in_words(self._path):
                self._opened().store(poll)
        except (HistoryUnavailable, sqlite3.Error):
            self.close()
            raise

    def _opened(self) -> _Session:
        if self._held is None or self._session is None:
            with ExitStack() as stack:
                stack.enter_context(keeping(self._path))
                connection = stack.enter_context(closing(open_for_writing(self._path)))
                self._session = _Session(connection, self._retention)
                self._held = stack.pop_all()
        return self._session

    def close(self) -> None:
        """Let go of the file, in our turn where that can be had: closing it writes too."""
        held, self._held, self._session = self._held, None, None
        if held is not None:
            with ExitStack() as stack:
                stack.callback(held.close)
                with suppress(HistoryUnavailable):
                    stack.enter_context(turn(self._path))
                held.close()


class _Session:
    """What the writer knows while the file is open. Worth nothing any more after an error."""

    def __init__(self, connection: sqlite3.Connection, retention: Retention) -> None:
        self._connection = connection
        self._retention = retention
        self._tables = SqliteTables(connection)
        self._recorder = PollRecorder(self._tables, retention)

    def store(self, poll: Poll) -> None:
        """One transaction. Raises sqlite3.Error, after which nothing of it is stored."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._store(poll)
            self._connection.execute("COMMIT")
        except BaseException:
            # SQLite has rolled back on its own when the disk was full; a second rollback would hide that error.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _store(self, poll: Poll) -> None:
        closed = self._recorder.record(poll)
        prune(self._connection, self._retention, poll.at_s, self._recorder.rolled_seq, closed)
        if closed:
            self._tables.forget_nodes(poll.at_s - self._retention.readings_s)
