"""Load: how many sessions a node group is offered at a moment of simulated time. Pure."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final

DAY_S: Final = 86400.0


@dataclass(frozen=True, slots=True)
class Surge:
    """A rise of the load to `factor` times the usual, beginning at `start_s`, over `rise_s`, held for `hold_s`."""

    start_s: float
    rise_s: float
    hold_s: float
    factor: float

    def at(self, now_s: float) -> float:
        """The factor at this moment; it falls as slowly as it rose, twice over."""
        since = now_s - self.start_s
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
    """Sessions offered: a usual amount, a share of it that follows the day, and surges on top."""

    sessions: float
    daily_share: float = 0.1
    surges: tuple[Surge, ...] = ()

    def at(self, now_s: float) -> float:
        """Sessions offered at this moment, before noise."""
        day = 1.0 + self.daily_share * math.sin(2 * math.pi * now_s / DAY_S)
        return self.sessions * day * math.prod(surge.at(now_s) for surge in self.surges)


def _smooth(share: float) -> float:
    return share * share * (3 - 2 * share)
