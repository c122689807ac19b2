"""Figures: what the history keeps of a node group at each poll, and of the nodes of one that is in trouble. Pure.

A figure that was not measured, or is too old to be believed, is None; it is never zero.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from typing import Final

from nodescaler_tui.decide.signals import is_count, is_utilization
from nodescaler_tui.facts import GroupReading, Lifecycle, NodeReading, Observation, QueueReading, Reading

MOST_NODES_A_POLL: Final = 500
"""Of so many nodes of troubled groups the readings are kept at each poll, so that a bad day has a bounded size."""


class Figure(IntEnum):
    """One curve of a group: fractions for utilizations and occupancy, counts, or milliseconds.

    Over several queues `WAITING` and `INTERACTING` are sums, `OCCUPANCY` and `HANDLE_TIME_MS` the highest of them.
    """

    CPU = 0
    CPU_WORST = 1
    MEMORY = 2
    MEMORY_WORST = 3
    SESSIONS = 4
    SESSIONS_PER_NODE = 5
    NODES = 6
    WAITING = 7
    INTERACTING = 8
    OCCUPANCY = 9
    HANDLE_TIME_MS = 10

    @property
    def word(self) -> str:
        """The figure in files and options: cpu_worst."""
        return self.name.lower()


FIGURES_BY_WORD: Final = {figure.word: figure for figure in Figure}

Figures = tuple[float | None, ...]
"""One value for each `Figure`, in its order."""


@dataclass(frozen=True, slots=True)
class GroupFigures:
    """One group at one poll."""

    id: str
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class NodeFigures:
    """One node of a group that is or recently was in trouble."""

    group_id: str
    id: str
    name: str
    lifecycle: Lifecycle
    cpu: float | None
    memory: float | None
    sessions: float | None


@dataclass(frozen=True, slots=True)
class Poll:
    """What one poll adds to the history; `at_s` is Unix time."""

    at_s: float
    groups: tuple[GroupFigures, ...]
    nodes: tuple[NodeFigures, ...] = ()


def poll_of(observation: Observation, staleness_limit_s: float, troubled: Sequence[str] = ()) -> Poll:
    """What is kept of this observation; `troubled` names the groups whose nodes are kept too, the worst first."""
    at = observation.taken_at
    groups = tuple(
        GroupFigures(reading.id, reading.name, figures_of(reading, at, staleness_limit_s))
        for reading in observation.groups
    )
    by_id = {reading.id: reading for reading in observation.groups} if troubled else {}
    nodes = (node for group_id in troubled if group_id in by_id for node in by_id[group_id].nodes)
    kept = tuple(_node(node, at, staleness_limit_s) for node, _ in zip(nodes, range(MOST_NODES_A_POLL), strict=False))
    return Poll(at.timestamp(), groups, kept)


def figures_of(reading: GroupReading, at: datetime, limit_s: float) -> Figures:
    """Everything that is believed of a group as of this moment, in the order of `Figure`."""
    cpu, memory = believed(reading.cpu, at, limit_s), believed(reading.memory, at, limit_s)
    sessions = _count(reading.sessions, at, limit_s)
    nodes = reading.current_nodes.value if is_count(reading.current_nodes.value) else None
    return (
        cpu,
        None if cpu is None or reading.cpu_worst is None else reading.cpu_worst.value,
        memory,
        None if memory is None or reading.memory_worst is None else reading.memory_worst.value,
        sessions,
        sessions / nodes if sessions is not None and nodes else None,
        nodes,
        *(_queue_figures(reading.queues, at, limit_s) if reading.queues else (None, None, None, None)),
    )


def believed(reading: Reading, at: datetime, limit_s: float) -> float | None:
    """A utilization that is fresh enough, or None."""
    value = reading.value
    return value if is_utilization(value) and not _too_old(reading, at, limit_s) else None


def _count(reading: Reading, at: datetime, limit_s: float) -> float | None:
    value = reading.value
    return value if is_count(value) and not _too_old(reading, at, limit_s) else None


def _too_old(reading: Reading, at: datetime, limit_s: float) -> bool:
    return reading.sampled_at is None or (at - reading.sampled_at).total_seconds() > limit_s


def _queue_figures(queues: Sequence[QueueReading], at: datetime, limit_s: float) -> tuple[float | None, ...]:
    return (
        _together(sum, [_count(queue.waiting, at, limit_s) for queue in queues]),
        _together(sum, [_count(queue.interacting, at, limit_s) for queue in queues]),
        _together(max, [_not_negative(queue.occupancy, at, limit_s) for queue in queues]),
        _together(max, [_not_negative(queue.handle_time_ms, at, limit_s) for queue in queues]),
    )


def _together(join: Callable[[Iterable[float]], float], values: Collection[float | None]) -> float | None:
    """Unknown as soon as one of them is: a part must not pass for the whole."""
    known = [value for value in values if value is not None]
    return join(known) if len(known) == len(values) else None


def _not_negative(reading: Reading, at: datetime, limit_s: float) -> float | None:
    value = reading.value
    return value if value is not None and value >= 0 and not _too_old(reading, at, limit_s) else None


def _node(node: NodeReading, at: datetime, limit_s: float) -> NodeFigures:
    return NodeFigures(
        group_id=node.group_id,
        id=node.id,
        name=node.name,
        lifecycle=node.lifecycle,
        cpu=believed(node.cpu, at, limit_s),
        memory=believed(node.memory, at, limit_s),
        sessions=_count(node.sessions, at, limit_s),
    )
