"""The lease: which of the running programs does what only one should do, by the database's clock alone.

A lease decides who tries. What counts is decided by its token: each write names the one under which it is made, in the
same transaction, and an old one is refused. So a holder that was frozen and wakes up can do no harm, whatever it
believes the time to be; nothing here asks the clock of this machine.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

import psycopg

from nodescaler_tui.record.postgres.connection import Session, Sessions
from nodescaler_tui.record.postgres.replica import refuse_replica

LEASE_LOST = "NS003"
WANTED_FOR_S: Final = 5.0
"""Who waits for a lease asks twice a second, which is noted once a second; a refused one asks every two."""


class LeaseLost(Exception):  # noqa: N818 - named for what happened
    """Somebody else holds the lease now, or it has run out: nothing that was to be written was written."""


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease as it was taken: its name, who holds it, and the token under which the holder writes."""

    name: str
    holder: str
    token: int


@dataclass(frozen=True, slots=True)
class Holding:
    """Who holds a lease, and for how many more seconds by the database's clock."""

    holder: str
    token: int
    left_s: float


def take(sessions: Sessions, name: str, holder: str, length_s: float) -> Lease | None:
    """Take a lease that nobody holds; None while somebody does. Raises JournalUnavailable.

    The holder is one process, and no other has its name: it gets a new token each time it asks.
    """
    with sessions.session() as session:
        try:
            row = session.execute(
                "SELECT token FROM take_lease(%s, %s, %s)", (name, holder, timedelta(seconds=length_s))
            ).fetchone()
        except (psycopg.errors.ReadOnlySqlTransaction, psycopg.errors.InsufficientPrivilege):
            refuse_replica(session, sessions.place)
            raise
    return None if row is None else Lease(name, holder, int(row[0]))


def renew(sessions: Sessions, lease: Lease) -> bool:
    """Hold on to it for its whole length again; False when it is lost, also to the clock. Raises JournalUnavailable."""
    with sessions.session() as session:
        row = session.execute("SELECT until FROM renew_lease(%s, %s)", (lease.name, lease.token)).fetchone()
    return row is not None


def release(sessions: Sessions, lease: Lease) -> bool:
    """Give it up, so that the next can take it at once; False when it was lost before. Raises JournalUnavailable."""
    with sessions.session() as session:
        row = session.execute("SELECT token FROM release_lease(%s, %s)", (lease.name, lease.token)).fetchone()
    return row is not None


def is_wanted(sessions: Sessions, lease: Lease) -> bool:
    """Whether somebody else has asked for it within the last seconds. Raises JournalUnavailable."""
    with sessions.session() as session:
        row = session.execute(
            "SELECT lately(wanted_at, %s) FROM lease WHERE name = %s AND token = %s",
            (timedelta(seconds=WANTED_FOR_S), lease.name, lease.token),
        ).fetchone()
    return row is not None and bool(row[0])


def let_ended_go(sessions: Sessions) -> int:
    """Remove the rows of leases whose holders were not heard of for a day; how many. Raises JournalUnavailable."""
    with sessions.session() as session:
        row = session.execute("SELECT let_ended_leases_go()").fetchone()
    return 0 if row is None else int(row[0])


def require(session: Session, lease: Lease) -> None:
    """To be asked within the transaction that writes, before it does. Raises LeaseLost; then it must be undone.

    Until that transaction ends nobody else can take the lease.
    """
    try:
        session.execute("SELECT require_lease(%s, %s)", (lease.name, lease.token))
    except psycopg.Error as error:
        if error.sqlstate == LEASE_LOST:
            raise LeaseLost(f"The lease {lease.name} is no longer held by {lease.holder}.") from error
        raise


def holding(sessions: Sessions, name: str) -> Holding | None:
    """Who holds it now, None for nobody. Raises JournalUnavailable."""
    with sessions.session() as session:
        row = session.execute(
            "SELECT holder, token, extract(epoch FROM until - clock_timestamp())::float8 FROM lease"
            " WHERE name = %s AND until > clock_timestamp() AND until <= clock_timestamp() + length",
            (name,),
        ).fetchone()
    return None if row is None else Holding(str(row[0]), int(row[1]), float(row[2]))
