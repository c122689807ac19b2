"""The newest observations in the store: written by whoever polls for all, under its lease, and read by the others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import psycopg

from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.lease import LEASE_LOST, Lease, LeaseLost


@dataclass(frozen=True, slots=True)
class Published:
    """One observation as it lies in the store: its number, and its bytes, of which the store knows nothing."""

    number: int
    content: bytes


@dataclass(frozen=True, slots=True)
class Standing:
    """The number of the newest observation, 0 for none, and who polls as login@host, empty for nobody."""

    newest: int
    poller: str


_STANDING: Final = """
    SELECT (SELECT id FROM observation WHERE lease = %s ORDER BY id DESC LIMIT 1), polling.login, polling.holder
    FROM (SELECT 1) AS always
    LEFT JOIN lease AS polling
    ON polling.name = %s AND until > clock_timestamp() AND until <= clock_timestamp() + length
"""


def publish(sessions: Sessions, lease: Lease, content: bytes) -> int:
    """Keep an observation under the lease by which it was made, and tell everybody; its number.

    Raises LeaseLost when somebody else polls by now, and JournalUnavailable; then nothing was kept.
    """
    with sessions.session() as session:
        try:
            row = session.execute(
                "SELECT publish_observation(%s, %s, %s)", (lease.name, lease.token, content)
            ).fetchone()
        except psycopg.Error as error:
            if error.sqlstate == LEASE_LOST:
                raise LeaseLost(f"The lease {lease.name} is no longer held by {lease.holder}.") from error
            raise
    return 0 if row is None else int(row[0])


def standing_of(sessions: Sessions, lease_name: str) -> Standing:
    """Who polls now, and how far they are. Raises JournalUnavailable."""
    with sessions.session() as session:
        row = session.execute(_STANDING, (lease_name, lease_name)).fetchone()
    newest, login, holder = row or (None, None, None)
    host = str(holder or "").partition(" ")[0]
    return Standing(int(newest or 0), f"{login}@{host}" if login else host)


def newest(sessions: Sessions, lease_name: str) -> Published | None:
    """The newest observation under this lease. Raises JournalUnavailable."""
    with sessions.session() as session:
        row = session.execute(
            "SELECT id, bytes FROM observation WHERE lease = %s ORDER BY id DESC LIMIT 1", (lease_name,)
        ).fetchone()
    return None if row is None else Published(int(row[0]), bytes(row[1]))
