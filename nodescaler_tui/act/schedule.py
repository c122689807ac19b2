"""The retry schedule: when a request that certainly did no harm may be tried again. Pure; the caller stores it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

MOST_ATTEMPTS: Final = 6
TOTAL_TIME: Final = timedelta(minutes=5)
FIRST_DELAY_S: Final = 1.0
LONGEST_DELAY_S: Final = 30.0


@dataclass(frozen=True, slots=True)
class GiveUp:
    """No further attempt: why, in words."""

    sentence: str


def next_attempt_at(
    *,
    attempt: int,
    began_at: datetime,
    now: datetime,
    retry_after_s: float | None,
    jitter: float,
) -> datetime | GiveUp:
    """When attempt `attempt + 1` is due: full jitter over an exponential delay, never before Retry-After.

    `jitter` is a random number from 0 to 1. Six attempts within five minutes at most, because a human is waiting.
    """
    if attempt >= MOST_ATTEMPTS:
        return GiveUp(f"{attempt} attempts were made, which is the most.")
    delay_s = jitter * min(LONGEST_DELAY_S, FIRST_DELAY_S * 2.0 ** (attempt - 1))
    due = now + timedelta(seconds=max(delay_s, retry_after_s or 0.0))
    if due > began_at + TOTAL_TIME:
        minutes = int(TOTAL_TIME.total_seconds() // 60)
        return GiveUp(f"the next attempt would come more than {minutes} minutes after the approval.")
    return due


def retry_after_seconds(header: str | None, now: datetime) -> float | None:
    """Retry-After in both its forms, seconds or an HTTP date, as seconds from now; None when absent or unreadable."""
    if header is None:
        return None
    stripped = header.strip()
    if stripped.isascii() and stripped.isdigit():
        return float(stripped[:9])
    try:
        date = parsedate_to_datetime(stripped)
    except ValueError:
        return None
    aware = date if date.tzinfo is not None else date.replace(tzinfo=UTC)
    return max((aware - now).total_seconds(), 0.0)
