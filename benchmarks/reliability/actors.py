"""Who acts in the simulated world: engine processes with the production ledger and conductor, and their operators."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from typing import Final

from benchmarks.reliability.memory_journal import MemoryJournal
from benchmarks.reliability.network import TIMEOUT_S, Provider, SimulatedSender
from benchmarks.reliability.world import Process, World
from nodescaler_tui.act import approval as approving
from nodescaler_tui.act.approval import Approval, ApprovalTerms, Approved
from nodescaler_tui.act.conductor import Conductor
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import Operation, Phase
from nodescaler_tui.act.orders import Answer, NotOrdered, Order
from nodescaler_tui.act.stopwatch import Stopwatch
from nodescaler_tui.act.surroundings import Surroundings
from nodescaler_tui.act.verification import VerificationPolicy, VerificationSample
from nodescaler_tui.decide.payload import payload_for
from nodescaler_tui.decide.plan import Plan, Receiver
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.events import JournalUnavailable

POLL_EVERY_S: Final = 2.0
STORE_RETRY_S: Final = 5.0
COOLDOWN_S: Final = 30.0
MOST_APPROVALS: Final = 4
CRITICAL_CPU: Final = "0.9"
RECEIVER: Final = Receiver("simulated", "provider.example", "none", "as its kind says", "v1")
POLICY: Final = VerificationPolicy(deadline=timedelta(seconds=90), interval=timedelta(seconds=3))


@dataclass
class Scene:
    """What all processes share: world, journal, provider, and what operators have done."""

    world: World
    journal: MemoryJournal
    provider: Provider
    plans: list[Plan] = field(default_factory=list)
    approvals: int = 0
    ordered: list[tuple[Order, int]] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    conductor_class: type[Conductor] = Conductor
    surround: Callable[[Surroundings], Surroundings] = lambda surroundings: surroundings
    started: int = 0


@dataclass
class SimulatedHolder:
    """Knows which processes live, as the kernel's locks do."""

    id: str
    scene: Scene

    def is_alive(self, holder_id: str) -> bool:
        """Whether the process of this id still lives, frozen or not."""
        return any(process.name == holder_id and process.alive for process in self.scene.world.processes)


