"""Words: what the cursor on a plot says of a moment, by the operator's own clock."""

from __future__ import annotations

from datetime import timedelta

from nodescaler_tui.show.words import moment_words
from tests.show.states import NOW


def test_the_cursor_tells_the_time_of_day_and_names_a_day_that_is_not_today() -> None:
    assert moment_words(NOW, NOW) == "03:04:05"
    assert moment_words(NOW - timedelta(hours=4), NOW) == "Sat 23:04:05"
    assert moment_words(NOW + timedelta(hours=1), NOW) == "04:04:05"


def test_a_week_back_it_names_the_date_because_the_weekday_is_todays() -> None:
    assert moment_words(NOW - timedelta(days=6), NOW) == "Mon 03:04:05"
    assert moment_words(NOW - timedelta(days=7), NOW) == "22 Feb 03:04:05"
