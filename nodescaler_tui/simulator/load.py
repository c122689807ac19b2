"""Load: how many sessions a node group is offered at a moment of simulated time. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Final

DAY_S: Final = 86400.0


@dataclass(frozen=True, slots=True)
class Surge:
    """A rise of the load to `factor` times the usual, beginning at `start_s`, over `rise_s`, held for `hold_s`.

    One with `every_s` comes again after so many seconds, and came before: that of every day was there yesterday too.
    """

    start_s: float
    rise_s: float
    hold_s: float
    factor: float
    every_s: float = math.inf

    def at(self, now_s: float) -> float:
        """The factor at this moment; it falls in twice the time in which it rose."""
        since = now_s - self.start_s
        if self.every_s < math.inf:
            since %= self.every_s
        if since <= 0:
            return 1.0
        if since < self.rise_s:
            return 1.0 + (self.factor - 1.0) * _smooth(since / self.rise_s)
        if since < self.rise_s + self.hold_s:
            return self.factor
        falling = (since - self.rise_s - self.hold_s) / (2 * self.rise_s)
        return self.factor - (self.factor - 1.0) * _smooth(min(falling, 1.0))


@dataclass(frozen=True, slots=True)
class LoadCurve:
    """Sessions offered: a usual amount, a share of it that follows the day, and surges on top.

    `day_start` is the share of the day that is over at time 0; at 0 and 0.5 the load is the usual one, at 0.25 the
    day's highest, at 0.75 its lowest.
    """

    sessions: float
    daily_share: float = 0.1
    surges: tuple[Surge, ...] = ()
    day_start: float = 0.0

    def at(self, now_s: float) -> float:
        """Sessions offered at this moment, before noise."""
        day = 1.0 + self.daily_share * math.sin(2 * math.pi * (self.day_start + now_s / DAY_S))
        return self.sessions * day * math.prod(surge.at(now_s) for surge in self.surges)

    def with_surge(self, surge: Surge) -> LoadCurve:
        """The same curve with one surge more."""
        return replace(self, surges=(*self.surges, surge))


def _smooth(share: float) -> float:
    return share * share * (3 - 2 * share)
