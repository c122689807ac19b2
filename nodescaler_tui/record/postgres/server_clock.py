"""The server's clock against this host's. It is asked in a statement of its own, so that the round trip is short."""

from __future__ import annotations

from nodescaler_tui.clock import Clock
from nodescaler_tui.decide.clock_skew import ClockSample, sampled
from nodescaler_tui.record.postgres.connection import Sessions


def sample(sessions: Sessions, clock: Clock) -> ClockSample:
    """One comparison of the two. Raises JournalUnavailable.

    The trip is measured by seconds that nobody can set, and only once there is a session.
    """
    with sessions.session() as session:
        asked_s = clock.monotonic()
        row = session.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchall()[0]
        answered_s, taken_s = clock.now().timestamp(), clock.monotonic()
    return sampled(server_s=float(row[0]), answered_s=answered_s, round_trip_s=taken_s - asked_s, taken_s=taken_s)
