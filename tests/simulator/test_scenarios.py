"""Each scenario tells the story that it promises. The product calls 0.90 CPU and 0.95 memory critical."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from statistics import mean

import pytest

from nodescaler_tui.simulator.fleet import Group
from nodescaler_tui.simulator.scenarios import SCENARIOS, FaultBurst
from nodescaler_tui.simulator.simulation import Simulation

WARNING, CRITICAL, CRITICAL_MEMORY = 0.75, 0.90, 0.95
SEEDS = (1, 7, 4711)


def group_named(simulation: Simulation, name: str = "") -> Group:
    wanted = name or simulation.scenario.subject
    return next(group for group in simulation.fleet.groups.values() if group.name == wanted)


def in_service(simulation: Simulation, group: Group) -> list[str]:
    return [node.id for node in group.nodes if node.weight(simulation.fleet.now_s)]


def reading(simulation: Simulation, field: str, name: str = "") -> float:
    """The mean of one figure over the nodes in service that have reported."""
    group = group_named(simulation, name)
    reported = [group.samples[node] for node in in_service(simulation, group) if node in group.samples]
    return mean(float(getattr(sample, field)) for sample in reported)


def seconds(simulation: Simulation, count: int, step: int = 1) -> Iterator[int]:
    """Let time pass second by second."""
    for second in range(0, count, step):
        simulation.advance(step)
        yield second + step


def first(simulation: Simulation, field: str, limit: float, within_s: int) -> int | None:
    """When the subject's figure first reached a limit."""
    return next((at for at in seconds(simulation, within_s) if reading(simulation, field) >= limit), None)


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_scenario_has_its_subject_and_passes_some_minutes(name: str) -> None:
    simulation = Simulation(name, seed=3)
    for _ in seconds(simulation, 60 if name == "big" else 600, step=6):
        assert simulation.subject_id in simulation.fleet.groups


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("start", [0.0, 0.75])
def test_calm_never_leaves_the_normal_range(seed: int, start: float) -> None:
    simulation = Simulation("calm", seed=seed, start=start)
    for _ in seconds(simulation, 600, step=5):
        for group in simulation.fleet.groups.values():
            assert reading(simulation, "cpu", group.name) < WARNING
            assert 0.2 <= reading(simulation, "sessions", group.name) <= 1.1


@pytest.mark.parametrize("seed", SEEDS)
def test_surge_climbs_through_warning_to_critical_within_a_minute(seed: int) -> None:
    simulation = Simulation("surge", seed=seed)
    assert reading(simulation, "cpu") < WARNING
    warned = first(simulation, "cpu", WARNING, 60)
    assert warned is not None
    turned = first(simulation, "cpu", CRITICAL, 60 - warned)
    assert turned is not None
    simulation.advance(20)
    assert CRITICAL < reading(simulation, "cpu") < 0.96
    assert reading(simulation, "sessions") < 1.2, "CPU is to be what breaches"
    assert reading(simulation, "memory") < 0.8


@pytest.mark.parametrize("seed", SEEDS)
def test_a_quarter_more_nodes_bring_the_surge_below_critical_within_half_a_minute(seed: int) -> None:
    simulation = Simulation("surge", seed=seed)
    simulation.advance(60)
    simulation.fleet.add_nodes(simulation.subject_id, 2, simulation.scenario.boot_s)
    below = next(at for at in seconds(simulation, 60) if reading(simulation, "cpu") < CRITICAL)
    assert below <= 30
    simulation.advance(30)
    assert len(in_service(simulation, group_named(simulation))) == 12
    assert reading(simulation, "cpu") < WARNING + 0.06


def test_surge_has_a_group_in_warning_a_silent_one_and_one_that_genesys_runs() -> None:
    simulation = Simulation("surge", seed=1)
    for _ in seconds(simulation, 90):
        assert WARNING <= reading(simulation, "cpu", "media-us-prod-02") < CRITICAL
    silent = group_named(simulation, "media-uk-stage").samples.values()
    assert simulation.fleet.now_s - max(sample.at_s for sample in silent) > 60
    assert [group.name for group in simulation.fleet.groups.values() if group.managed] == ["genesys-cloud-media"]
    assert 50 <= len(simulation.fleet.visible_nodes()) <= 60


