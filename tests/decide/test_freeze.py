"""Freeze windows: by the wall clock of their zone, over midnight and weekends, and through both changes of the hour."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.decide.freeze import DatedFreeze, WeeklyFreeze, WeekTime, freeze_now

BERLIN = ZoneInfo("Europe/Berlin")
MON, FRI, SUN = 0, 4, 6
WEEKEND = WeeklyFreeze("weekend", BERLIN, WeekTime(FRI, time(18)), WeekTime(MON, time(6)))
NIGHT = WeeklyFreeze("sunday night", BERLIN, WeekTime(SUN, time(22)), WeekTime(MON, time(2)))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize(
    ("now", "holds"),
    [
        ("2026-11-20 17:59", False),
        ("2026-11-20 18:00", True),
        ("2026-11-22 12:00", True),
        ("2026-11-23 05:59", True),
        ("2026-11-23 06:00", False),
        ("2026-11-25 12:00", False),
    ],
)
def test_a_weekend_is_frozen_from_its_beginning_to_its_end(now: str, holds: bool) -> None:
    assert (WEEKEND.ends_at(berlin(now).astimezone(UTC)) is not None) is holds


@pytest.mark.parametrize(
    ("now", "hours"), [("2026-10-23 18:00", 61), ("2026-03-27 18:00", 59), ("2026-11-20 18:00", 60)]
)
def test_a_window_keeps_the_wall_clocks_hours_when_the_hour_changes(now: str, hours: int) -> None:
    begins = berlin(now).astimezone(UTC)
    assert WEEKEND.ends_at(begins) == begins + timedelta(hours=hours)


def test_a_window_can_span_the_whole_week() -> None:
    always = WeeklyFreeze("always", BERLIN, WeekTime(MON, time(6)), WeekTime(MON, time(6)))
    assert all(always.ends_at(datetime(2026, 11, day, hour, tzinfo=UTC)) for day in range(1, 15) for hour in range(24))


def test_a_dated_window_holds_once() -> None:
    window = DatedFreeze("feast", berlin("2026-12-24 00:00"), berlin("2026-12-27 00:00"))
    assert window.ends_at(berlin("2026-12-25 12:00")) == berlin("2026-12-27 00:00")
    assert window.ends_at(berlin("2026-12-27 00:00")) is None
    assert window.ends_at(berlin("2027-12-25 12:00")) is None


def test_of_several_windows_the_one_that_lasts_longest_is_told() -> None:
    found = freeze_now((NIGHT, WEEKEND), berlin("2026-11-23 01:00").astimezone(UTC))
    assert found is not None
    assert (found.name, found.until) == ("weekend", berlin("2026-11-23 06:00"))
    assert freeze_now((NIGHT, WEEKEND), berlin("2026-11-24 12:00").astimezone(UTC)) is None


times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 30]))
moments = st.builds(WeekTime, st.integers(0, 6), times)


@given(moments, moments, st.integers(0, 7 * 48 - 1))
def test_it_agrees_with_counting_half_hours_around_the_week(begins: WeekTime, ends: WeekTime, half_hours: int) -> None:
    def position(moment: WeekTime) -> int:
        return (moment.day * 24 + moment.at.hour) * 2 + moment.at.minute // 30

    monday = datetime(2026, 11, 2, tzinfo=UTC)
    window = WeeklyFreeze("window", ZoneInfo("UTC"), begins, ends)
    length = (position(ends) - position(begins)) % (7 * 48) or 7 * 48
    inside = (half_hours - position(begins)) % (7 * 48) < length
    assert (window.ends_at(monday + timedelta(minutes=30 * half_hours)) is not None) is inside
