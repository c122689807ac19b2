"""Freeze windows: times in which nothing may be approved, each week or once, in their own time zones. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

DAYS_IN_WEEK = 7


@dataclass(frozen=True, slots=True)
class WeekTime:
    """A moment of the week: the day, 0 for Monday, and the wall clock's time."""

    day: int
    at: time


@dataclass(frozen=True, slots=True)
class WeeklyFreeze:
    """From one moment of the week to another, by the wall clock of a time zone; equal moments span the whole week."""

    name: str
    zone: ZoneInfo
    begins: WeekTime
    ends: WeekTime

    def ends_at(self, now: datetime) -> datetime | None:
        """When the window that `now` lies in ends, None outside of it."""
        local = now.astimezone(self.zone)
        back = (local.weekday() - self.begins.day) % DAYS_IN_WEEK
        for weeks in (0, 1):
            begins_on = local.date() - timedelta(days=back + DAYS_IN_WEEK * weeks)
            begins = datetime.combine(begins_on, self.begins.at, self.zone).astimezone(UTC)
            ends_on = begins_on + timedelta(days=self._days)
            ends = datetime.combine(ends_on, self.ends.at, self.zone).replace(fold=1).astimezone(UTC)
            if begins <= now < ends:
                return ends
        return None

    @property
    def _days(self) -> int:
        days = (self.ends.day - self.begins.day) % DAYS_IN_WEEK
        return DAYS_IN_WEEK if days == 0 and self.ends.at <= self.begins.at else days


@dataclass(frozen=True, slots=True)
class DatedFreeze:
    """From one moment to another, once."""

    name: str
    begins: datetime
    ends: datetime

    def ends_at(self, now: datetime) -> datetime | None:
        """When the window ends, None outside of it."""
        return self.ends if self.begins <= now < self.ends else None


FreezeWindow = WeeklyFreeze | DatedFreeze


@dataclass(frozen=True, slots=True)
class Freeze:
    """A window that holds now: its name, and when it ends."""

    name: str
    until: datetime


def freeze_now(windows: Iterable[FreezeWindow], now: datetime) -> Freeze | None:
    """The window that holds longest from now on, None when there is none."""
    holding = [Freeze(window.name, ends) for window in windows if (ends := window.ends_at(now)) is not None]
    return max(holding, key=lambda freeze: freeze.until, default=None)
