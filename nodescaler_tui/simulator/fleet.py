"""The fleet: node groups and their nodes, and how load becomes CPU, memory and sessions. Pure; time is handed in.

Load spreads over the nodes in service by weight; a new node boots, comes online, and takes its share up over seconds.
CPU and memory follow from a node's sessions: `cpu = idle + per_session * sessions`.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final

from nodescaler_tui.simulator.load import LoadCurve

TAKE_UP_S: Final = 8.0
CPU_IDLE: Final = 0.05


@dataclass(slots=True)
class Node:
    """One node. `online_at_s` is when its boot ends; `leak` is memory that it has lost for good."""

    id: str
    name: str
    trunk_id: str
    temper: float
    online_at_s: float = 0.0
    draining: bool = False
    failed: bool = False
    vanished: bool = False
    leak: float = 0.0

    def booting(self, now_s: float) -> bool:
        """Whether it is still on its way."""
        return now_s < self.online_at_s

    def weight(self, now_s: float) -> float:
        """Its share of the load: none while booting, failed or draining, then rising to one."""
        if self.failed or self.draining or self.booting(now_s):
            return 0.0
        return min(max((now_s - self.online_at_s) / TAKE_UP_S, 0.05), 1.0)


@dataclass(slots=True)
class Sample:
    """What a node reported last, and at which simulated time. CPU and memory are fractions."""

    at_s: float
    cpu: float
    memory: float
    sessions: int


@dataclass(slots=True)
class Group:
    """One node group with its load. `silent_after_s` is when its nodes stop reporting."""

    id: str
    name: str
    site: str
    managed: bool
    load: LoadCurve
    nodes: list[Node]
    cpu_per_session: float = 0.8
    memory_idle: float = 0.38
    memory_per_session: float = 0.28
    leak_per_s: float = 0.0
    silent_after_s: float = float("inf")
    samples: dict[str, Sample] = field(default_factory=dict)


class Fleet:
    """All groups, advanced through simulated time; the same seed and the same steps give the same fleet."""

    def __init__(self, groups: Iterable[Group], seed: int, *, sample_every_s: float = 4.0) -> None:
        self.groups = {group.id: group for group in groups}
        self.now_s = 0.0
        self.version = 0
        self._random = random.Random(seed)
        self._sample_every_s = sample_every_s
        self._sampled_at_s = -sample_every_s
        self.advance(0.0)

    def advance(self, seconds: float) -> None:
        """Let simulated time pass."""
        before = self.now_s
        self.now_s += seconds
        if self.now_s - self._sampled_at_s >= self._sample_every_s or not before:
            self._sampled_at_s = self.now_s
            for group in self.groups.values():
                self._sample(group, seconds)
        if any(before < node.online_at_s <= self.now_s for group in self.groups.values() for node in group.nodes):
            self.version += 1

    def _sample(self, group: Group, seconds: float) -> None:
        if self.now_s >= group.silent_after_s:
            return
        offered = group.load.at(self.now_s) * (1 + self._random.gauss(0, 0.008))
        total = sum(node.weight(self.now_s) for node in group.nodes)
        carried = 0
        cumulated = 0.0
        for node in group.nodes:
            weight = node.weight(self.now_s)
            if weight == 0.0:
                continue
            share = offered * weight / total
            cumulated += share
            sessions = max(round(cumulated) - carried, 0)
            carried += sessions
            node.leak += group.leak_per_s * max(seconds, self._sample_every_s)
            group.samples[node.id] = Sample(
                at_s=self.now_s,
                cpu=_fraction(CPU_IDLE + group.cpu_per_session * share * node.temper + self._random.gauss(0, 0.004)),
                memory=_fraction(group.memory_idle + group.memory_per_session * share + node.leak),
                sessions=sessions,
            )

    def add_nodes(self, group_id: str, count: int, boot_s: float) -> list[Node]:
        """Begin to boot new nodes; they come online one after the other."""
        group = self.groups[group_id]
        first = len(group.nodes) + 1
        added = [
            new_node(group.name, first + index, self._random, online_at_s=self.now_s + boot_s * (1 + 0.15 * index))
            for index in range(count)
        ]
        group.nodes.extend(added)
        self.version += 1
        return added

    def size(self, group_id: str) -> int:
        """Nodes that count against the desired number: in service or booting."""
        return sum(1 for node in self.groups[group_id].nodes if not node.failed and not node.draining)

    def visible_nodes(self) -> Sequence[tuple[Group, Node]]:
        """Every node that the listing shows."""
        return [(group, node) for group in self.groups.values() for node in group.nodes if not node.vanished]


def new_node(group_name: str, number: int, source: random.Random, *, online_at_s: float = 0.0) -> Node:
    """A node with identities that follow from the seed."""
    identity = uuid.UUID(int=source.getrandbits(128), version=4)
    trunk = uuid.UUID(int=source.getrandbits(128), version=4)
    return Node(
        id=str(identity),
        name=f"{group_name}-{number:02d}",
        trunk_id=str(trunk),
        temper=1 + source.gauss(0, 0.02),
        online_at_s=online_at_s,
    )


def _fraction(value: float) -> float:
    return min(max(value, 0.0), 1.0)
