"""Time words: from six hours on the axis tells the clock time too, on one row and without two words touching."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.engine.plot_rows import LEFT, time_axis
from nodescaler_tui.engine.time_words import time_words
from nodescaler_tui.views import PlotMark

NOW = datetime(2026, 3, 1, 14, 32, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _in_berlin(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", "Europe/Berlin")
        time.tzset()
        yield
    time.tzset()


def axis(hours: float, width: int, *, ahead_h: float = 0, marks: tuple[PlotMark, ...] = ()) -> str:
    start, end = NOW - timedelta(hours=hours), NOW + timedelta(hours=ahead_h)
    return "".join(glyph.character for glyph in time_axis(width, time_words(start, end, NOW), marks))


def test_within_six_hours_the_axis_says_how_long_ago() -> None:
    assert axis(1, 44) == "    └−60 m ──────────────── −30 m ─────────── now"


def test_from_six_hours_on_it_says_the_clock_time_too() -> None:
    assert axis(6, 70).startswith("    └−6 h 09:32 ")
    assert " −3 h 12:32 " in axis(6, 70)


def test_a_day_that_is_not_today_is_named() -> None:
    assert axis(24, 70).startswith("    └−24 h Sat 15:32 ")
    assert " −12 h 03:32 " in axis(24, 70)


def test_a_week_ago_is_told_by_its_date_because_the_weekday_is_todays() -> None:
    assert axis(168, 70).startswith("    └−7 d 22 Feb 15:32 ")
    assert " −3.5 d Thu 03:32 " in axis(168, 70)


def test_where_it_is_narrow_the_clock_times_give_way_first() -> None:
    assert axis(24, 34) == "    └−24 h Sat 15:32 ─ −12 h ────── now"
    assert axis(24, 8) == "    └──── now"


def test_what_is_ahead_ends_the_axis() -> None:
    text = axis(6, 80, ahead_h=1)
    assert text.endswith(" +60 m")
    assert text.index(" now") == LEFT + int(80 * 6 / 7)


@given(st.floats(0.02, 200), st.integers(1, 200), st.floats(0, 12), st.sets(st.integers(0, 199), max_size=8))
def test_the_axis_fits_its_canvas_and_hides_no_mark(
    hours: float, width: int, ahead_h: float, columns: set[int]
) -> None:
    marks = tuple(PlotMark(column, NOW, "◆", DisplayText("")) for column in columns if column < width)
    text = axis(hours, width, ahead_h=ahead_h, marks=marks)
    assert len(text) == LEFT + width
    assert all(text[LEFT + mark.column] == "◆" for mark in marks)
