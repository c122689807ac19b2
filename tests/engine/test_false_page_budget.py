"""The budget of false pages, kept by a whole fleet for a year, and what it warns of meanwhile.

Every day so many series are in danger for once, most of them in the same two busy hours. Their probabilities are
right: of the breaches that are given 70 % seven in ten come. The best that any rule could do with one budget is to
announce the likeliest and nothing else; that is counted from the whole year afterwards.
"""

from __future__ import annotations

import random
from array import array
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from nodescaler_tui.decide.forecast.alert import AlertBar
from nodescaler_tui.decide.forecast.fleet_alert import CLAIMED_FOR_S
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine.foresight import DAY_S, Foresight
from nodescaler_tui.engine.load_book import LoadBars

DAYS = 365
FIRST_DAYS = 3
LAST_DAYS = 60
NOISY = 12


@dataclass(frozen=True, slots=True, order=True)
class Danger:
    """A moment at which one series was given a breach within the hour, and whether one came."""

    at_s: float
    series: int
    p: float
    comes: bool

    @property
    def day(self) -> int:
        return int(self.at_s // DAY_S) - 1


@dataclass(frozen=True, slots=True)
class Fleet:
    """All its series, the dangers that they are in during a year, and the false pages that are allowed in a day."""

    series: int
    dangers: list[Danger]
    budget: float


@dataclass(frozen=True, slots=True)
class Year:
    """What was announced of all these dangers."""

    fleet: Fleet
    announced: list[Danger]

    def false(self, first: int, days: int) -> float:
        """False pages a day in these days."""
        return sum(not one.comes for one in self.announced if first <= one.day < first + days) / days

    def warned(self, first: int, days: int) -> float:
        """The share of the breaches of these days that was warned of."""
        came, warned = (
            sum(one.comes for one in some if first <= one.day < first + days)
            for some in (self.fleet.dangers, self.announced)
        )
        return warned / came

    @property
    def best(self) -> float:
        """The share of breaches that the likeliest dangers hold, as many as the budget allows."""
        allowed, found = self.fleet.budget * DAYS, 0
        for one in sorted(self.fleet.dangers, key=lambda danger: -danger.p):
            allowed -= not one.comes
            if allowed < 0:
                break
            found += one.comes
        return found / sum(one.comes for one in self.fleet.dangers)


def dangers(series: int, a_day: int, seed: int) -> list[Danger]:
    """A year of so many a day; two in three are rather unlikely to breach, as forecasts say."""
    draw, found = random.Random(seed), list[Danger]()
    for day in range(1, DAYS + 1):
        for _ in range(a_day):
            at_s = day * DAY_S + draw.choice((10, 15)) * 3600 + draw.gauss(0, 2400)
            p = draw.betavariate(0.2, 0.4)
            found.append(Danger(at_s, draw.randrange(series), p, draw.random() < p))
    return sorted(found)


def crying_wolf(series: int, p: float) -> list[Danger]:
    """One series that promises a breach every two hours, and none comes."""
    step_s = DAY_S // NOISY
    return [
        Danger(day * DAY_S + turn * step_s, series, p, comes=False)
        for day in range(1, DAYS + 1)
        for turn in range(NOISY)
    ]


def lived(fleet: Fleet) -> Year:
    """A year of a foresight that is asked at each danger, and judges each an hour later."""
    foresight, announced, waiting = Foresight(budget_a_day=fleet.budget), list[Danger](), list[Danger]()
    for danger in fleet.dangers:
        while waiting and waiting[0].at_s + CLAIMED_FOR_S <= danger.at_s:
            settle(foresight, waiting.pop(0))
        foresight.pass_time(danger.at_s)
        if foresight.alert(key(danger), danger.p, 1.0, danger.at_s):
            announced.append(danger)
            waiting.append(danger)
    return Year(fleet, announced)


def key(danger: Danger) -> tuple[str, SignalName]:
    return f"g{danger.series}", SignalName.CPU


def settle(foresight: Foresight, danger: Danger) -> None:
    over_s = danger.at_s + CLAIMED_FOR_S
    first = int(danger.at_s // 300)
    calm = LoadBars(array("i", range(first, first + 13)), array("f", [0.5] * 13), over_s)
    foresight.pass_time(over_s)
    foresight.settle(key(danger), calm, over_s, danger.at_s + 1800 if danger.comes else None)


def one_bar_for_each(fleet: Fleet) -> Year:
    """The rule that this one is better than: every series has a bar and an even share of the budget."""
    bars, at_s, announced = [AlertBar()] * fleet.series, [float(DAY_S)] * fleet.series, list[Danger]()
    for danger in fleet.dangers:
        bar = bars[danger.series].after(danger.at_s - at_s[danger.series], fleet.budget / fleet.series)
        if bar.raises(danger.p):
            announced.append(danger)
            bar = bar if danger.comes else bar.after_false_claim()
        bars[danger.series], at_s[danger.series] = bar, danger.at_s
    return Year(fleet, announced)


def months(year: Year) -> Iterator[float]:
    """The false pages of a day in each month after the first days."""
    return (year.false(first, 30) for first in range(FIRST_DAYS, DAYS - 30, 30))


SPREAD = Fleet(300, dangers(300, 15, 1), 1.0)
"""All series are in danger now and then."""

SCARCE = Fleet(1000, dangers(100, 100, 2), 1.0)
CROWDED = Fleet(1000, dangers(100, 100, 3), 5.0)
"""A hundred of a thousand series are in danger every day."""


@pytest.mark.parametrize("fleet", [SPREAD, SCARCE, CROWDED], ids=["spread", "scarce", "crowded"])
def test_a_fleet_keeps_its_budget_and_warns_of_nearly_all_that_it_allows(fleet: Fleet) -> None:
    year = lived(fleet)
    assert year.false(0, 7) <= 3 * fleet.budget
    assert all(0.5 * fleet.budget <= false <= 1.5 * fleet.budget for false in months(year))
    assert year.warned(DAYS - LAST_DAYS, LAST_DAYS) >= 0.85 * year.best


@pytest.mark.parametrize("fleet", [SPREAD, CROWDED], ids=["spread", "crowded"])
def test_with_a_fitting_budget_most_breaches_are_warned_of_after_a_year(fleet: Fleet) -> None:
    assert lived(fleet).warned(DAYS - LAST_DAYS, LAST_DAYS) >= 0.7


def test_a_bar_for_each_series_would_begin_far_over_the_budget_and_end_deaf() -> None:
    assert one_bar_for_each(SCARCE).false(0, 7) > 5 * SCARCE.budget
    deaf, hearing = one_bar_for_each(CROWDED), lived(CROWDED)
    assert deaf.false(DAYS - LAST_DAYS, LAST_DAYS) < 0.3 * CROWDED.budget
    assert deaf.warned(DAYS - LAST_DAYS, LAST_DAYS) < 0.8 * hearing.warned(DAYS - LAST_DAYS, LAST_DAYS)


@pytest.mark.parametrize("p", [0.7, 0.95, 1.0])
def test_one_noisy_series_does_not_silence_the_others(p: float) -> None:
    noisy = lived(Fleet(301, sorted(SPREAD.dangers + crying_wolf(300, p)), SPREAD.budget))
    assert sum(one.series == 300 for one in noisy.announced) / DAYS <= 0.25 * SPREAD.budget
    assert all(false <= 1.5 * SPREAD.budget for false in months(noisy))
    heard = lived(SPREAD).warned(DAYS - LAST_DAYS, LAST_DAYS)
    assert noisy.warned(DAYS - LAST_DAYS, LAST_DAYS) >= heard - 0.05
