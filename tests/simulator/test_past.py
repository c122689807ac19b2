"""The past: told from the same load curves as what comes, so that the two are one story."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from statistics import fmean
from typing import Any

import httpx
import pytest

from nodescaler_tui.simulator.clock import Clock, WallClock
from nodescaler_tui.simulator.fleet import CPU_IDLE, Group
from nodescaler_tui.simulator.load import DAY_S
from nodescaler_tui.simulator.past import METRICS, Past, Wanted
from nodescaler_tui.simulator.simulation import Simulation

BEGINS = datetime(2026, 3, 2, 12, 3, 20, tzinfo=UTC)
BEGINS_S = BEGINS.timestamp()
CRITICAL = 0.90
CLIMBING = "media-us-prod-02"

Curve = list[tuple[float, float]]
Told = dict[tuple[str, str], Curve]


def wall(speed: float = 1.0) -> WallClock:
    return WallClock(speed, lambda: BEGINS)


def fleet(seed: int = 1, scenario: str = "surge") -> Simulation:
    return Simulation(scenario, seed=seed, clock=Clock(lambda: BEGINS, lambda: 0.0))


def told(past: Past, *, days: float = 8.0, step_s: float = 300.0, until_days: float = 0.0, speed: float = 1.0) -> Told:
    """Curves by group name and metric."""
    return read(past.told(Wanted(days, until_days, step_s), wall(speed)))


def read(document: dict[str, Any]) -> Told:
    return {
        (series["metric"]["name"], series["metric"]["__name__"]): [(at, float(value)) for at, value in series["values"]]
        for series in document["data"]["result"]
    }


def past_of(simulation: Simulation, seed: int = 1) -> Past:
    return Past(simulation.fleet.groups.values(), seed)


def group_named(simulation: Simulation, name: str) -> Group:
    return next(group for group in simulation.fleet.groups.values() if group.name == name)


def usual_cpu(group: Group, nodes: int) -> Callable[[float], float]:
    """The CPU at a simulated moment, before noise."""
    return lambda at_s: CPU_IDLE + group.cpu_per_session * group.load.at(at_s) / nodes


def test_the_same_seed_tells_the_same_past_and_another_one_another() -> None:
    one, same, other = (past_of(fleet(seed), seed) for seed in (5, 5, 6))
    assert told(one, days=0.5) == told(same, days=0.5)
    assert told(one, days=0.5) != told(other, days=0.5)


def test_every_group_has_a_curve_for_each_metric_without_a_gap_up_to_the_beginning() -> None:
    simulation = fleet()
    curves = told(past_of(simulation), days=2)
    assert set(curves) == {(group.name, metric) for group in simulation.fleet.groups.values() for metric in METRICS}
    for curve in curves.values():
        times = [at_s for at_s, _ in curve]
        assert {int(later // 300) - int(earlier // 300) for earlier, later in pairwise(times)} == {1}
        assert times[0] < BEGINS_S - 2 * DAY_S + 300
        assert times[-2:] == [BEGINS_S - 200 - 150, BEGINS_S - 100], "the last bar ends with the beginning"


def test_a_stretch_ends_where_the_finer_one_begins() -> None:
    past = past_of(fleet())
    coarse = told(past, days=2, until_days=0.25, step_s=900)[CLIMBING, "cpu"]
    fine = told(past, days=0.25)[CLIMBING, "cpu"]
    assert coarse[-1][0] + 450 >= fine[0][0] - 150
    assert coarse[-1][0] - 450 <= fine[0][0]


@pytest.mark.parametrize("seed", [1, 7, 4711])
def test_what_comes_first_joins_what_was_last(seed: int) -> None:
    simulation = fleet(seed)
    curves = told(past_of(simulation, seed), days=0.25, step_s=60)
    for group in simulation.fleet.groups.values():
        samples = [group.samples[node.id] for node in group.nodes if node.weight(0.0)]
        calls = sum(sample.sessions for sample in group.samples.values())
        last = {metric: curves[group.name, metric][-1][1] for metric in METRICS}
        assert last["cpu"] == pytest.approx(fmean(sample.cpu for sample in samples), abs=0.025)
        assert last["cpu_worst"] == pytest.approx(max(sample.cpu for sample in samples), abs=0.035)
        assert last["memory"] == pytest.approx(fmean(sample.memory for sample in samples), abs=0.01)
        assert last["memory_worst"] == last["memory"], "the nodes of a group share its sessions evenly"
        assert last["sessions"] == pytest.approx(calls, abs=1.2)
        assert last["sessions_per_node"] == pytest.approx(last["sessions"] / len(samples), abs=0.001)
        assert last["nodes"] == len(samples)


def test_bars_follow_the_load_curve_with_noise_and_no_more() -> None:
    simulation = fleet()
    cpu_at = usual_cpu(group_named(simulation, "media-ap-prod-01"), 12)
    for at_s, value in told(past_of(simulation), days=1)["media-ap-prod-01", "cpu"]:
        assert value == pytest.approx(cpu_at(at_s - BEGINS_S), abs=0.02)


def test_the_daily_climb_turned_critical_at_the_same_time_on_each_of_the_past_days() -> None:
    curve = told(past_of(fleet()))[CLIMBING, "cpu"]
    crossed = [later - BEGINS_S for (_, below), (later, above) in pairwise(curve) if below < CRITICAL <= above]
    assert [at_s // DAY_S for at_s in crossed] == list(range(-8, 0))
    assert all(at_s % DAY_S == pytest.approx(700, abs=300) for at_s in crossed)
    assert curve[-1][1] < CRITICAL


def test_the_surge_that_nobody_can_foresee_is_in_no_past() -> None:
    curves = told(past_of(fleet()), days=1.1)
    assert max(value for _, value in curves["media-eu-prod-01", "cpu"]) < 0.65


def test_when_time_passes_faster_the_past_did_too() -> None:
    simulation, speed = fleet(), 60.0
    cpu_at = usual_cpu(group_named(simulation, CLIMBING), 24)
    curve = told(past_of(simulation), days=0.1, step_s=60, speed=speed)[CLIMBING, "cpu"]
    assert curve[-1][0] == pytest.approx(BEGINS_S - 10)
    for at_s, value in curve:
        middle_s = (at_s - BEGINS_S) * speed
        reach_s = 30 * speed
        around = [cpu_at(middle_s + share * reach_s) for share in (-1, 0, 1)]
        assert min(around) - 0.03 <= value <= max(around) + 0.03


def test_nodes_that_come_later_were_never_in_the_past() -> None:
    simulation = fleet()
    before = simulation.control.past.told(Wanted(0.25), wall())
    simulation.fleet.add_nodes(simulation.subject_id, 5, 15)
    simulation.fleet.drain(simulation.subject_id, 2, 15)
    simulation.fleet.advance(60)
    assert simulation.control.past.told(Wanted(0.25), wall()) == before


def test_it_is_asked_for_at_the_control_address(simulation: Simulation) -> None:
    answer = httpx.get(f"{simulation.addresses.control}/past", params={"days": 1, "step": 900}, trust_env=False)
    document = answer.raise_for_status().json()
    assert (document["status"], document["data"]["resultType"]) == ("success", "matrix")
    curve = read(document)["media-eu-prod-01", "cpu"]
    assert 96 <= len(curve) <= 98
    assert curve[-1][0] < datetime.now(UTC).timestamp()
    assert {series["metric"]["group"] for series in document["data"]["result"]} == set(simulation.fleet.groups)


def test_time_that_was_made_to_pass_makes_the_past_older(simulation: Simulation) -> None:
    def newest_s() -> float:
        told = httpx.get(f"{simulation.addresses.control}/past", params={"days": 0.1}, trust_env=False).json()
        return read(told)["media-eu-prod-01", "nodes"][-1][0]

    before = newest_s()
    simulation.advance(timedelta(hours=1).total_seconds())
    assert newest_s() == pytest.approx(before - 3600, abs=300)


@pytest.mark.parametrize(
    "query",
    ["days=0", "days=-1", "days=nan", "days=soon", "days=inf", "step=1", "step=inf", "days=1&until=1", "days=3000"],
)
def test_a_past_that_makes_no_sense_is_refused_with_a_sentence(simulation: Simulation, query: str) -> None:
    answer = httpx.get(f"{simulation.addresses.control}/past?{query}", trust_env=False)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_the_past_of_a_thousand_groups_is_more_than_is_told() -> None:
    with pytest.raises(ValueError, match="fewer days"):
        told(past_of(fleet(scenario="big")))
