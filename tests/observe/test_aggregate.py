"""What one poll of a healthy Genesys brings, and what of it may become a number."""

from __future__ import annotations

import pytest

from nodescaler_tui.facts import GroupReading, Lifecycle, Observation
from tests.observe.answers import EDGES, GROUPS, METRICS, TRUNKS, edge, metrics, trunk, trunk_metrics
from tests.observe.conftest import MakeSource
from tests.observe.stub_genesys import StubGenesys


def only_group(observation: Observation) -> GroupReading:
    (group,) = observation.groups
    return group


def test_a_group_is_the_mean_of_its_nodes_and_the_sum_of_their_calls(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.fill(4, cpu=60)
    genesys.metrics["g1-e000"] = metrics("g1-e000", cpu=80)
    observation = make_source(status_page=genesys.address).poll()
    group = only_group(observation)
    assert observation.problems == ()
    assert group.current_nodes.value == 4
    assert group.cpu.value == pytest.approx(0.65)
    assert group.memory.value == pytest.approx(0.4)
    assert group.sessions.value == 16
    assert group.cpu_worst is not None
    assert group.cpu_worst.value == pytest.approx(0.8)
    assert group.cpu_worst.node_name == "node g1-e000"
    assert (group.fresh_nodes, group.site, group.managed) == (4, "Frankfurt", False)


def test_context_comes_along(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(1)
    genesys.rate_limit = 1200
    observation = make_source(status_page=genesys.address).poll()
    assert observation.organization_calls is not None
    assert observation.organization_calls.usage_percent == 41.5
    assert observation.organization_calls.auto_scaling == "Up"
    assert observation.vendor_status is not None
    assert observation.vendor_status.indicator == "minor"
    assert observation.clock_skew_s == pytest.approx(0, abs=2)
    assert (observation.budget.limit_per_minute, observation.budget.limit_is_live) == (1200, True)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, Lifecycle.IN_SERVICE),
        ({"statusCode": None}, Lifecycle.IN_SERVICE),
        ({"statusCode": "INITIALIZING", "onlineStatus": "OFFLINE"}, Lifecycle.BOOTING),
        ({"statusCode": "AWAITING_BOOTSTRAP"}, Lifecycle.BOOTING),
        ({"callDrainingState": "WAIT", "conversationCount": 7}, Lifecycle.DRAINING),
        ({"onlineStatus": "OFFLINE"}, Lifecycle.OFFLINE),
        ({"state": "inactive"}, Lifecycle.OFFLINE),
        ({"statusCode": "RMA"}, Lifecycle.OFFLINE),
    ],
)
def test_only_an_active_online_node_that_is_not_draining_counts(
    genesys: StubGenesys, make_source: MakeSource, changes: dict[str, object], expected: Lifecycle
) -> None:
    genesys.fill(2)
    genesys.edges[0] |= changes
    group = only_group(make_source().poll())
    assert group.nodes[0].lifecycle is expected
    assert group.current_nodes.value == (2 if expected is Lifecycle.IN_SERVICE else 1)


