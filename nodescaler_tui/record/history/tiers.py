"""Tiers: how finely the history is kept, and for how long."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HOUR_S: Final = 3600.0
DAY_S: Final = 24 * HOUR_S


@dataclass(frozen=True, slots=True)
class Tier:
    """One resolution: its table, the width of its bins in seconds, and its word in files and options."""

    table: str
    bin_s: int
    word: str


READINGS: Final = Tier("reading", 0, "raw")
MINUTES: Final = Tier("minute", 60, "1m")
FIVE_MINUTES: Final = Tier("five_minutes", 300, "5m")
QUARTER_HOURS: Final = Tier("quarter_hour", 900, "15m")

ROLLED: Final = (MINUTES, FIVE_MINUTES, QUARTER_HOURS)
"""What is rolled up, finest first; each is made of the one before it."""

COARSEST_FIRST: Final = (QUARTER_HOURS, FIVE_MINUTES, MINUTES, READINGS)


@dataclass(frozen=True, slots=True)
class Retention:
    """For how many seconds each tier is kept; 0 is not at all.

    Readings are kept for as long as a bin that they belong to is still open, whatever is set: it is made of them.
    """

    readings_s: float = DAY_S
    minutes_s: float = 8 * DAY_S
    five_minutes_s: float = 30 * DAY_S
    quarter_hours_s: float = 90 * DAY_S

    def of(self, tier: Tier) -> float:
        """For how many seconds this tier is kept."""
        kept = {READINGS: self.readings_s, MINUTES: self.minutes_s, FIVE_MINUTES: self.five_minutes_s}
        return kept.get(tier, self.quarter_hours_s)
