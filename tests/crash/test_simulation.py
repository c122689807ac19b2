"""Exactly once, in a simulated world: kills, frozen processes, lost answers, jumping clocks, full disks, two operators.

`python -m benchmarks.reliability simulate` runs as many more schedules as one likes; `replay SEED` shows one.
"""

from __future__ import annotations

import pytest

from benchmarks.reliability.defects import DEFECTS
from benchmarks.reliability.schedule import play
from benchmarks.reliability.simulation import caught, simulated
from nodescaler_tui.act.operation import Operation

SCHEDULES = 125
FIRST_SEEDS = range(1_000_000, 1_001_000, SCHEDULES)
"""A thousand schedules: eight times as many as the defect needs that is noticed last."""

ONCE_FAILED = [
    (66, "sent after a day", "sent again more than a day later"),
    (24, "waits by the wall clock", "recovery took"),
    (120, "breaker by the wall clock", "recovery took"),
]
"""Seeds by which a defect of this program was found, the defect's name, and what was seen."""


AGED_BY_A_CLOCK_THAT_WAS_SET_BACK = [289_417, 524_761]
"""Two of 600,000 seeds: set back by hours, the clock made an approval of yesterday look like one of today."""


@pytest.mark.parametrize("first_seed", FIRST_SEEDS)
def test_no_schedule_breaks_a_promise(first_seed: int) -> None:
    totals = simulated(first_seed, SCHEDULES)
    assert totals.violations == []
    assert totals.kills > SCHEDULES
    assert totals.effects > SCHEDULES


def test_a_seed_is_a_schedule() -> None:
    assert play(7, tracing=True) == play(7, tracing=True)


@pytest.mark.parametrize("defect", sorted(DEFECTS))
def test_the_simulation_notices_each_defect(defect: str) -> None:
    assert caught(defect).schedules is not None


@pytest.mark.parametrize(("seed", "defect", "seen"), ONCE_FAILED)
def test_what_once_failed_holds_now_and_would_be_noticed_again(seed: int, defect: str, seen: str) -> None:
    assert play(seed).problems == ()
    with DEFECTS[defect]():
        assert any(seen in problem for problem in play(seed).problems)


@pytest.mark.parametrize("seed", AGED_BY_A_CLOCK_THAT_WAS_SET_BACK)
def test_a_clock_that_was_set_back_makes_no_approval_younger(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    assert play(seed).problems == ()
    monkeypatch.setattr(Operation, "earliest_since", lambda operation, _: operation.approved_at)
    assert any("sent again more than a day later" in problem for problem in play(seed).problems)
