"""Time words: what stands on the time axis of a plot, as a function of where it begins, where it ends, and now. Pure.

Near now "30 minutes ago" is read faster than a clock; hours back one asks what time that was, so the axis says both.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

CLOCK_FROM: Final = timedelta(hours=6)
A_WEEK: Final = timedelta(days=7)
"""So far back the name of a weekday would stand for two days."""


@dataclass(frozen=True, slots=True)
class TimeWord:
    """Words at their share of the axis, the longest first, of which the first that fit are written."""

    share: float
    variants: tuple[str, ...]


def time_words(start: datetime, end: datetime, now: datetime) -> tuple[TimeWord, ...]:
    """The words for an axis, the most important first: now, where it begins, where it ends ahead, and between."""
    whole, past = end - start, now - start
    ahead = [TimeWord(1.0, (f" +{span_words((end - now).total_seconds())}",))] if end > now else []
    return (
        TimeWord(past / whole, (" now",)),
        TimeWord(0.0, _ago(past, now, clock=past >= CLOCK_FROM)),
        *ahead,
        TimeWord(past / whole / 2, tuple(f" {each}" for each in _ago(past / 2, now, clock=past >= CLOCK_FROM))),
    )


def _ago(past: timedelta, now: datetime, *, clock: bool) -> tuple[str, ...]:
    relative = f"−{span_words(past.total_seconds())} "
    return (f"{relative}{clock_words(now - past, now)} ", relative) if clock else (relative,)


def clock_words(at: datetime, now: datetime) -> str:
    """The time of day in this machine's zone, with its day where that is not today."""
    local, today = at.astimezone(), now.astimezone()
    if local.date() == today.date():
        return f"{local:%H:%M}"
    return f"{local:%a %H:%M}" if abs(today.date() - local.date()) < A_WEEK else f"{local:%d %b %H:%M}"


def span_words(seconds: float) -> str:
    """A span of time, short: 90 s, 15 m, 6 h, 7 d."""
    if seconds < 120:
        return f"{seconds:g} s"
    if seconds < 3 * 3600:
        return f"{seconds / 60:g} m"
    return f"{seconds / 3600:g} h" if seconds < 2 * 86400 else f"{seconds / 86400:g} d"
