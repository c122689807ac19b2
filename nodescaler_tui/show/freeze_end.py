"""The end of a freeze as it is typed: a time of day, a day with a time, a date, or minutes; in this machine's zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, time, timedelta
from typing import Final

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
FORMS: Final = "06:00, fri 06:00, 2026-12-24 06:00, or minutes"
_TIME: Final = re.compile(r"(?:(mon|tue|wed|thu|fri|sat|sun) )?([01]?\d|2[0-3]):([0-5]\d)")
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d")


def freeze_end(typed: str, now: datetime) -> datetime | None:
    """The moment that is meant, in UTC: a time of day is its next one. None where it cannot be read."""
    words = " ".join(typed.lower().split())
    if words.isascii() and words.isdecimal() and len(words) < 9:
        return now + timedelta(minutes=int(words))
    found = _TIME.fullmatch(words)
    if found is not None:
        return _next(found[1], time(int(found[2]), int(found[3])), now)
    return _date(words) if _DATE.fullmatch(words) else None


def _next(day: str | None, at: time, now: datetime) -> datetime | None:
    local = now.astimezone().replace(tzinfo=None)
    days = (local.date() + timedelta(days=ahead) for ahead in range(8))
    moments = (datetime.combine(each, at) for each in days if day is None or DAYS[each.weekday()] == day)
    return next((moment.astimezone(UTC) for moment in moments if moment > local), None)


def _date(words: str) -> datetime | None:
    try:
        return datetime.fromisoformat(words).astimezone(UTC)
    except ValueError:
        return None
