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

from nodescaler_tui.simulator.load import LoadCurve, Surge

TAKE_UP_S: Final = 8.0
SAMPLE_EVERY_S: Final = 4.0
CPU_IDLE: Final = 0.05
DRAINING_SHARE: Final = 0.3
DRAINING_CALLS: Final = 1
LOAD_NOISE: Final = 0.008
CPU_NOISE: Final = 0.004


@dataclass(slots=True)
class Node:
    """One node. `online_at_s` is when its boot ends, `gone_at_s` when it is deleted after it has drained.

    `leak` is the share of memory that it has lost for good.
    """

    id: str
    name: str
    trunk_id: str
    temper: float
    online_at_s: float = 0.0
    draining: bool = False
    failed: bool = False
    vanished: bool = False
    gone_at_s: float = float("inf")
    leak: float = 0.0

    def booting(self, now_s: float) -> bool:
        """Whether it is still on its way."""
        return now_s < self.online_at_s

    def weight(self, now_s: float) -> float:
        """Its share of new load: none while booting, failed or draining, then rising to one."""
        if self.failed or self.draining or self.vanished or self.booting(now_s):
            return 0.0
        return min(max((now_s - self.online_at_s) / TAKE_UP_S, 0.05), 1.0)


@dataclass(frozen=True, slots=True)
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

    def offered(self, at_s: float, source: random.Random) -> float:
        """Sessions offered at this moment, with noise."""
        return self.load.at(at_s) * (1 + source.gauss(0, LOAD_NOISE))

    def cpus(self, share: float, tempers: Iterable[float], source: random.Random) -> list[float]:
        """The CPU of nodes that each have this share of the sessions, with noise."""
        rise = self.cpu_per_session * share
        return [_fraction(CPU_IDLE + rise * temper + source.gauss(0, CPU_NOISE)) for temper in tempers]

    def memory(self, share: float, leak: float) -> float:
        """The memory of a node that has this share of the sessions and has lost so much for good."""
        return _fraction(self.memory_idle + self.memory_per_session * share + leak)


Placed = tuple[Group, Node]


class Fleet:
    """All groups, advanced through simulated time; the same seed and the same steps give the same fleet.

    `version` changes whenever a listing of the nodes would.
    """

    def __init__(self, groups: Iterable[Group], seed: int) -> None:
        self.groups = {group.id: group for group in groups}
        self.now_s = 0.0
        self.version = 0
        self.sampled_at_s = 0.0
        self._random = random.Random(f"fleet of {seed}")
        self._index_version = -1
        self._listed: list[Placed] = []
        self._by_id: dict[str, Placed] = {}
        self._sample_all(0.0)

    def advance(self, seconds: float) -> None:
        """Let simulated time pass."""
        before = self.now_s
        self.now_s += seconds
        since = self.now_s - self.sampled_at_s
        if since >= SAMPLE_EVERY_S:
            self._sample_all(since)
        if any(before < node.online_at_s <= self.now_s for group in self.groups.values() for node in group.nodes):
            self.version += 1
        for group in self.groups.values():
            for node in group.nodes:
                if not node.vanished and node.gone_at_s <= self.now_s:
                    self.vanish(node)

    def report(self) -> None:
        """Let every node report now, whenever it did so last."""
        if self.now_s > self.sampled_at_s:
            self._sample_all(self.now_s - self.sampled_at_s)

    def _sample_all(self, since_s: float) -> None:
        self.sampled_at_s = self.now_s
        for group in self.groups.values():
            if self.now_s < group.silent_after_s:
                self._sample(group, since_s)

    def _sample(self, group: Group, since_s: float) -> None:
        """Spread what is offered; rounding is carried along, so that the nodes' sessions add up to the group's."""
        offered = group.offered(self.now_s, self._random)
        weights = [node.weight(self.now_s) for node in group.nodes]
        total, carried, cumulated = sum(weights), 0, 0.0
        for node, weight in zip(group.nodes, weights, strict=True):
            if weight:
                share = offered * weight / total
                cumulated += share
                sessions = max(round(cumulated) - carried, 0)
                carried += sessions
                node.leak += group.leak_per_s * since_s
                group.samples[node.id] = self._measured(group, node, share, sessions)
            elif node.draining and not node.failed:
                group.samples[node.id] = self._measured(group, node, DRAINING_SHARE, DRAINING_CALLS)

    def _measured(self, group: Group, node: Node, share: float, sessions: int) -> Sample:
        return Sample(
            at_s=self.now_s,
            cpu=group.cpus(share, (node.temper,), self._random)[0],
            memory=group.memory(share, node.leak),
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

    def drain(self, group_id: str, count: int, drain_s: float) -> list[Node]:
        """The newest nodes in service take no new calls from now on, and are deleted after that time."""
        in_service = [node for node in self.groups[group_id].nodes if node.weight(self.now_s)]
        leaving = in_service[len(in_service) - count :]
        for node in leaving:
            node.draining, node.gone_at_s = True, self.now_s + drain_s
        self.version += 1
        return leaving

    def fail(self, nodes: Iterable[Node]) -> None:
        """These nodes go offline and stay listed, with the samples that they reported last."""
        for node in nodes:
            node.failed = True
        self.version += 1

    def vanish(self, node: Node) -> None:
        """This node is deleted: it is no longer listed, and asking for its metrics is an error."""
        node.vanished = True
        self.version += 1

    def surge(self, group_id: str, factor: float, *, rise_s: float = 20.0, hold_s: float = 600.0) -> None:
        """Let a group's load rise from now on. Raises KeyError for a group that there is none of."""
        group = self.groups[group_id]
        group.load = group.load.with_surge(Surge(self.now_s, rise_s, hold_s, factor))

    def size(self, group_id: str) -> int:
        """Nodes that count against the desired number: in service or booting."""
        gone = (node.failed or node.draining or node.vanished for node in self.groups[group_id].nodes)
        return sum(1 for is_gone in gone if not is_gone)

    def visible_nodes(self) -> Sequence[Placed]:
        """Every node that the listing shows, in the listing's order."""
        self._index()
        return self._listed

    def find(self, identity: str) -> Placed | None:
        """The visible node with this id, or with a trunk of this id."""
        self._index()
        return self._by_id.get(identity)

    def _index(self) -> None:
        if self._index_version == self.version:
            return
        self._index_version = self.version
        self._listed = [(group, node) for group in self.groups.values() for node in group.nodes if not node.vanished]
        self._by_id = {node.id: (group, node) for group, node in self._listed}
        self._by_id.update({node.trunk_id: (group, node) for group, node in self._listed})


def new_node(group_name: str, number: int, source: random.Random, *, online_at_s: float = 0.0) -> Node:
    """A node with identities that follow from the seed."""
    return Node(
        id=new_id(source),
        name=f"{group_name}-{number:02d}",
        trunk_id=new_id(source),
        temper=1 + source.gauss(0, 0.02),
        online_at_s=online_at_s,
    )


def new_id(source: random.Random) -> str:
    """A UUID that follows from the seed."""
    return str(uuid.UUID(int=source.getrandbits(128), version=4))


def _fraction(value: float) -> float:
    return min(max(value, 0.0), 1.0)
