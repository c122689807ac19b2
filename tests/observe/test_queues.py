"""The tutorial's set-up: a group that Genesys does not list, fed by a queue, and never taken for an edge group."""

from __future__ import annotations

import pytest

from nodescaler_tui.facts import GroupKind, GroupReading, Observation, ProblemKind
from nodescaler_tui.observe.connection import DeclaredGroup
from tests.observe.answers import AGGREGATES, EDGES, GROUPS, QUEUE, Answer, Document, error, html
from tests.observe.conftest import MakeSource
from tests.observe.stub_genesys import StubGenesys

DECLARED = DeclaredGroup("mgmt-media-prod-01", "q1")


def datum(metric: str, count: float, qualifier: str | None = None) -> Document:
    return {"metric": metric, "stats": {"count": count}} | ({"qualifier": qualifier} if qualifier else {})


def busy_queue() -> list[Document]:
    return [
        {
            "group": {"queueId": "q1"},
            "data": [
                datum("oOnQueueUsers", 9, "INTERACTING"),
                datum("oOnQueueUsers", 1, "IDLE"),
                datum("oUserRoutingStatuses", 9, "INTERACTING"),
                datum("oUserRoutingStatuses", 4, "OFF_QUEUE"),
            ],
        },
        {"group": {"queueId": "q1", "mediaType": "voice"}, "data": [datum("oInteracting", 13), datum("oWaiting", 2)]},
        {"group": {"queueId": "q1", "mediaType": "chat"}, "data": [datum("oInteracting", 5), datum("oWaiting", 0)]},
    ]


def declared(observation: Observation) -> GroupReading:
    (group,) = [group for group in observation.groups if group.id == DECLARED.node_group_id]
    return group


def test_a_declared_group_is_fed_by_its_queue(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.queue = busy_queue()
    stats = [{"count": 2, "sum": 60_000}, {"count": 4, "sum": 360_000}]
    genesys.aggregates = [
        {"group": {"queueId": "q1"}, "data": [{"metrics": [{"metric": "tHandle", "stats": part}]} for part in stats]}
    ]
    group = declared(make_source(declared=DECLARED, declared_nodes=12).poll())
    assert group.kind is GroupKind.DECLARED
    assert group.cpu.value == pytest.approx(0.9)
    assert "occupancy" in group.cpu.source
    assert group.sessions.value == 13
    assert group.memory.value is None
    assert (group.current_nodes.value, group.current_nodes.source) == (12, "declared, not measured")
    assert group.queues[0].handle_time_ms.value == pytest.approx(70_000)
    assert group.queues[0].waiting.value == 2


def test_the_count_is_the_declared_one_and_moves_with_it(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.queue = busy_queue()
    source = make_source(declared=DECLARED, declared_nodes=17)
    source.poll()
    assert source.live_count(DECLARED.node_group_id).value == 17


def test_an_agent_who_leaves_while_interacting_does_not_make_it_more_than_full(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    leaving = [datum("oOnQueueUsers", 2, "INTERACTING"), datum("oUserRoutingStatuses", 3, "INTERACTING")]
    genesys.queue = [{"group": {"queueId": "q1"}, "data": leaving}]
    assert declared(make_source(declared=DECLARED).poll()).cpu.value == 1.0


def test_nobody_on_queue_is_no_occupancy(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.queue = [{"group": {"queueId": "q1"}, "data": [datum("oOnQueueUsers", 0, "IDLE")]}]
    group = declared(make_source(declared=DECLARED).poll())
    assert group.cpu.value is None
    assert group.cpu.missing


def test_a_queue_that_says_nothing_is_no_zero(make_source: MakeSource) -> None:
    group = declared(make_source(declared=DECLARED).poll())
    assert (group.cpu.value, group.sessions.value, group.queues[0].handle_time_ms.value) == (None, None, None)


@pytest.mark.parametrize("answer", [html(), error(500, "x"), error(403, "missing.any.permissions")])
def test_a_queue_that_fails_is_a_problem_and_no_number(
    genesys: StubGenesys, make_source: MakeSource, answer: Answer
) -> None:
    genesys.on(QUEUE, answer)
    genesys.on(AGGREGATES, answer)
    observation = make_source(declared=DECLARED).poll()
    group = declared(observation)
    assert (group.cpu.value, group.sessions.value, group.queues[0].handle_time_ms.value) == (None, None, None)
    assert "analytics/queues/observations" in {problem.endpoint for problem in observation.problems}


def test_an_edge_group_of_that_name_is_used_as_such(genesys: StubGenesys, make_source: MakeSource) -> None:
    genesys.fill(3)
    genesys.queue = busy_queue()
    source = make_source(declared=DeclaredGroup("g1", "q1"), declared_nodes=10)
    (group,) = source.poll().groups
    assert (group.kind, group.current_nodes.value) == (GroupKind.EDGE, 3)
    assert group.queues[0].interacting.value == 18
    assert source.live_count("g1").value == 3


@pytest.mark.parametrize("path", [EDGES, GROUPS])
def test_an_edge_group_does_not_become_a_declared_one_while_genesys_fails(
    genesys: StubGenesys, make_source: MakeSource, path: str
) -> None:
    genesys.fill(3)
    genesys.queue = busy_queue()
    source = make_source(declared=DeclaredGroup("g1", "q1"), declared_nodes=10)
    source.poll()
    genesys.on(path, error(503, "service.unavailable"))
    observation = source.poll()
    assert GroupKind.DECLARED not in {group.kind for group in observation.groups}
    assert source.live_count("g1").value in {None, 3}


@pytest.mark.parametrize("path", [EDGES, GROUPS])
def test_before_the_inventory_is_known_no_group_is_taken_for_declared(
    genesys: StubGenesys, make_source: MakeSource, path: str
) -> None:
    genesys.fill(3)
    genesys.queue = busy_queue()
    genesys.on(path, error(503, "service.unavailable"))
    source = make_source(declared=DeclaredGroup("g1", "q1"), declared_nodes=10)
    observation = source.poll()
    assert GroupKind.DECLARED not in {group.kind for group in observation.groups}
    assert source.live_count("g1").value in {None, 3}


def test_a_client_without_telephony_permission_still_has_its_declared_group(
    genesys: StubGenesys, make_source: MakeSource
) -> None:
    genesys.queue = busy_queue()
    genesys.on("*", lambda sent: error(403, "missing.any.permissions") if "/telephony/" in sent.path else None)
    source = make_source(declared=DECLARED, declared_nodes=12)
    observation = source.poll()
    group = declared(observation)
    assert group.cpu.value == pytest.approx(0.9)
    assert ProblemKind.FORBIDDEN in {problem.kind for problem in observation.problems}
    assert observation.inventory_read, "the link would be shown as lost although the program works"
