"""Clock skew: how far this host's clock is off the store's, how sure that is, and whether one may approve with it.

A sample is the server's time against the middle of the round trip that brought it. The server looked at its clock
somewhere within that trip, so half of the trip is how wrong the sample can be at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from nodescaler_tui.decide.plan import Gate
from nodescaler_tui.decide.wording import duration

GATE: Final = "clock"
SLEWED_S: Final = 0.01
"""By how much two samples may differ beyond their trips: NTP moves a clock gently while they are taken."""

TOLD_OVER_S: Final = 1.0
ACTS_WITHIN_S: Final = 5.0
KNOWN_FOR_S: Final = 15.0
"""For how long a comparison is believed; a clock drifts by less than a millisecond in that time, or somebody set it."""


@dataclass(frozen=True, slots=True)
class ClockSample:
    """One look at the server's clock: how far ours was ahead of it (behind: negative), by a trip of so many seconds.

    `taken_s` is when, in seconds that only ever grow.
    """

    ahead_s: float
    round_trip_s: float
    taken_s: float

    @property
    def unsure_s(self) -> float:
        """How wrong it can be at most, either way."""
        return self.round_trip_s / 2


@dataclass(frozen=True, slots=True)
class Skew:
    """How far this host's clock is ahead of the store's (behind: negative), and how wrong that can be at most."""

    ahead_s: float
    unsure_s: float

    @property
    def at_least_s(self) -> float:
        """How far off it is for certain."""
        return max(abs(self.ahead_s) - self.unsure_s, 0.0)

    @property
    def at_most_s(self) -> float:
        """How far off it can be."""
        return abs(self.ahead_s) + self.unsure_s

    @property
    def is_told(self) -> bool:
        """Whether it is far enough off, for certain, to be told."""
        return self.at_least_s > TOLD_OVER_S

    @property
    def words(self) -> str:
        """Such as "3.2 s behind the store's", with how sure that is where it is not."""
        off_s, side = abs(self.ahead_s), "behind" if self.ahead_s < 0 else "ahead of"
        off = f"{off_s:.1f} s" if off_s < 60 else duration(off_s)
        doubt = f", give or take {self.unsure_s:.1f} s" if self.unsure_s >= 0.25 else ""
        return f"{off} {side} the store's{doubt}"


@dataclass(frozen=True, slots=True)
class ComparedClock:
    """What an engine that shares its store knows of its own clock; no skew while none is known."""

    skew: Skew | None = None


def sampled(*, server_s: float, answered_s: float, round_trip_s: float, taken_s: float) -> ClockSample:
    """A sample from the server's time, ours when the answer was there, and for how long it was under way."""
    return ClockSample(answered_s - round_trip_s / 2 - server_s, round_trip_s, taken_s)


def skew_of(samples: Sequence[ClockSample], now_s: float) -> Skew | None:
    """The best of these samples, oldest first; None when the newest is too old.

    The shortest trip tells most. What contradicts the newest was taken before somebody set one of the two clocks.
    """
    if not samples or now_s - samples[-1].taken_s > KNOWN_FOR_S:
        return None
    newest = samples[-1]
    agreeing = [
        each
        for each in samples
        if now_s - each.taken_s <= KNOWN_FOR_S
        and abs(each.ahead_s - newest.ahead_s) <= each.unsure_s + newest.unsure_s + SLEWED_S
    ]
    best = min(agreeing, key=lambda each: each.round_trip_s)
    return Skew(best.ahead_s, best.unsure_s)


def clock_gate(clock: ComparedClock) -> Gate:
    """Closed while the clock may be further off than plans are approved with, and while that is not known."""
    skew = clock.skew
    if skew is None:
        return Gate(GATE, passed=False, sentence="it is not known how far this host's clock is off the store's")
    if skew.at_most_s > ACTS_WITHIN_S:
        sentence = f"this host's clock is {skew.words}, {ACTS_WITHIN_S:.0f} s is the most; set it by NTP"
        return Gate(GATE, passed=False, sentence=sentence)
    return Gate(GATE, passed=True, sentence=skew.words if skew.is_told else "in step with the store's")


def clock_warning(clock: ComparedClock) -> str:
    """What to tell on every screen, empty while the clock is in step, or not known: then the store is away."""
    skew = clock.skew
    if skew is None:
        return ""
    if skew.at_most_s > ACTS_WITHIN_S:
        return f"Nothing can be approved: this host's clock is {skew.words}. Set it by NTP."
    return f"This host's clock is {skew.words}. Set it by NTP." if skew.is_told else ""
