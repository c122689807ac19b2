"""The product's own simulation, read like the real thing: its story, and each of its faults on Genesys's side."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nodescaler_tui.facts import GroupKind, Lifecycle, ProblemKind
from nodescaler_tui.observe.connection import BeliefPolicy, Connection, DeclaredGroup
from nodescaler_tui.observe.genesys import GenesysSource
from nodescaler_tui.observe.sdk import Sdk
from nodescaler_tui.simulator.simulation import Simulation, running_simulation


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    with running_simulation("surge", seed=7) as running:
        yield running


@contextmanager
def source_of(simulation: Simulation, sdk: Sdk, *, declared: bool = False) -> Iterator[GenesysSource]:
    addresses = simulation.addresses
    connection = Connection(
        region="mypurecloud.com",
        client_id=addresses.client_id,
        client_secret=addresses.client_secret,
        gateway=addresses.gateway,
        status_page=addresses.status_page,
        request_timeout_s=1,
        request_deadline_s=2,
    )
    group = DeclaredGroup(addresses.node_group_id, addresses.queue_id) if declared else None
    source = GenesysSource(connection, BeliefPolicy(), sdk, declared=group, declared_nodes=lambda: 10)
    try:
        yield source
    finally:
        source.close()


@contextmanager
def fault(simulation: Simulation, name: str, **options: object) -> Iterator[None]:
    simulation.faults.switch_on({"fault": name, **options})
    try:
        yield
    finally:
        simulation.faults.switch_off()


def test_all_that_the_fleet_has_is_read(simulation: Simulation, sdk: Sdk) -> None:
    with source_of(simulation, sdk, declared=True) as source:
        observation = source.poll()
    assert observation.problems == ()
    edge_groups = {group.id: group for group in observation.groups if group.kind is GroupKind.EDGE}
    assert edge_groups.keys() == simulation.fleet.groups.keys()
    for identity, group in edge_groups.items():
        listed = len(simulation.fleet.groups[identity].nodes)
        assert len(group.nodes) == listed
        in_service = sum(node.lifecycle is Lifecycle.IN_SERVICE for node in group.nodes)
        assert group.current_nodes.value == in_service
    assert any(group.managed for group in observation.groups)
    assert [group.id for group in observation.groups if group.kind is GroupKind.DECLARED] == ["mgmt-media-prod-01"]


UNREAD = {
    "hang": ProblemKind.TIMEOUT,
    "drop": ProblemKind.UNAVAILABLE,
    "html200": ProblemKind.MALFORMED,
    "truncated": ProblemKind.UNAVAILABLE,
    "throttle": ProblemKind.RATE_LIMITED,
    "http-500": ProblemKind.UNAVAILABLE,
    "http-503": ProblemKind.UNAVAILABLE,
    "http-504": ProblemKind.TIMEOUT,
    "forbidden": ProblemKind.FORBIDDEN,
}


@pytest.mark.parametrize(("name", "kind"), UNREAD.items(), ids=UNREAD)
def test_a_fault_on_everything_leaves_no_group_and_one_reason(
    simulation: Simulation, sdk: Sdk, name: str, kind: ProblemKind
) -> None:
    with source_of(simulation, sdk) as source:
        source.poll()
        with fault(simulation, name):
            observation = source.poll()
        assert (observation.inventory_read, observation.groups) == (False, ())
        assert {problem.kind for problem in observation.problems} == {kind}


@pytest.mark.parametrize(("name", "kind"), UNREAD.items(), ids=UNREAD)
def test_a_fault_on_metrics_alone_costs_their_freshness_and_nothing_else(
    simulation: Simulation, sdk: Sdk, name: str, kind: ProblemKind
) -> None:
    with source_of(simulation, sdk) as source:
        before = source.poll()
        with fault(simulation, name, endpoint="edges/metrics"):
            after = source.poll()
        assert {problem.kind for problem in after.problems} == {kind}
        assert [group.cpu for group in after.groups] == [group.cpu for group in before.groups]


def test_a_revoked_token_is_not_noticed(simulation: Simulation, sdk: Sdk) -> None:
    with source_of(simulation, sdk) as source:
        source.poll()
        with fault(simulation, "token-revoked", count=1):
            assert source.poll().problems == ()


def test_bad_credentials_are_said_to_be_bad(simulation: Simulation, sdk: Sdk) -> None:
    with fault(simulation, "bad-credentials"), source_of(simulation, sdk) as source:
        observation = source.poll()
    (problem,) = observation.problems
    assert problem.kind is ProblemKind.AUTH_FAILED
    assert "GENESYS_CLIENT_SECRET" in problem.sentence


def test_a_null_enumeration_makes_a_count_unknown_and_never_smaller(simulation: Simulation, sdk: Sdk) -> None:
    with source_of(simulation, sdk) as source:
        before = {group.id: group.current_nodes.value for group in source.poll().groups}
        with fault(simulation, "null-enum"):
            after = {group.id: group.current_nodes for group in source.poll().groups}
    assert {after[identity].value in {None, count} for identity, count in before.items()} == {True}
    assert [reading.missing for reading in after.values() if reading.value is None] != []


def test_a_vanished_edge_costs_only_itself(simulation: Simulation, sdk: Sdk) -> None:
    with source_of(simulation, sdk) as source, fault(simulation, "vanished-edge"):
        observation = source.poll()
    assert sum(group.cpu.value is not None for group in observation.groups) >= len(observation.groups) - 1


def test_stale_metrics_keep_their_old_time(simulation: Simulation, sdk: Sdk) -> None:
    with source_of(simulation, sdk) as source, fault(simulation, "stale-metrics"):
        observation = source.poll()
    times = [group.cpu.sampled_at for group in observation.groups if group.cpu.sampled_at is not None]
    ages = [(observation.taken_at - sampled_at).total_seconds() for sampled_at in times]
    assert ages
    assert min(ages) > 500
    assert {group.fresh_nodes for group in observation.groups} == {0}


def test_hostile_names_stay_raw_facts(simulation: Simulation, sdk: Sdk) -> None:
    with source_of(simulation, sdk) as source, fault(simulation, "hostile-names"):
        observation = source.poll()
    assert observation.problems == ()
    names = [node.name for group in observation.groups for node in group.nodes] + [g.name for g in observation.groups]
    assert any(not name.isprintable() for name in names)
