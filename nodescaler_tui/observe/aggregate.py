"""From nodes to groups: the mean of the nodes that have a fresh sample, the worst of them, and the sessions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nodescaler_tui.facts import GroupKind, GroupReading, Lifecycle, NodeReading, Reading, WorstNode
from nodescaler_tui.observe.connection import BeliefPolicy
from nodescaler_tui.observe.inventory import lifecycle
from nodescaler_tui.observe.wire import Edge, EdgeGroup, EdgeMetrics, Trunk, TrunkMetrics

EDGE_METRICS: Final = "edge metrics"
TRUNK_METRICS: Final = "external trunks"
EDGE_LISTING: Final = "edge listing"
SCALED_BY_GENESYS: Final = "CDM"
FUTURE_TOLERANCE: Final = timedelta(seconds=5)


@dataclass(frozen=True, slots=True)
class Fleet:
    """What one poll knows about edge groups, samples of earlier polls included.

    `trunks_known` is False when the list of trunks could not be read for just these nodes.
    """

    groups: Sequence[EdgeGroup]
    edges: Sequence[Edge]
    edge_metrics: Sequence[EdgeMetrics]
    trunks: Sequence[Trunk]
    trunk_metrics: Sequence[TrunkMetrics]
    trunks_known: bool
    read_at: datetime


@dataclass(frozen=True, slots=True)
class _Index:
    """The fleet's samples by what they belong to."""

    fleet: Fleet
    policy: BeliefPolicy
    samples: Mapping[str, EdgeMetrics]
    trunks: Mapping[str, Sequence[Trunk]]
    calls: Mapping[str, TrunkMetrics]


@dataclass(frozen=True, slots=True)
class _Members:
    """One group with its edges, before they are judged."""

    id: str
    name: str
    managed: bool
    edges: Sequence[Edge]


def group_readings(fleet: Fleet, policy: BeliefPolicy) -> tuple[GroupReading, ...]:
    """Every group that has nodes or is listed, in the order of its id."""
    index = _Index(
        fleet=fleet,
        policy=policy,
        samples={metrics.edge.id: metrics for metrics in fleet.edge_metrics if metrics.edge.id},
        trunks=_trunks_by_edge(fleet.trunks),
        calls={metrics.trunk.id: metrics for metrics in fleet.trunk_metrics if metrics.trunk.id},
    )
    return tuple(_group(members, index) for members in _membership(fleet))


def _membership(fleet: Fleet) -> list[_Members]:
    """Which edges belong to which group, by each edge's own word; a group that is listed may have none."""
    edges_of: dict[str, list[Edge]] = {group.id: [] for group in fleet.groups if group.state != "deleted"}
    names = {group.id: group.name for group in fleet.groups if group.name}
    managed = {group.id for group in fleet.groups if group.managed}
    for edge in fleet.edges:
        group = edge.edge_group
        if group is None or not group.id:  # it belongs to no group that could be scaled
            continue
        edges_of.setdefault(group.id, []).append(edge)
        if group.name:
            names.setdefault(group.id, group.name)
        if edge.managed or group.managed or edge.deployment_type == SCALED_BY_GENESYS:
            managed.add(group.id)
    return [
        _Members(group_id, names.get(group_id, group_id), group_id in managed, edges_of[group_id])
        for group_id in sorted(edges_of)
    ]


def _trunks_by_edge(trunks: Iterable[Trunk]) -> Mapping[str, list[Trunk]]:
    by_edge: dict[str, list[Trunk]] = {}
    for trunk in trunks:
        if trunk.edge is not None and trunk.edge.id:
            by_edge.setdefault(trunk.edge.id, []).append(trunk)
    return by_edge


