"""Foresight: forecasts are judged when their time has come, and an alert learns from what did not happen."""

from __future__ import annotations

from array import array

import pytest

from nodescaler_tui.decide.forecast.climbs import Climbs, SimilarHours
from nodescaler_tui.decide.forecast.outlook import SignalForecast
from nodescaler_tui.decide.forecast.track import LEAST_JUDGED
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine.foresight import CLAIMED_FOR_S, DAY_S, Foresight, Series
from nodescaler_tui.engine.load_book import LoadBars
from nodescaler_tui.record.forecast_memory import SeriesMemory, remember, remembered

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


def test_a_likely_breach_is_announced_once() -> None:
    series = fresh()
    assert series.alert(0.8, 1000.0, 1.0, breached=False)
    assert series.is_claimed
    assert not series.alert(0.9, 1300.0, 1.0, breached=False)


def test_an_unlikely_breach_is_not_announced() -> None:
    assert not fresh().alert(0.3, 1000.0, 1.0, breached=False)


def test_a_claim_that_did_not_come_true_raises_the_bar() -> None:
    series = fresh()
    series.alert(0.55, 1000.0, 0.0, breached=False)
    assert not series.alert(0.55, 1000.0 + CLAIMED_FOR_S, 0.0, breached=False)
    assert not series.is_claimed
    assert series.alert(0.7, 1300.0 + CLAIMED_FOR_S, 0.0, breached=False)


def test_a_claim_that_came_true_leaves_the_bar_where_it_is() -> None:
    series = fresh()
    series.alert(0.55, 1000.0, 0.0, breached=False)
    assert not series.alert(0.99, 2000.0, 0.0, breached=True)
    assert not series.is_claimed
    assert series.alert(0.55, 2300.0, 0.0, breached=False)


def test_the_bar_sinks_as_the_budget_refills() -> None:
    series = fresh()
    assert not series.alert(0.4, 1000.0, 1.0, breached=False)
    assert series.alert(0.4, 1000.0 + 2 * DAY_S, 1.0, breached=False)


def test_what_was_learned_survives_a_restart(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("state") / "forecast-memory"
    before = Foresight()
    assert judged(before.of(KEY), guess=1.5, quarters=LEAST_JUDGED + 1) == pytest.approx(0.5)
    before.of(KEY).alert(0.55, 1000.0, 1.0, breached=False)
    remember(path, before.memories())

    after = Foresight(remembered(path))
    assert after.memories() == before.memories()
    assert after.of(KEY).is_claimed


@pytest.mark.parametrize("damaged", [b"", b"\x00\xff", b"\x91\xc0"])
def test_a_memory_that_cannot_be_read_is_none(tmp_path_factory: pytest.TempPathFactory, damaged: bytes) -> None:
    path = tmp_path_factory.mktemp("state") / "forecast-memory"
    path.write_bytes(damaged)
    assert remembered(path) == []


def test_a_signal_that_there_is_no_more_is_forgotten() -> None:
    assert len(Foresight([SeriesMemory("g", "disk"), SeriesMemory("g", "cpu")])) == 1


def test_judgements_that_are_not_whole_are_not_believed(tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("state") / "forecast-memory"
    remember(path, [SeriesMemory("g", "cpu", judged=b"\0" * 40)])
    assert remembered(path) == []
