"""The provider and the network to it: requests that are lost, late or answered by nobody, and what they really do."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Final

from benchmarks.reliability.world import Flight, Process, World
from nodescaler_tui.act.outcome import Accepted, NotProcessed, Outcome, Report, StatusReport, Unknown
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.act.webhook import Delivery

TIMEOUT_S: Final = 15.0
LATEST_ARRIVAL_S: Final = TIMEOUT_S + 4.0
LONGEST_BOOT_S: Final = 25.0


class Fate(StrEnum):
    """What becomes of a request, and of its answer."""

    ARRIVES = "arrives"
    REFUSED = "no connection"
    LOST = "lost on the way"
    ANSWER_LOST = "arrives, the answer is lost"
    LATE = "arrives late"
    BUSY = "503 with Retry-After, without acting"
    BROKEN = "500 without acting"
    BROKEN_AFTER = "500 after having acted"


WEIGHTS: Final = {
    Fate.ARRIVES: 8,
    Fate.REFUSED: 2,
    Fate.LOST: 2,
    Fate.ANSWER_LOST: 3,
    Fate.LATE: 3,
    Fate.BUSY: 2,
    Fate.BROKEN: 1,
    Fate.BROKEN_AFTER: 1,
}
IN_CALM: Final = {Fate.ARRIVES: 1}
ACTS: Final = frozenset({Fate.ARRIVES, Fate.ANSWER_LOST, Fate.LATE, Fate.BROKEN_AFTER})


@dataclass(eq=False)
class Wire:
    """One request that left a process."""

    delivery: Delivery
    process: Process
    written_at: float
    earlier_pending: bool
    flying: bool = False
    concluded: bool = False
    answer: Outcome | None = None


@dataclass
class Group:
    """A node group as it really is."""

    name: str
    nodes: int = 10
    desired: int = 10


@dataclass
class Effect:
    """Nodes that the provider really added, for which key and attempt."""

    key: str
    attempt: int
    added: int


@dataclass
class Provider:
    """Counts deliveries, keys and effects, and adds nodes as its kind does."""

    world: World
    kind: Repeats
    groups: dict[str, Group]
    effects: list[Effect] = field(default_factory=list)
    wires: list[Wire] = field(default_factory=list)
    _seen: dict[str, tuple[bytes, float]] = field(default_factory=dict)

    def arrive(self, wire: Wire, fate: Fate) -> None:
        """A request is here: act, and answer."""
        wire.flying = False
        if fate is Fate.BUSY:
            wire.answer = NotProcessed("The receiver answered 503.", 2.0)
            return
        if fate is Fate.BROKEN:
            wire.answer = Unknown("The receiver answered 500; it may have acted.")
            return
        accepted = self._act(wire.delivery)
        wire.answer = {Fate.ARRIVES: accepted, Fate.LATE: accepted}.get(
            fate, Unknown("The receiver answered 500; it may have acted.") if fate is Fate.BROKEN_AFTER else None
        )

    def _act(self, delivery: Delivery) -> Outcome:
        key, body = delivery.idempotency_key, delivery.body
        if self.kind is Repeats.DEDUPLICATES and key in self._seen:
            stored, done_at = self._seen[key]
            if stored != body:
                return Unknown("The receiver knows this key with another body (422).")
            if self.world.now_s < done_at:
                return Unknown("The receiver still works on a request with this key (409).", 1.0, in_progress=True)
            return Accepted(202, "accepted", "")
        self._seen[key] = (body, self.world.now_s + self.world.random.random() * 3)
        payload = json.loads(body)
        group, requested = self.groups[payload["node_group_id"]], payload["requested_nodes"]
        wanted = requested - (group.desired if self.kind is Repeats.ABSOLUTE else payload["current_nodes"])
        added = max(wanted, 0)
        self.effects.append(Effect(key, delivery.attempt, added))
        group.desired += added
        boots_until = self.world.now_s + self.world.random.random() * LONGEST_BOOT_S
        self.world.flights.append(Flight(boots_until, lambda: self._come(group, added)))
        self.world.note(f"the provider adds {added} for {key[-6:]} attempt {delivery.attempt}")
        return Accepted(202, "accepted", "")

    def _come(self, group: Group, added: int) -> None:
        group.nodes += added


class SimulatedSender:
    """Implements the production Sender for one process: writes, waits until its deadline, and tells what it saw."""

    def __init__(self, world: World, provider: Provider, process: Process) -> None:
        self._world = world
        self._provider = provider
        self._process = process

    def send(self, delivery: Delivery, now: datetime) -> Outcome:  # noqa: ARG002 - the protocol's own argument
        """One attempt. A process that was frozen past its deadline before it wrote sends nothing."""
        world, began = self._world, self._world.now_s
        world.point()
        chosen = WEIGHTS if world.chaos else IN_CALM
        fate = world.random.choices(list(chosen), list(chosen.values()))[0]
        if world.now_s - began > TIMEOUT_S:
            return NotProcessed("The deadline passed before anything was sent.")
        if fate is Fate.REFUSED:
            return NotProcessed("No connection. Nothing was sent.")
        wire = self._write(delivery)
        self._put_under_way(wire, fate)
        outcome = self._waited(wire, began + TIMEOUT_S)
        wire.concluded = True
        return outcome

    def poll_status(self, status_url: str, now: datetime) -> StatusReport:  # noqa: ARG002 - as above
        """Nothing is known but the nodes."""
        return StatusReport(Report.UNREADABLE, "It has no status page.")

    def _write(self, delivery: Delivery) -> Wire:
        provider, key = self._provider, delivery.idempotency_key
        pending = any(
            wire.delivery.idempotency_key == key
            and not isinstance(wire.answer, Accepted | NotProcessed)
            and (
                (wire.process.alive and not wire.concluded)
                or self._world.now_s - wire.written_at < TIMEOUT_S
                or wire.flying
            )
            for wire in provider.wires
        )
        wire = Wire(delivery, self._process, self._world.now_s, pending)
        provider.wires.append(wire)
        return wire

    def _put_under_way(self, wire: Wire, fate: Fate) -> None:
        self._world.note(
            f"{self._process.name} sends {wire.delivery.idempotency_key[-6:]} attempt "
            f"{wire.delivery.attempt}: {fate.value}"
        )
        if fate is Fate.LOST:
            return
        wire.flying = True
        longest = LATEST_ARRIVAL_S if fate is Fate.LATE else 1.0
        arrives_at = wire.written_at + self._world.random.random() * longest
        self._world.flights.append(Flight(arrives_at, lambda: self._provider.arrive(wire, fate)))

    def _waited(self, wire: Wire, deadline: float) -> Outcome:
        while self._world.now_s <= deadline:
            if wire.answer is not None:
                return wire.answer
            self._world.point(min(0.5, deadline - self._world.now_s + 0.001))
        return Unknown("It did not answer in time; it may have acted.")