class Engine:
    """One engine process: a strand for each operation that it carries, one that watches, one for its operator."""

    def __init__(self, scene: Scene, *, operates: bool) -> None:
        self._scene = scene
        self._world = scene.world
        self.process = Process(f"engine-{scene.started}")
        scene.started += 1
        scene.world.processes.append(self.process)
        self._ledger = Ledger(stopwatch=Stopwatch(self._world.wall, self._world.monotonic))
        self._carried: set[str] = set()
        self._looked_at: dict[str, int] = {}
        self._counted: dict[str, VerificationSample] = {}
        self._set_up()
        scene.world.start(self.process, self._watch)
        if operates:
            scene.world.start(self.process, self._operate)

    def _set_up(self) -> None:
        self._ledger.extend(self._scene.journal.read())
        surroundings = Surroundings(
            journal=self._scene.journal,
            sender=SimulatedSender(self._world, self._scene.provider, self.process),
            repeats=self._scene.provider.kind,
            sample=self._sample,
            holder=SimulatedHolder(self.process.name, self._scene),
            policy=POLICY,
            clock=self._world.wall,
            timeout_s=TIMEOUT_S,
            monotonic=self._world.monotonic,
            jitter=self._world.random.random,
        )
        self._conductor = self._scene.conductor_class(self._ledger, self._scene.surround(surroundings))

    def _watch(self) -> None:
        """Take over what dead processes left, catch up with the others, and carry what is ours."""
        while True:
            self._ledger.extend(self._scene.journal.read(after=self._ledger.seq))
            try:
                taken = self._conductor.take_over()
            except JournalUnavailable:
                taken = ()
            for operation_id in taken:
                self._carry(operation_id)
            self._world.point(POLL_EVERY_S)

    def _carry(self, operation_id: str) -> None:
        if operation_id not in self._carried:
            self._carried.add(operation_id)
            self._world.start(self.process, partial(self._step_until_settled, operation_id))

    def _step_until_settled(self, operation_id: str) -> None:
        while True:
            try:
                step = self._conductor.step(operation_id)
            except JournalUnavailable:
                self._world.point(STORE_RETRY_S)
                continue
            if step.at is None:
                self._carried.discard(operation_id)
                return
            self._world.point(max(0.0, (step.at - self._world.wall()).total_seconds()))

    def _sample(self, operation: Operation) -> VerificationSample:
        """The group as this process last read it, up to a poll ago."""
        group = self._scene.provider.groups[operation.group_id]
        known = self._counted.get(operation.group_id)
        if known is None or self._world.random.random() < 0.5:
            nodes = group.nodes
            cpu = 0.5 if nodes >= operation.plan.requested_nodes else 0.95
            now = self._world.wall()
            known = VerificationSample(now, nodes, nodes, countable=True, values={"cpu": cpu}, counted_at=now)
            self._counted[operation.group_id] = known
        self._world.point()
        return known

    def _operate(self) -> None:
        """An operator who approves, cancels and decides about doubts, now and then, not always wisely."""
        chance = self._world.random
        while True:
            self._world.point(chance.random() * 12)
            if not self._world.chaos:
                continue
            try:
                chance.choice((self._approve, self._approve, self._cancel, self._look, self._answer))()
            except JournalUnavailable:
                continue

    def _approve(self) -> None:
        scene = self._scene
        if scene.approvals >= MOST_APPROVALS:
            return
        plan = self._plan()
        terms = ApprovalTerms(COOLDOWN_S, 1000, {"cpu": CRITICAL_CPU}, None, self.process.name)
        self._world.point()
        approval = Approval(f"operator of {self.process.name}", "", "", self._world.wall())
        outcome = approving.approve(scene.journal, self._ledger, plan, approval, terms)
        if isinstance(outcome, Approved):
            scene.approvals += 1
            self._carry(outcome.operation_id)

    def _plan(self) -> Plan:
        """A new plan, or one that somebody else is looking at too."""
        scene, chance = self._scene, self._world.random
        if scene.plans and chance.random() < 0.5:
            return scene.plans[-1]
        group = scene.provider.groups[chance.choice(sorted(scene.provider.groups))]
        payload = payload_for(group.name, group.nodes, group.nodes + 2, ThresholdMatrix(max_nodes=100))
        plan = Plan(
            group_id=group.name,
            group_name=group.name,
            payload=payload,
            body=payload.canonical_bytes(),
            matrix=ThresholdMatrix(max_nodes=100),
            reasons=("CPU",),
            codes=("CPU_CRITICAL",),
            projection="",
            gates=(),
            receiver=RECEIVER,
            evidence=(),
            overrides=(),
            blind=(),
            created_at=self._world.wall(),
        )
        scene.plans.append(plan)
        return plan

    def _cancel(self) -> None:
        for operation in self._ledger.open_operations():
            if operation.phase in {Phase.APPROVED, Phase.WAITING} and self._world.random.random() < 0.3:
                self._conductor.orders.cancel(operation.id, "operator", "")
                return

    def _look(self) -> None:
        """Look at what is in doubt; what is decided later is about the attempt that was seen now."""
        for operation in self._ledger.open_operations():
            if operation.phase is Phase.IN_DOUBT:
                self._looked_at[operation.id] = operation.attempt

    def _answer(self) -> None:
        for operation_id, attempt in list(self._looked_at.items()):
            operation = self._ledger.operation(operation_id)
            if operation is None or not operation.open:
                continue
            answer = self._world.random.choice((Answer.RESEND, Answer.RESEND, Answer.ACTED, Answer.CLOSE))
            self.order(Order(operation_id, attempt, answer, "operator", operation.group_id, "looked"))
            return

    def order(self, order: Order) -> None:
        """Give an order, and remember whether it was taken and what it was taken for."""
        seq = len(self._scene.journal.events)
        if isinstance(self._conductor.orders.answer(order), NotOrdered):
            return
        self._scene.ordered.append((order, seq))
        self._carry(order.operation_id)

    def close_doubts(self) -> None:
        """At the end somebody closes what nobody else can end."""
        for operation in self._ledger.open_operations():
            if operation.phase is Phase.IN_DOUBT and self._conductor.settles_in_s(operation) == 0:
                self.order(Order(operation.id, operation.attempt, Answer.CLOSE, "closer", operation.group_id, "end"))
