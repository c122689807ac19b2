"""The fleet's physics: load spreads over the nodes in service, and CPU, memory and sessions follow from it."""

from __future__ import annotations

import random
from statistics import mean

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.simulator.fleet import SAMPLE_EVERY_S, TAKE_UP_S, Fleet, Group, Sample, new_id, new_node
from nodescaler_tui.simulator.load import LoadCurve


def fleet_of(nodes: int, sessions: float, *, seed: int = 1, leak_per_s: float = 0.0) -> Fleet:
    source = random.Random(seed)
    group = Group(
        id="group",
        name="media",
        site="Dublin",
        managed=False,
        load=LoadCurve(sessions, daily_share=0),
        nodes=[new_node("media", number, source, online_at_s=-3600) for number in range(1, nodes + 1)],
        leak_per_s=leak_per_s,
    )
    return Fleet([group], seed)


def samples(fleet: Fleet) -> dict[str, Sample]:
    """The samples of the last round."""
    return {node: one for node, one in fleet.groups["group"].samples.items() if one.at_s == fleet.sampled_at_s}


def cpu(fleet: Fleet) -> float:
    return mean(sample.cpu for sample in samples(fleet).values())


@given(st.integers(-(10**6), 10**6), st.lists(st.floats(0.01, 30), max_size=12))
def test_the_same_seed_and_the_same_steps_give_the_same_fleet(seed: int, steps: list[float]) -> None:
    one, other = fleet_of(5, 3.0, seed=seed), fleet_of(5, 3.0, seed=seed)
    for step in steps:
        one.advance(step)
        other.advance(step)
    assert one.groups == other.groups


@given(st.integers(1, 30), st.floats(0, 200), st.lists(st.floats(0.1, 60), min_size=1, max_size=6))
def test_the_sessions_of_the_nodes_add_up_to_what_the_group_carries(
    nodes: int, offered: float, steps: list[float]
) -> None:
    fleet = fleet_of(nodes, offered)
    for step in steps:
        fleet.advance(step)
    carried = sum(sample.sessions for sample in samples(fleet).values())
    assert carried == pytest.approx(offered, abs=1 + 0.06 * offered)


@given(st.integers(1, 10), st.floats(0, 1e6), st.floats(0, 1))
def test_no_load_and_no_leak_makes_a_fraction_leave_0_to_1(nodes: int, offered: float, leak: float) -> None:
    fleet = fleet_of(nodes, offered, leak_per_s=leak)
    fleet.advance(60)
    for sample in samples(fleet).values():
        assert 0 <= sample.cpu <= 1
        assert 0 <= sample.memory <= 1


def test_cpu_memory_and_sessions_rise_together() -> None:
    light, heavy = (next(iter(samples(fleet_of(1, load)).values())) for load in (0.3, 0.9))
    assert light.cpu < heavy.cpu
    assert light.memory < heavy.memory
    assert light.sessions < heavy.sessions


def test_a_booting_node_carries_nothing_and_then_takes_its_share_over_seconds() -> None:
    fleet = fleet_of(4, 4.0)
    (new,) = fleet.add_nodes("group", 1, boot_s=10)
    before = cpu(fleet)
    fleet.advance(8)
    assert new.id not in samples(fleet)
    fleet.advance(4)
    taking_up = samples(fleet)[new.id]
    fleet.advance(TAKE_UP_S)
    assert taking_up.cpu < samples(fleet)[new.id].cpu
    assert cpu(fleet) < before - 0.1


def test_nodes_come_online_one_after_the_other() -> None:
    fleet = fleet_of(2, 1.0)
    added = fleet.add_nodes("group", 3, boot_s=20)
    assert [node.online_at_s for node in added] == pytest.approx([20, 23, 26])
    assert fleet.size("group") == 5


def test_a_failed_node_keeps_its_last_sample_and_the_others_take_its_load_over() -> None:
    fleet = fleet_of(5, 3.0)
    before, failing = cpu(fleet), fleet.groups["group"].nodes[0]
    last = fleet.groups["group"].samples[failing.id]
    fleet.fail([failing])
    fleet.advance(SAMPLE_EVERY_S)
    assert fleet.groups["group"].samples[failing.id] == last
    assert cpu(fleet) > before + 0.05
    assert fleet.size("group") == 4
    assert len(fleet.visible_nodes()) == 5


def test_a_draining_node_gets_no_new_load_and_does_not_count() -> None:
    fleet = fleet_of(3, 9.0)
    draining = fleet.groups["group"].nodes[0]
    draining.draining = True
    fleet.advance(SAMPLE_EVERY_S)
    assert samples(fleet)[draining.id].sessions == 1
    assert fleet.size("group") == 2


def test_a_vanished_node_is_no_longer_found_and_no_longer_listed() -> None:
    fleet = fleet_of(3, 1.0)
    gone = fleet.groups["group"].nodes[0]
    version = fleet.version
    fleet.vanish(gone)
    assert fleet.version > version
    assert fleet.find(gone.id) is None
    assert fleet.find(gone.trunk_id) is None
    assert [node.id for _, node in fleet.visible_nodes()] == [node.id for node in fleet.groups["group"].nodes[1:]]


@given(st.lists(st.floats(0.1, 9), min_size=1, max_size=10))
def test_memory_leaks_with_time_whatever_the_steps(steps: list[float]) -> None:
    fleet = fleet_of(1, 0.5, leak_per_s=0.001)
    for step in steps:
        fleet.advance(step)
    assert fleet.groups["group"].nodes[0].leak == pytest.approx(0.001 * fleet.sampled_at_s)


def test_a_group_that_falls_silent_keeps_its_last_samples() -> None:
    fleet = fleet_of(2, 1.0)
    fleet.groups["group"].silent_after_s = 10
    fleet.advance(8)
    fleet.advance(60)
    assert {sample.at_s for sample in fleet.groups["group"].samples.values()} == {8.0}


def test_a_surge_can_be_asked_for_while_it_runs() -> None:
    fleet = fleet_of(4, 2.0)
    before = cpu(fleet)
    fleet.surge("group", 1.8, rise_s=5)
    fleet.advance(10)
    assert cpu(fleet) > before + 0.2
    with pytest.raises(KeyError):
        fleet.surge("no such group", 2)


def test_a_fleet_without_a_node_in_service_carries_nothing() -> None:
    fleet = fleet_of(1, 5.0)
    fleet.fail(fleet.groups["group"].nodes)
    fleet.advance(60)
    assert not samples(fleet)


def test_identities_follow_from_the_seed() -> None:
    assert new_id(random.Random(5)) == new_id(random.Random(5)) != new_id(random.Random(6))


@given(st.integers(-100, 100), st.integers(1, 12), st.integers(1, 12))
def test_no_two_nodes_ever_have_the_same_identity(seed: int, nodes: int, added: int) -> None:
    fleet = fleet_of(nodes, 1.0, seed=seed)
    fleet.add_nodes("group", added, boot_s=1)
    identities = [identity for _, node in fleet.visible_nodes() for identity in (node.id, node.trunk_id)]
    assert len(set(identities)) == 2 * (nodes + added)