@pytest.mark.parametrize("seed", SEEDS)
def test_in_a_surge_the_group_in_warning_climbs_as_every_day_and_is_critical_after_ten_to_fourteen_minutes(
    seed: int,
) -> None:
    simulation = Simulation("surge", seed=seed)
    cpus = {at: reading(simulation, "cpu", "media-us-prod-02") for at in seconds(simulation, 1200, step=5)}
    assert 600 <= next(at for at, cpu in cpus.items() if cpu >= CRITICAL) <= 840
    assert min(cpu for at, cpu in cpus.items() if at > 900) > CRITICAL
    assert reading(simulation, "sessions", "media-us-prod-02") < 1.2, "CPU is to be what breaches"


def test_in_a_surge_the_declared_groups_queue_becomes_critical_and_is_relieved_by_nodes() -> None:
    simulation = Simulation("surge", seed=1)
    simulation.advance(60)
    queue, now_s = simulation.queues.declared, simulation.fleet.now_s
    assert queue.busy(now_s) / queue.agents >= CRITICAL
    queue.relieve(now_s + 15, 10 / 12)
    assert queue.busy(now_s) / queue.agents >= CRITICAL
    assert queue.busy(now_s + 15) / queue.agents < CRITICAL


def test_memory_leak_turns_memory_critical_while_cpu_stays_calm() -> None:
    simulation = Simulation("memory-leak", seed=1)
    assert first(simulation, "memory", CRITICAL_MEMORY, 150) is not None
    assert reading(simulation, "cpu") < WARNING


def test_node_failure_loads_the_nodes_that_are_left_beyond_critical() -> None:
    simulation = Simulation("node-failure", seed=1)
    assert reading(simulation, "cpu") < WARNING
    simulation.advance(60)
    group = group_named(simulation)
    assert len(in_service(simulation, group)) == 7
    assert sum(node.failed for node in group.nodes) == 3
    simulation.advance(SCENARIOS["node-failure"].boot_s)
    assert reading(simulation, "cpu") >= CRITICAL
    assert reading(simulation, "sessions") < 1.2


def test_flapping_crosses_its_limit_in_both_directions_every_minute() -> None:
    simulation = Simulation("flapping", seed=1)
    above = [reading(simulation, "cpu") >= CRITICAL for _ in seconds(simulation, 180)]
    ups = sum(now and not before for before, now in pairwise(above))
    downs = sum(before and not now for before, now in pairwise(above))
    assert ups >= 3
    assert downs >= 3


def test_big_has_a_thousand_groups_ten_thousand_nodes_and_a_thousand_queues() -> None:
    simulation = Simulation("big", seed=1)
    assert len(simulation.fleet.groups) == 1000
    assert len(simulation.fleet.visible_nodes()) == 10_000
    assert len(simulation.queues.by_id) == 1000


def test_the_scenarios_with_faults_have_them_on_from_the_start() -> None:
    assert Simulation("provider-down").faults.names() == ["fail-5xx"]
    assert Simulation("outage").faults.names() == ["http-503"]


def test_throttled_refuses_for_a_third_of_each_minute() -> None:
    simulation = Simulation("throttled", seed=1)
    refusing = [simulation.faults.names() == ["throttle"] for _ in seconds(simulation, 150)]
    assert refusing[:29] == [False] * 29
    assert sum(refusing[29:89]) == 20
    assert refusing[29:89] == refusing[89:149]


def test_a_burst_is_on_from_its_beginning_to_just_before_its_end() -> None:
    burst = FaultBurst({"fault": "throttle"}, at_s=10, for_s=5, every_s=20)
    assert [burst.is_on(at) for at in (9.9, 10, 14.9, 15, 29.9, 30, 34.9, 35)] == [False, True, True, False] * 2
