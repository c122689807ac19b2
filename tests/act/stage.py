"""A stage for operations: a real journal, clocks that tests move, and a receiver that answers as it is told."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nodescaler_tui.act.approval import Approval, ApprovalTerms, Approved, approve
from nodescaler_tui.act.conductor import Conductor
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import Operation
from nodescaler_tui.act.outcome import Accepted, Outcome, Report, StatusReport
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.act.stopwatch import Stopwatch
from nodescaler_tui.act.surroundings import NextStep, Surroundings
from nodescaler_tui.act.verification import VerificationPolicy, VerificationSample
from nodescaler_tui.act.webhook import Delivery
from nodescaler_tui.decide.payload import payload_for
from nodescaler_tui.decide.plan import Override, Plan, Receiver
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.events import Event, EventKind
from nodescaler_tui.record.sqlite import SqliteJournal

START = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
GROUP = "g-1"


@dataclass
class Clocks:
    """A wall clock that can jump, and a monotonic one that cannot."""

    wall: datetime = START
    monotonic_s: float = 1000.0

    def pass_by(self, seconds: float) -> None:
        self.wall += timedelta(seconds=seconds)
        self.monotonic_s += seconds


@dataclass
class ToldReceiver:
    """Answers with what it was told, in order; accepts when it was told nothing more."""

    outcomes: list[Outcome] = field(default_factory=list)
    reports: list[StatusReport] = field(default_factory=list)
    deliveries: list[Delivery] = field(default_factory=list)

    def send(self, delivery: Delivery, now: datetime) -> Outcome:
        self.deliveries.append(delivery)
        return self.outcomes.pop(0) if self.outcomes else Accepted(202, "accepted", "")

    def poll_status(self, status_url: str, now: datetime) -> StatusReport:
        return self.reports.pop(0) if self.reports else StatusReport(Report.RUNNING, "running")


@dataclass
class Living:
    """A process and who else lives."""

    id: str
    alive: set[str]

    def is_alive(self, holder_id: str) -> bool:
        return holder_id in self.alive


class Stage:
    """One group, one journal, and a process that carries operations out."""

    def __init__(self, tmp_path: Path, kind: Repeats = Repeats.FIRES, *outcomes: Outcome) -> None:
        self.path = tmp_path / "journal.db"
        self.kind = kind
        self.clocks = Clocks()
        self.receiver = ToldReceiver(list(outcomes))
        self.nodes: int | None = 10
        self.cpu = 0.95
        self.alive = {"one"}
        self.journal = SqliteJournal.open(self.path, version="test")
        self.ledger, self.conductor = self.process("one")

    def process(self, name: str) -> tuple[Ledger, Conductor]:
        """Another process on the same journal."""
        self.alive.add(name)
        ledger = Ledger(self.journal.read(), Stopwatch(lambda: self.clocks.wall, lambda: self.clocks.monotonic_s))
        surroundings = Surroundings(
            journal=self.journal,
            sender=self.receiver,
            repeats=self.kind,
            sample=lambda _: self.sample(),
            holder=Living(name, self.alive),
            policy=VerificationPolicy(consecutive_successes=2),
            clock=lambda: self.clocks.wall,
            timeout_s=15.0,
            monotonic=lambda: self.clocks.monotonic_s,
            jitter=lambda: 0.5,
        )
        return ledger, Conductor(ledger, surroundings)

    def sample(self) -> VerificationSample:
        now = self.clocks.wall
        return VerificationSample(
            now, self.nodes, self.nodes or 0, countable=True, values={"cpu": self.cpu}, counted_at=now
        )

    def plan(self, group: str = GROUP, *overrides: Override, nodes: int = 2) -> Plan:
        payload = payload_for(group, 10, 10 + nodes, ThresholdMatrix(max_nodes=500))
        return Plan(
            group_id=group,
            group_name=f"media {group}",
            payload=payload,
            body=payload.canonical_bytes(),
            matrix=ThresholdMatrix(),
            reasons=("CPU",),
            codes=("CPU_CRITICAL",),
            projection="",
            gates=(),
            receiver=Receiver("told", "receiver.example", "none", "", "v1"),
            evidence=(),
            overrides=overrides,
            blind=(),
            created_at=self.clocks.wall,
        )

    def approved(self, group: str = GROUP, *, nodes: int = 2) -> str:
        outcome = self.approve(self.plan(group, nodes=nodes))
        assert isinstance(outcome, Approved), outcome
        return outcome.operation_id

    def approve(self, plan: Plan, *, cooldown_s: float = 0.0, nodes_per_hour: int = 1000) -> object:
        terms = ApprovalTerms(cooldown_s, nodes_per_hour, {"cpu": "0.9"}, None, "one")
        return approve(self.journal, self.ledger, plan, Approval("anna", "", "", self.clocks.wall), terms)

    def operation(self, operation_id: str) -> Operation:
        """As the journal tells it, whoever wrote it."""
        operation = Ledger(self.journal.read()).operation(operation_id)
        assert operation is not None
        return operation

    def step(self, operation_id: str, times: int = 1) -> NextStep:
        """So many steps, each when it is due."""
        step = NextStep(None)
        for _ in range(times):
            step = self.conductor.step(operation_id)
            if step.at is not None:
                self.clocks.pass_by(max(0.0, (step.at - self.clocks.wall).total_seconds()))
        return step

    def kinds(self, operation_id: str) -> list[str]:
        """The events of an operation in short."""
        return [event.kind.value.removeprefix("operation.") for event in self.operation(operation_id).events]

    def last(self, kind: EventKind) -> Event:
        return [event for event in self.journal.read() if event.kind is kind][-1]
