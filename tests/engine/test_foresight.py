"""Foresight: forecasts are judged when their time has come, next to "it stays where it is", and that is remembered."""

from __future__ import annotations

from array import array
from pathlib import Path

import msgspec
import pytest

from nodescaler_tui.decide.forecast.climbs import Climbs, SimilarHours
from nodescaler_tui.decide.forecast.outlook import SignalForecast
from nodescaler_tui.decide.forecast.track import LEAST_JUDGED
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine.foresight import DAY_S, FORGOTTEN_AFTER_S, Foresight, Series
from nodescaler_tui.engine.load_book import LoadBars
from nodescaler_tui.record.forecast_memory import FIELDS_JUDGED, ForecastMemory, SeriesMemory, remember, remembered

KEY = ("g", SignalName.CPU)
QUARTER_S = 900


def fresh() -> Series:
    return Series(SeriesMemory("g", "cpu"))


def forecast(now: float, in_a_quarter: float) -> SignalForecast:
    return SignalForecast(
        SignalName.CPU, now, (0.0, 0.0, in_a_quarter), (), (), Climbs.of(()), SimilarHours.of(()), 7200.0
    )


def rising(hours: float, *, ends: int) -> LoadBars:
    """A load that grows by one every five minutes; the last bar ends at `ends` bars."""
    indices = range(max(0, ends - int(hours * 12)), ends)
    return LoadBars(array("i", indices), array("f", indices), ends * 300.0)


def judged(series: Series, guess: float, quarters: int) -> float | None:
    """The track after so many forecasts whose guess is off by so much; None while too few were judged."""
    found = None
    for quarter in range(quarters):
        bars = rising(24, ends=300 + 3 * quarter)
        now = bars.loads[-1]
        found = series.judge(forecast(now, now + 3 + guess), bars)
    return None if found is None else found.relative


def test_a_forecast_is_judged_next_to_staying_as_it_is() -> None:
    assert judged(fresh(), guess=0.0, quarters=LEAST_JUDGED + 1) == pytest.approx(0.0)
    assert judged(fresh(), guess=1.5, quarters=LEAST_JUDGED + 1) == pytest.approx(0.5)
    assert judged(fresh(), guess=6.0, quarters=LEAST_JUDGED + 1) == pytest.approx(2.0)


def test_nothing_is_told_of_few_forecasts() -> None:
    assert judged(fresh(), guess=0.0, quarters=LEAST_JUDGED) is None


def test_a_forecast_whose_time_was_not_measured_is_not_judged() -> None:
    series = fresh()
    for quarter in range(LEAST_JUDGED + 4):
        bars = rising(24, ends=300 + 3 * quarter)
        found = series.judge(forecast(1.0, 2.0), LoadBars(array("i"), array("f"), bars.newest_s))
    assert found is None


def test_only_the_last_day_counts() -> None:
    series = fresh()
    assert judged(series, guess=6.0, quarters=40) == pytest.approx(2.0)
    later = 300 + 3 * 40 + DAY_S // 300
    for quarter in range(LEAST_JUDGED + 1):
        bars = rising(24, ends=later + 3 * quarter)
        found = series.judge(forecast(bars.loads[-1], bars.loads[-1] + 3), bars)
    assert found is not None
    assert found.relative == pytest.approx(0.0)


def test_what_was_learned_survives_a_restart(tmp_path: Path) -> None:
    path = tmp_path / "forecast-memory"
    before = Foresight()
    assert judged(before.of(KEY), guess=1.5, quarters=LEAST_JUDGED + 1) == pytest.approx(0.5)
    remember(path, before.memory(0.0))

    after = Foresight(remembered(path))
    assert after.memory(0.0) == before.memory(0.0)
    assert after.memory(0.0).series[0].judged


def test_a_series_that_has_not_been_forecast_for_eight_days_is_forgotten() -> None:
    foresight = Foresight()
    foresight.of(("gone", SignalName.CPU)).judge(forecast(1.0, 2.0), rising(24, ends=300))
    foresight.of(KEY).judge(forecast(1.0, 2.0), rising(24, ends=312))
    assert len(foresight.memory(300 * 300.0 + FORGOTTEN_AFTER_S).series) == 2
    assert [series.group_id for series in foresight.memory(301 * 300.0 + FORGOTTEN_AFTER_S).series] == ["g"]
    assert len(foresight) == 1


OLDER_FORM = msgspec.msgpack.encode([["g", "cpu", 1.5, 1000.0, 0.0, [], b""]])


@pytest.mark.parametrize("unreadable", [b"", b"\x00\xff", b"\x91\xc0", OLDER_FORM])
def test_a_memory_that_cannot_be_read_is_none(tmp_path: Path, unreadable: bytes) -> None:
    path = tmp_path / "forecast-memory"
    path.write_bytes(unreadable)
    assert remembered(path) == ForecastMemory()


def test_a_signal_that_there_is_no_more_is_forgotten() -> None:
    assert len(Foresight(ForecastMemory(series=(SeriesMemory("g", "disk"), SeriesMemory("g", "cpu"))))) == 1


def test_judgements_that_are_not_whole_are_not_believed(tmp_path: Path) -> None:
    path = tmp_path / "forecast-memory"
    remember(path, ForecastMemory(series=(SeriesMemory("g", "cpu", judged=b"\0" * (FIELDS_JUDGED + 1) * 8),)))
    assert remembered(path) == ForecastMemory()
