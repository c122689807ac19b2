"""The end of a freeze as it is typed: the next such time of day in this machine's zone, a date, or minutes."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from nodescaler_tui.show.freeze_end import freeze_end

NOW = datetime(2026, 3, 1, 3, 4, 5, tzinfo=UTC)
"""A Sunday."""


@pytest.mark.parametrize(
    ("typed", "end"),
    [
        ("06:00", datetime(2026, 3, 1, 6, tzinfo=UTC)),
        ("3:04", datetime(2026, 3, 2, 3, 4, tzinfo=UTC)),
        ("3:05", datetime(2026, 3, 1, 3, 5, tzinfo=UTC)),
        ("Fri 06:00", datetime(2026, 3, 6, 6, tzinfo=UTC)),
        ("sun  03:00", datetime(2026, 3, 8, 3, tzinfo=UTC)),
        ("2026-03-02 00:30", datetime(2026, 3, 2, 0, 30, tzinfo=UTC)),
        ("90", NOW + timedelta(minutes=90)),
    ],
)
def test_what_is_typed_is_the_next_such_moment(typed: str, end: datetime) -> None:
    assert freeze_end(typed, NOW) == end


@pytest.mark.parametrize("typed", ["", "soon", "24:00", "fri", "2026-02-30 06:00", "²", "-5", "1h", "123456789"])
def test_what_cannot_be_read_is_no_end(typed: str) -> None:
    assert freeze_end(typed, NOW) is None


def test_a_time_of_day_is_this_machines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "Europe/Berlin")
    time.tzset()
    assert freeze_end("06:00", NOW) == datetime(2026, 3, 1, 5, tzinfo=UTC)
    assert freeze_end("2026-07-01 06:00", NOW) == datetime(2026, 7, 1, 4, tzinfo=UTC)
