"""The outlook book: a forecast that is not renewed is not believed for long."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from nodescaler_tui.decide.forecast.outlook import GroupForecast
from nodescaler_tui.engine.outlook_book import BELIEVED_FOR, GroupOutlook, OutlookBook

NOW = datetime(2026, 3, 29, 3, 0, tzinfo=UTC)
MADE = GroupOutlook(NOW, GroupForecast("media-eu-1", ()))


def test_the_newest_forecast_of_a_group_is_the_one_that_counts() -> None:
    book, newer = OutlookBook(), GroupOutlook(NOW + timedelta(minutes=5), GroupForecast("media-eu-1", ()))
    book.put([MADE])
    book.put([newer])

    assert book.of("media-eu-1", NOW + timedelta(minutes=5)) is newer


def test_a_group_that_was_never_forecast_has_no_outlook() -> None:
    assert OutlookBook().of("media-eu-1", NOW) is None


def test_a_forecast_that_was_not_renewed_says_nothing_about_now() -> None:
    book = OutlookBook()
    book.put([MADE])

    assert book.of("media-eu-1", NOW + BELIEVED_FOR) is MADE
    assert book.of("media-eu-1", NOW + BELIEVED_FOR + timedelta(seconds=1)) is None
