"""What foresight announces: each likely breach once, judged an hour later by what was measured and nothing else."""

from __future__ import annotations

from array import array
from collections.abc import Container
from pathlib import Path

import pytest

from nodescaler_tui.decide.forecast.alert import AlertBar
from nodescaler_tui.decide.forecast.fleet_alert import CLAIMED_FOR_S, OwnBar
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine.foresight import DAY_S, Foresight
from nodescaler_tui.engine.load_book import LoadBars, LoadBook
from nodescaler_tui.record.forecast_memory import remember, remembered
from nodescaler_tui.record.history.figures import GroupFigures
from tests.record.history.measured import figures

KEY, OTHER = ("g", SignalName.CPU), ("h", SignalName.CPU)
BEGAN_S = 300_200.0
OVER_S = BEGAN_S + CLAIMED_FOR_S
LIMIT_LOAD = 3.6


def measured(loads: list[float], *, unknown: Container[int] = ()) -> LoadBars:
    """The twelve bars of the hour that was claimed, but for the unknown ones."""
    first = int(BEGAN_S // 300) + 1
    known = [(first + place, load) for place, load in enumerate(loads) if place not in unknown]
    return LoadBars(array("i", [at for at, _ in known]), array("f", [load for _, load in known]), OVER_S)


CALM = measured([2.0] * 12)


@pytest.fixture
def claimed() -> Foresight:
    """A breach was announced at 80 %."""
    foresight = Foresight()
    foresight.pass_time(BEGAN_S)
    assert foresight.alert(KEY, 0.8, LIMIT_LOAD, BEGAN_S)
    return foresight


def bars_of(foresight: Foresight) -> tuple[float, float]:
    """The fleet's bar and the series' own."""
    found = foresight.memory(BEGAN_S)
    return found.bar, found.series[0].bar


AS_THEY_WERE = (AlertBar().log_odds, OwnBar().log_odds)


def after_the_hour(
    claimed: Foresight, bars: LoadBars | None, breached_at_s: float | None = None
) -> tuple[float, float]:
    claimed.settle(KEY, bars, OVER_S, breached_at_s)
    assert not claimed.is_claimed(KEY)
    return bars_of(claimed)


def test_a_likely_breach_is_announced_once(claimed: Foresight) -> None:
    assert claimed.is_claimed(KEY)
    claimed.settle(KEY, CALM, OVER_S - 1, None)
    assert not claimed.alert(KEY, 0.9, LIMIT_LOAD, OVER_S - 1)


def test_an_unlikely_breach_is_not_announced() -> None:
    assert not Foresight().alert(KEY, 0.3, LIMIT_LOAD, BEGAN_S)


def test_a_claim_that_never_came_true_raises_both_bars(claimed: Foresight) -> None:
    fleet, own = after_the_hour(claimed, CALM)
    assert fleet > AS_THEY_WERE[0]
    assert own > AS_THEY_WERE[1]
    assert not claimed.alert(KEY, 0.55, LIMIT_LOAD, OVER_S)
    assert not claimed.alert(OTHER, 0.55, LIMIT_LOAD, OVER_S)


def test_a_breach_within_the_hour_makes_it_true_at_once(claimed: Foresight) -> None:
    claimed.settle(KEY, CALM, BEGAN_S + 600, BEGAN_S + 590)
    assert not claimed.is_claimed(KEY)
    assert bars_of(claimed) == AS_THEY_WERE


def test_a_breach_after_the_hour_does_not_make_it_true(claimed: Foresight) -> None:
    assert after_the_hour(claimed, CALM, breached_at_s=OVER_S + 1)[0] > AS_THEY_WERE[0]


def test_nodes_that_came_in_time_do_not_make_it_false(claimed: Foresight) -> None:
    """The utilization stayed below, with more nodes; those of the moment would have been over the limit."""
    assert after_the_hour(claimed, measured([2.0] * 5 + [3.7] + [3.0] * 6)) == AS_THEY_WERE


def test_an_hour_with_a_hole_counts_for_nothing(claimed: Foresight) -> None:
    assert after_the_hour(claimed, measured([2.0] * 12, unknown={4, 5})) == AS_THEY_WERE


def test_one_unknown_bar_is_no_hole(claimed: Foresight) -> None:
    assert after_the_hour(claimed, measured([2.0] * 12, unknown={4}))[0] > AS_THEY_WERE[0]


def test_an_hour_in_which_nothing_was_polled_counts_for_nothing(claimed: Foresight) -> None:
    assert after_the_hour(claimed, measured([])) == AS_THEY_WERE


def test_a_signal_that_is_not_measured_any_more_counts_for_nothing(claimed: Foresight) -> None:
    assert after_the_hour(claimed, None) == AS_THEY_WERE


@pytest.mark.parametrize("now_s", [OVER_S + 901, BEGAN_S - 1])
def test_the_claim_of_a_group_that_is_gone_or_of_another_clock_is_dropped(claimed: Foresight, now_s: float) -> None:
    claimed.pass_time(now_s)
    assert not claimed.is_claimed(KEY)
    assert bars_of(claimed)[1] == AS_THEY_WERE[1]


@pytest.mark.parametrize("phase_s", range(0, 300, 10))
def test_the_hour_of_a_claim_is_measured_whole_when_it_is_over(phase_s: int) -> None:
    book, polled = LoadBook(), int(CLAIMED_FOR_S) // 10
    began_s = 300_000.0 + phase_s
    foresight = Foresight()
    foresight.alert(KEY, 0.8, LIMIT_LOAD, began_s)
    for poll in range(1, polled + 1):
        book.add("g", began_s + poll * 10, GroupFigures("g", "g", figures(cpu=0.5, nodes=4)).figures)
    foresight.settle(KEY, book.of("g")[SignalName.CPU], began_s + CLAIMED_FOR_S, None)
    assert bars_of(foresight)[0] > AS_THEY_WERE[0]


def test_the_bar_sinks_as_the_budget_refills() -> None:
    foresight = Foresight()
    foresight.pass_time(BEGAN_S)
    assert not foresight.alert(KEY, 0.4, LIMIT_LOAD, BEGAN_S)
    foresight.pass_time(BEGAN_S + 2 * DAY_S)
    assert foresight.alert(KEY, 0.4, LIMIT_LOAD, BEGAN_S + 2 * DAY_S)


def test_bars_and_open_claims_survive_a_restart(claimed: Foresight, tmp_path: Path) -> None:
    path = tmp_path / "forecast-memory"
    after_the_hour(claimed, CALM)
    assert claimed.alert(OTHER, 0.9, LIMIT_LOAD, OVER_S)
    remember(path, claimed.memory(OVER_S))

    again = Foresight(remembered(path))
    assert again.memory(OVER_S) == claimed.memory(OVER_S)
    assert again.is_claimed(OTHER)
    assert not again.alert(KEY, 0.55, LIMIT_LOAD, OVER_S)
    for foresight in (again, claimed):
        foresight.pass_time(OVER_S + DAY_S)
    assert again.memory(OVER_S).bar == claimed.memory(OVER_S).bar < AS_THEY_WERE[0]