def _node(edge: Edge, state: Lifecycle, group_id: str, index: _Index) -> NodeReading:
    sample, trunks = index.samples.get(edge.id), index.trunks.get(edge.id, [])
    at = _sampled_at(sample, index.fleet.read_at)
    return NodeReading(
        id=edge.id,
        name=edge.name or edge.id,
        group_id=group_id,
        lifecycle=state,
        cpu=_reading(_cpu(sample), at),
        memory=_reading(_memory(sample), at),
        sessions=_node_sessions(trunks, index),
        media_delay_ms=_reading(_media_delay(sample), at),
        to_drain=edge.conversation_count if state is Lifecycle.DRAINING else None,
        trunks_connected=_trunks_connected(trunks),
    )


def _sampled_at(sample: EdgeMetrics | None, read_at: datetime) -> datetime | None:
    """The sample's own time; one from the future has a wrong clock behind it and is not believed."""
    if sample is None or sample.event_time is None:
        return None
    return None if sample.event_time > read_at + FUTURE_TOLERANCE else sample.event_time


def _reading(value: float | None, at: datetime | None) -> Reading:
    if value is None or at is None:
        return Reading(None, EDGE_METRICS, missing="no sample from this node")
    return Reading(value, EDGE_METRICS, at)


def _cpu(sample: EdgeMetrics | None) -> float | None:
    """The processor row "total", a percentage on the wire."""
    rows = (sample.processors if sample else None) or []
    total = next((row.active_percent for row in rows if row.cpu_id == "total"), None)
    return None if total is None else _possible(total / 100)


def _memory(sample: EdgeMetrics | None) -> float | None:
    """Physical memory only: the virtual row is zero of zero on real systems."""
    rows = (sample.memory if sample else None) or []
    for row in rows:
        if row.type == "physical" and row.total_bytes and row.available_bytes is not None:
            return _possible(1 - row.available_bytes / row.total_bytes)
    return None


def _possible(utilization: float) -> float | None:
    """A utilization that can be; an impossible one would hide in a mean that looks sound."""
    return utilization if 0 <= utilization <= 1 else None


def _media_delay(sample: EdgeMetrics | None) -> float | None:
    rows = (sample.subsystems if sample else None) or []
    media = [row.media_subsystem for row in rows if row.media_subsystem is not None]
    return max((row.delay_ms for row in media or rows if row.delay_ms is not None), default=None)


def _node_sessions(trunks: Sequence[Trunk], index: _Index) -> Reading:
    """Calls on the node's external trunks; unknown as soon as one of them is."""
    if not trunks and not index.fleet.trunks_known:
        return Reading(None, TRUNK_METRICS, missing="the trunks could not be read")
    total, oldest = 0, index.fleet.read_at
    for trunk in trunks:
        sample = index.calls.get(trunk.id)
        calls = None if sample is None else sample.calls
        if sample is None or calls is None or calls.inbound is None or calls.outbound is None:
            return Reading(None, TRUNK_METRICS, missing="a trunk did not report")
        if sample.event_time is None or sample.event_time > index.fleet.read_at + FUTURE_TOLERANCE:
            return Reading(None, TRUNK_METRICS, missing="a trunk reported without a believable time")
        total += calls.inbound + calls.outbound
        oldest = min(oldest, sample.event_time)
    return Reading(total, TRUNK_METRICS, oldest)


def _trunks_connected(trunks: Sequence[Trunk]) -> bool | None:
    if not trunks:
        return None
    return all(
        trunk.in_service and trunk.enabled and trunk.connected_status is not None and trunk.connected_status.connected
        for trunk in trunks
    )


