"""Who we are to the store: the login that the server knows, which no program can choose."""

from __future__ import annotations

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres.connection import Sessions


def login_at(sessions: Sessions) -> str:
    """The login of our sessions. Raises JournalUnavailable."""
    with sessions.session() as session:
        row = session.execute("SELECT session_user::text").fetchone()
    if row is None:
        raise JournalUnavailable(f"{sessions.place} does not say who we are.")
    return str(row[0])


def signed(sessions: Sessions, claimed: str) -> str:
    """An operator as events on this store name it, login@host; of what is claimed only the host is taken.

    Raises JournalUnavailable.
    """
    return f"{login_at(sessions)}@{claimed.rpartition('@')[2]}"
