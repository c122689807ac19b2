"""The retry schedule: bounded, never before Retry-After, and Retry-After in both its forms."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.act.schedule import (
    LONGEST_DELAY_S,
    MOST_ATTEMPTS,
    TOTAL_TIME,
    GiveUp,
    next_attempt_at,
    retry_after_seconds,
)

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


@given(
    attempt=st.integers(1, 10),
    elapsed_s=st.floats(0, 400),
    retry_after_s=st.none() | st.floats(0, 400),
    jitter=st.floats(0, 1),
)
def test_every_attempt_is_within_its_bounds(
    attempt: int, elapsed_s: float, retry_after_s: float | None, jitter: float
) -> None:
    now = NOON + timedelta(seconds=elapsed_s)
    due = next_attempt_at(attempt=attempt, began_at=NOON, now=now, retry_after_s=retry_after_s, jitter=jitter)
    if isinstance(due, GiveUp):
        too_late = now + timedelta(seconds=max(retry_after_s or 0.0, LONGEST_DELAY_S)) > NOON + TOTAL_TIME
        assert attempt >= MOST_ATTEMPTS or too_late
        return
    assert attempt < MOST_ATTEMPTS
    assert now + timedelta(seconds=retry_after_s or 0.0) <= due <= NOON + TOTAL_TIME


def test_the_delay_grows_and_is_capped() -> None:
    due = [
        next_attempt_at(attempt=attempt, began_at=NOON, now=NOON, retry_after_s=None, jitter=1.0)
        for attempt in range(1, MOST_ATTEMPTS)
    ]
    assert [(moment - NOON).total_seconds() for moment in due if isinstance(moment, datetime)] == [1, 2, 4, 8, 16]


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        (None, None),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("Sun, 01 Mar 2026 12:00:09 GMT", 9.0),
        ("Sun, 01 Mar 2026 11:00:00 GMT", 0.0),
        ("soon", None),
        ("-3", None),
        ("٧", None),
        ("9" * 40, 999_999_999.0),
    ],
)
def test_retry_after_is_read_in_both_forms(header: str | None, seconds: float | None) -> None:
    assert retry_after_seconds(header, NOON) == seconds
