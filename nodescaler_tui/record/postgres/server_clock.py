"""The server's clock against this host's. It is asked in a statement of its own, so that the round trip is short."""

from __future__ import annotations

from typing import Final

from nodescaler_tui.clock import MACHINE_CLOCK, Clock
from nodescaler_tui.decide.clock_skew import ClockSample, ComparedClock, sampled, skew_of
from nodescaler_tui.record.postgres.connection import Sessions

LOOKS: Final = 3


def sample(sessions: Sessions, clock: Clock) -> ClockSample:
    """One comparison of the two. Raises JournalUnavailable.

    The trip is measured by seconds that nobody can set, and only once there is a session.
    """
    with sessions.session() as session:
        asked_s = clock.monotonic()
        row = session.execute("SELECT extract(epoch FROM clock_timestamp())::float8").fetchall()[0]
        answered_s, taken_s = clock.now().timestamp(), clock.monotonic()
    return sampled(server_s=float(row[0]), answered_s=answered_s, round_trip_s=taken_s - asked_s, taken_s=taken_s)


def compared_clock(sessions: Sessions, clock: Clock = MACHINE_CLOCK) -> ComparedClock:
    """The best of a few comparisons, for whoever only looks once. Raises JournalUnavailable."""
    samples = [sample(sessions, clock) for _ in range(LOOKS)]
    return ComparedClock(skew_of(samples, clock.monotonic()))
