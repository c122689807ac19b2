"""Who is here, as the store knows it: each engine says so for itself, and is forgotten when it stops saying it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from nodescaler_tui.record.postgres.connection import Sessions

MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Present:
    """One engine that is here: the login that the server knows, the host that it gave, and what it told."""

    login: str
    host: str
    told: str


def tell(sessions: Sessions, engine: str, host: str, what: str) -> None:
    """Say that this engine is here, for a few seconds. Raises JournalUnavailable."""
    with sessions.session() as session:
        session.execute("SELECT tell_presence(%s, %s, %s)", (engine, host, what))


def leave(sessions: Sessions, engine: str) -> None:
    """Say that it is here no more. Raises JournalUnavailable."""
    with sessions.session() as session:
        session.execute("SELECT end_presence(%s)", (engine,))


def others(sessions: Sessions, engine: str) -> tuple[Present, ...]:
    """All who are here but this engine, at most fifty, by name. Raises JournalUnavailable."""
    with sessions.session() as session:
        rows = session.execute(
            "SELECT login, host, told FROM present WHERE engine <> %s ORDER BY login, host, engine LIMIT %s",
            (engine, MOST),
        ).fetchall()
    return tuple(Present(str(login), str(host), str(told)) for login, host, told in rows)
