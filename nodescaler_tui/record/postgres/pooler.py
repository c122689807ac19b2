"""Connection poolers: told apart by what a client sees, since none says what it is.

A pooler makes up the process id that a client gets at login, so it is not the one of the process that answers. In
session mode two clients that are there at once are served by two processes, each by the same one all the time. In
transaction mode they share: then a lease's timeouts, LISTEN and every setting may be somebody else's at the next
statement, and setting one would leave it behind for others. Such a pooler is refused before anything is set.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from typing import Any, Final

import psycopg

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres.bounded import BoundedConnection

ALTERNATIONS: Final = 8
"""How often two clients ask in turn. A pooler that shares gives the second what the first has just let go; only where
others come in between each time it does not. Such a one is found out when a session is used again."""

SHARED: Final = (
    "{place} is a connection pooler in transaction mode: it gives each transaction another session, so timeouts and "
    "notifications are lost. Name the server itself (often port 5432), or a pooler in session mode that ignores the "
    "startup parameter options."
)


def is_pooled(session: BoundedConnection) -> bool:
    """Whether somebody stands between us and the server."""
    return _serving(session) != session.info.backend_pid


def require_session_mode(session: BoundedConnection, another: Callable[[], BoundedConnection], place: str) -> None:
    """Raises JournalUnavailable when sessions share a process. Nothing is changed by asking."""
    session.backend = _serving(session)
    with closing(another()) as other:
        others = _serving(other)
        for _ in range(ALTERNATIONS):
            if _serving(session) != session.backend or _serving(other) != others or others == session.backend:
                raise JournalUnavailable(SHARED.format(place=place))


def still_has_its_backend(session: BoundedConnection) -> bool:
    """Whether a kept session is what it was; behind a pooler that is asked, and a session that changed is of no use."""
    if session.backend is None:
        return True
    try:
        return _serving(session) == session.backend
    except psycopg.Error:
        return False


def _serving(session: psycopg.Connection[tuple[Any, ...]]) -> int:
    row = session.execute("SELECT pg_backend_pid()").fetchone()
    return 0 if row is None else int(row[0])