def _group(members: _Members, index: _Index) -> GroupReading:
    fleet, policy = index.fleet, index.policy
    states = [(edge, lifecycle(edge)) for edge in members.edges]
    nodes = tuple(_node(edge, state, members.id, index) for edge, state in states if state is not None)
    working = [node for node in nodes if node.lifecycle is Lifecycle.IN_SERVICE]
    fresh = [node for node in working if _is_fresh(node.cpu, fleet.read_at, policy)]
    return GroupReading(
        id=members.id,
        name=members.name,
        site=_site(members.edges),
        kind=GroupKind.EDGE,
        managed=members.managed,
        current_nodes=count_in_service([state for _, state in states], fleet.read_at),
        cpu=_mean([node.cpu for node in working], fleet.read_at, policy),
        memory=_mean([node.memory for node in working], fleet.read_at, policy),
        sessions=_sessions([node for node in nodes if node.lifecycle in _CARRYING], index),
        cpu_worst=_worst((node.cpu, node.name) for node in fresh),
        memory_worst=_worst((node.memory, node.name) for node in fresh),
        fresh_nodes=len(fresh),
        nodes=nodes,
    )


def count_in_service(states: Sequence[Lifecycle | None], read_at: datetime) -> Reading:
    """How many nodes are in service; unknown as soon as one of them might be and Genesys does not say."""
    unknown = states.count(None)
    if unknown:
        missing = f"Genesys does not say whether {unknown} of {len(states)} nodes are in service"
        return Reading(None, EDGE_LISTING, missing=missing)
    return Reading(states.count(Lifecycle.IN_SERVICE), EDGE_LISTING, read_at)


_CARRYING: Final = frozenset({Lifecycle.IN_SERVICE, Lifecycle.DRAINING})


def _site(edges: Sequence[Edge]) -> str:
    sites = Counter(edge.site.name for edge in edges if edge.site is not None and edge.site.name)
    return sites.most_common(1)[0][0] if sites else ""


def _is_fresh(reading: Reading, now: datetime, policy: BeliefPolicy) -> bool:
    return (
        reading.value is not None
        and reading.sampled_at is not None
        and (now - reading.sampled_at).total_seconds() <= policy.fresh_for_s
    )


def _mean(readings: Sequence[Reading], now: datetime, policy: BeliefPolicy) -> Reading:
    """The mean of fresh nodes, as old as the oldest of them.

    When too few are fresh, the mean of all that ever reported keeps its old time, so that it is judged stale; when
    too few ever reported, there is no value at all.
    """
    if not readings:
        return Reading(None, EDGE_METRICS, missing="no node is in service")
    fresh = [reading for reading in readings if _is_fresh(reading, now, policy)]
    if len(fresh) >= policy.least_fresh_share * len(readings):
        return _average(fresh)
    known = [reading for reading in readings if reading.value is not None]
    if len(known) >= policy.least_fresh_share * len(readings):
        return _average(known)
    return Reading(None, EDGE_METRICS, missing=f"only {len(fresh)} of {len(readings)} nodes report")


def _average(readings: Sequence[Reading]) -> Reading:
    values = [reading.value for reading in readings if reading.value is not None]
    times = [reading.sampled_at for reading in readings if reading.sampled_at is not None]
    return Reading(sum(values) / len(values), EDGE_METRICS, min(times))


def _worst(readings: Iterable[tuple[Reading, str]]) -> WorstNode | None:
    known = [(reading.value, name) for reading, name in readings if reading.value is not None]
    return WorstNode(*max(known)) if known else None


def _sessions(nodes: Sequence[NodeReading], index: _Index) -> Reading:
    """Sessions of the group: the sum over its nodes, unknown as soon as one of them is, or without any trunk."""
    if not nodes:
        return Reading(None, TRUNK_METRICS, missing="no node is in service")
    unknown = next((node.sessions.missing for node in nodes if node.sessions.value is None), None)
    if unknown is not None:
        return Reading(None, TRUNK_METRICS, missing=unknown)
    if not any(node.id in index.trunks for node in nodes):
        return Reading(None, TRUNK_METRICS, missing="the group has no external trunk")
    times = [node.sessions.sampled_at for node in nodes if node.sessions.sampled_at is not None]
    total = sum(int(node.sessions.value or 0) for node in nodes)
    return Reading(total, TRUNK_METRICS, min(times))