def test_deleted_nodes_do_not_exist(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(2)
    genesys.edges[0]["state"] = "deleted"
    assert len(only_group(make_source().poll()).nodes) == 1


def test_all_pages_are_read_even_when_genesys_makes_them_smaller(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(60)
    genesys.largest_page = 25
    assert only_group(make_source().poll()).current_nodes.value == 60


def test_requests_do_not_grow_with_the_number_of_groups(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.groups = [{"id": f"g{n}", "name": f"group {n}", "managed": False} for n in range(50)]
    for number in range(50):
        genesys.fill(2, f"g{number}")
    source = make_source()
    source.poll()
    assert source.poll().requests <= 2 * 1 + 1 + 1
    assert {path for path in (EDGES, METRICS) if len(genesys.asked(path)) != 2} == set()
    assert (len(genesys.asked(GROUPS)), len(genesys.asked(TRUNKS))) == (1, 1)


def test_groups_that_genesys_scales_itself_say_so(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(2)
    genesys.groups[0]["managed"] = True
    assert only_group(make_source().poll()).managed


def test_a_node_of_edge_type_cdm_is_scaled_by_genesys(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(2)
    for node in genesys.edges:
        node["edgeDeploymentType"] = "CDM"
    assert only_group(make_source().poll()).managed


def test_nodes_without_a_group_make_no_group_that_could_be_scaled(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.fill(2)
    genesys.edges.append(edge("lonely", edgeGroup=None))
    genesys.metrics["lonely"] = metrics("lonely", cpu=99)
    assert [group.id for group in make_source().poll().groups] == ["g1"]


def test_a_media_subsystem_is_an_object_and_its_delay_is_the_media_delay(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.fill(1)
    media = {"processName": "media", "delayMs": 17}
    genesys.metrics["g1-e000"]["subsystems"] = [{"processName": "s", "delayMs": 4, "mediaSubsystem": media}]
    observation = make_source().poll()
    assert observation.problems == ()
    (node,) = only_group(observation).nodes
    assert node.cpu.value == pytest.approx(0.5)
    assert node.media_delay_ms.value == 17


@pytest.mark.parametrize("detail", [True, None, "media", 3])
def test_a_detail_of_another_shape_does_not_cost_the_sample(
    genesys: StubGenesys, make_source: MakeSource, detail: object
) -> None:
    genesys.fill(2)
    genesys.metrics["g1-e000"]["subsystems"] = [{"processName": "s", "delayMs": 4, "mediaSubsystem": detail}]
    group = only_group(make_source().poll())
    assert (group.fresh_nodes, group.nodes[0].media_delay_ms.value) == (2, 4)


def test_too_few_samples_are_no_value(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(10)
    for number in range(7):
        del genesys.metrics[f"g1-e00{number}"]
    group = only_group(make_source().poll())
    assert group.cpu.value is None
    assert "3 of 10" in group.cpu.missing
    assert group.current_nodes.value == 10


def test_old_samples_keep_their_old_time(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(10)
    for number in range(8):
        genesys.metrics[f"g1-e00{number}"] = metrics(f"g1-e00{number}", age_s=600)
    observation = make_source().poll()
    group = only_group(observation)
    assert group.fresh_nodes == 2
    assert group.cpu.sampled_at is not None
    assert (observation.taken_at - group.cpu.sampled_at).total_seconds() >= 590


def test_a_sample_from_the_future_is_not_believed(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(2)
    for identity in list(genesys.metrics):
        genesys.metrics[identity] = metrics(identity, age_s=-600)
    group = only_group(make_source().poll())
    assert (group.cpu.value, group.fresh_nodes) == (None, 0)


def test_a_trunk_sample_from_the_future_is_not_believed(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(2)
    for identity in list(genesys.trunk_metrics):
        genesys.trunk_metrics[identity] = trunk_metrics(identity, age_s=-600)
    assert only_group(make_source().poll()).sessions.value is None


@pytest.mark.parametrize("when", ["yesterday", "2026-11-24T04:00:00", "", None, 5])
def test_one_unreadable_time_costs_one_node_and_not_the_batch(
    genesys: StubGenesys, make_source: MakeSource, when: object
) -> None:
    genesys.fill(4)
    genesys.metrics["g1-e000"]["eventTime"] = when
    group = only_group(make_source().poll())
    assert group.cpu.value == pytest.approx(0.5)
    assert group.fresh_nodes == 3


@pytest.mark.parametrize("when", ["yesterday", "2026-11-24T04:00:00", None])
def test_an_unreadable_trunk_time_makes_sessions_unknown(
    genesys: StubGenesys, make_source: MakeSource, when: object
) -> None:
    genesys.fill(4)
    genesys.trunk_metrics["t-g1-e000"]["eventTime"] = when
    group = only_group(make_source().poll())
    assert group.sessions.value is None
    assert group.cpu.value == pytest.approx(0.5)


@pytest.mark.parametrize("cpu", [250, -3])
def test_a_percentage_outside_its_range_is_not_averaged_away(
    genesys: StubGenesys, make_source: MakeSource, cpu: float
) -> None:
    genesys.fill(4)
    genesys.metrics["g1-e000"] = metrics("g1-e000", cpu=cpu)
    group = only_group(make_source().poll())
    assert group.cpu.value is None or not 0 <= group.cpu.value <= 1 or group.cpu.value == pytest.approx(0.5)


def test_no_physical_memory_row_is_no_memory_figure(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(2)
    for sample in genesys.metrics.values():
        sample["memory"] = [{"type": "virtual", "availableBytes": 0, "totalBytes": 0}]
    group = only_group(make_source().poll())
    assert group.memory.value is None
    assert group.cpu.value == pytest.approx(0.5)


def test_more_free_memory_than_memory_is_not_averaged_away(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(4)
    genesys.metrics["g1-e000"]["memory"] = [{"type": "physical", "availableBytes": 40, "totalBytes": 10}]
    value = only_group(make_source().poll()).memory.value
    assert value is None or value == pytest.approx(0.4)


def test_sessions_count_external_trunks_only(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(2)
    genesys.trunks.append(trunk("phone", "g1-e000", trunkType="PHONE"))
    genesys.trunk_metrics["phone"] = trunk_metrics("phone", inbound=500)
    assert only_group(make_source().poll()).sessions.value == 8


def test_a_group_without_external_trunks_has_unknown_sessions_not_zero(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.fill(2)
    genesys.trunks.clear()
    assert only_group(make_source().poll()).sessions.value is None


def test_a_trunk_that_does_not_report_makes_sessions_unknown(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(3)
    del genesys.trunk_metrics["t-g1-e001"]
    group = only_group(make_source().poll())
    assert group.sessions.value is None
    assert group.sessions.missing


@pytest.mark.parametrize("outbound", [4, None])
def test_a_call_count_that_is_not_told_is_not_zero(
    genesys: StubGenesys, make_source: MakeSource, outbound: int | None
) -> None:
    genesys.fill(3)
    genesys.trunk_metrics["t-g1-e001"] = trunk_metrics("t-g1-e001", inbound=None, outbound=outbound)
    assert only_group(make_source().poll()).sessions.value is None


def test_a_dead_node_does_not_make_the_sessions_of_the_living_unknown(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.fill(3)
    genesys.edges[0]["onlineStatus"] = "OFFLINE"
    del genesys.trunk_metrics["t-g1-e000"]
    assert only_group(make_source().poll()).sessions.value == 8


def test_a_node_that_joined_is_counted_with_its_calls_at_once(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(2)
    source = make_source()
    source.poll()
    genesys.fill(1, "g1b")
    genesys.edges[-1]["edgeGroup"] = {"id": "g1", "name": "group g1"}
    group = only_group(source.poll())
    assert (group.current_nodes.value, group.sessions.value) == (3, 12)


def test_an_empty_group_is_shown_without_figures(make_source: MakeSource) -> None:
    group = only_group(make_source().poll())
    assert (group.current_nodes.value, group.cpu.value, group.memory.value) == (0, None, None)


@pytest.mark.parametrize("field", ["onlineStatus", "state"])
@pytest.mark.parametrize("value", [None, "SOMETHING_NEW"])
def test_a_node_of_unknown_state_makes_the_count_unknown_not_smaller(
    genesys: StubGenesys, make_source: MakeSource, field: str, value: str | None
) -> None:
    genesys.fill(10)
    for node in genesys.edges[:6]:
        node[field] = value
    source = make_source()
    assert only_group(source.poll()).current_nodes.value in {None, 10}
    assert source.live_count("g1").value in {None, 10}
