"""The engine's whole way from fact to audit record, driven at random against a model that only counts.

Two processes share one journal. Readings and forecasts come and go, operators approve, reject, pause, break the glass,
cancel and answer doubts, the receiver loses answers, clocks jump, and processes die between any two of these.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from nodescaler_tui.act.conductor import Conductor
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import Operation
from nodescaler_tui.act.orders import Answer as DoubtAnswer
from nodescaler_tui.act.outcome import Accepted, NotProcessed, Outcome, Refused, Report, StatusReport, Unknown
from nodescaler_tui.act.receiver import Repeats, WebhookReceiver
from nodescaler_tui.act.stopwatch import Stopwatch
from nodescaler_tui.act.surroundings import Surroundings
from nodescaler_tui.act.verification import VerificationPolicy, VerificationSample
from nodescaler_tui.act.webhook import Delivery
from nodescaler_tui.decide.approval import ConfirmationKind, required_confirmation
from nodescaler_tui.decide.forecast.outlook import STEP_S, GroupForecast
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine.ahead_book import AheadBook
from nodescaler_tui.engine.assessment import Rules
from nodescaler_tui.engine.gate import Gate
from nodescaler_tui.engine.gates import Caps, Circumstances
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.order_desk import OrderDesk
from nodescaler_tui.engine.outlook_book import GroupOutlook
from nodescaler_tui.engine.picture import Pace
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.events import EventKind, OperationPhase
from nodescaler_tui.facts import GroupKind, GroupReading, Observation, Reading, RequestBudget
from nodescaler_tui.intents import (
    AnswerDoubt,
    ApprovePlan,
    BreakGlass,
    CancelOperation,
    EndPause,
    PauseGroup,
    RejectPlan,
    Replan,
)
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.state import Scope, Severity
from tests.act.stage import START, Clocks, Living
from tests.decide.forecasts import NEVER, forecast_of

GROUP, NAME = "g-1", "media one"
MOODS = ("accepts", "acts and is silent", "is silent", "is busy", "refuses")
AT_ONCE = (0.9,) * 12
SETTLE_DELAY_S = 25.0
ENDED = {EventKind.OPERATION_SETTLED, EventKind.OPERATION_CANCELLED}


@dataclass
class Provider:
    """A receiver of one kind with real nodes behind it. It checks that each delivery was announced in the journal."""

    journal: SqliteJournal
    kind: Repeats
    clocks: Clocks
    nodes: int = 10
    mood: str = "accepts"
    bodies: dict[str, set[bytes]] = field(default_factory=dict)
    effects: Counter[str] = field(default_factory=Counter)
    unannounced: int = 0
    sent_at_s: dict[str, float] = field(default_factory=dict)

    def send(self, delivery: Delivery, now: datetime) -> Outcome:
        announced = any(
            event.kind is EventKind.OPERATION_SENDING and event.fields["attempt"] == delivery.attempt
            for event in self.journal.read()
            if event.operation_id == delivery.idempotency_key
        )
        self.unannounced += not announced
        self.sent_at_s[delivery.idempotency_key] = self.clocks.monotonic_s
        self.bodies.setdefault(delivery.idempotency_key, set()).add(delivery.body)
        if self.mood in {"accepts", "acts and is silent"}:
            self._act(delivery)
        match self.mood:
            case "accepts":
                return Accepted(202, "accepted", "")
            case "is busy":
                return NotProcessed("busy")
            case "refuses":
                return Refused(403, "no")
        return Unknown("no answer")

    def poll_status(self, status_url: str, now: datetime) -> StatusReport:
        return StatusReport(Report.RUNNING, "running")

    def _act(self, delivery: Delivery) -> None:
        payload = json.loads(delivery.body)
        before, wanted = self.nodes, int(payload["requested_nodes"])
        if self.kind is Repeats.DEDUPLICATES and self.effects[delivery.idempotency_key]:
            return
        if self.kind is Repeats.ABSOLUTE:
            self.nodes = wanted
            self.effects[delivery.idempotency_key] += self.nodes != before
            return
        self.nodes += wanted - int(payload["current_nodes"])
        self.effects[delivery.idempotency_key] += 1


class Process:
    """One engine: a mind, its gate and desks, and a conductor, all on the shared journal."""

    def __init__(self, name: str, machine: EngineAgainstModel) -> None:
        self.machine = machine
        clocks = machine.clocks
        machine.alive.add(name)
        self.name = name
        self.mind = Mind(
            scope=Scope(),
            rules=Rules(staleness_limit_s=90.0, cooldown_s=60.0),
            book=ThresholdBook({}),
            circumstances=Circumstances(
                receiver=WebhookReceiver("told", "https://receiver.example/scale", repeats=machine.provider.kind),
                receiver_problem="",
                store_problem="",
                read_only=False,
                dry_run=False,
                caps=Caps(nodes_per_step=50, nodes_per_hour=200),
            ),
            ledger=Ledger(stopwatch=Stopwatch(lambda: clocks.wall, lambda: clocks.monotonic_s)),
            ahead=AheadBook([GROUP]),
        )
        surroundings = Surroundings(
            journal=machine.journal,
            sender=machine.provider,
            repeats=machine.provider.kind,
            sample=self._sample,
            holder=Living(name, machine.alive),
            policy=VerificationPolicy(consecutive_successes=2),
            clock=lambda: clocks.wall,
            timeout_s=15.0,
            monotonic=lambda: clocks.monotonic_s,
            jitter=lambda: 0.5,
        )
        self.conductor = Conductor(self.mind.ledger, surroundings)
        self.gate = Gate(
            self.mind,
            machine.journal,
            live_count=lambda _: Reading(machine.provider.nodes, "recount", clocks.wall),
            holder=name,
            declared_nodes=lambda _: None,
            clock=lambda: clocks.wall,
        )
        self.desk = OrderDesk(self.mind, machine.journal, self.conductor.orders, clock=lambda: clocks.wall)
        self.catch_up()

    def catch_up(self) -> None:
        self.mind.remember(self.machine.journal.read(after=self.mind.ledger.seq))

    def look(self) -> None:
        """Take in what the group is like now, and make the picture."""
        self.mind.observe(self.machine.observation())
        self.mind.state(self.machine.clocks.wall, Pace(10.0, None))

    def _sample(self, _: Operation) -> VerificationSample:
        now, nodes = self.machine.clocks.wall, self.machine.provider.nodes
        values = {} if self.machine.cpu is None else {"cpu": self.machine.cpu}
        return VerificationSample(now, nodes, nodes, countable=True, values=values, counted_at=now)


class EngineAgainstModel(RuleBasedStateMachine):
    """The model: how many approvals were confirmed to operators, who paused until when, which resends were ordered."""

    @initialize(kind=st.sampled_from(list(Repeats)), mood=st.sampled_from(MOODS))
    def begin_with_an_approval(self, kind: Repeats, mood: str) -> None:
        self.folder = Path(tempfile.mkdtemp())
        self.clocks = Clocks()
        self.journal = SqliteJournal.open(self.folder / "journal.db", version="test", clock=lambda: START)
        self.provider = Provider(self.journal, kind, self.clocks)
        self.cpu: float | None = 0.95
        self.alive: set[str] = set()
        self.confirmed: set[str] = set()
        self.resends: Counter[str] = Counter()
        self.births = 0
        self.processes = [self._born(), self._born()]
        self.an_operator_approves(0, 1, confirms=True)
        self.provider.mood = mood
        self.what_is_due_is_done(0)

    def _born(self) -> Process:
        self.births += 1
        process = Process(f"process-{self.births}", self)
        process.look()
        return process

    def observation(self) -> Observation:
        now, missing = self.clocks.wall, "" if self.cpu is not None else "not answered"
        cpu = Reading(self.cpu, "edge", now, missing)
        group = GroupReading(
            id=GROUP,
            name=NAME,
            site="north",
            kind=GroupKind.EDGE,
            managed=False,
            current_nodes=Reading(self.provider.nodes, "edge list", now),
            cpu=cpu,
            memory=Reading(0.5, "edge", now),
            sessions=Reading(5, "edge", now),
            cpu_worst=None,
            memory_worst=None,
            fresh_nodes=self.provider.nodes,
            nodes=(),
        )
        return Observation(
            taken_at=now,
            requests=1,
            inventory_read=True,
            groups=(group,),
            problems=(),
            budget=RequestBudget(1, 300, limit_is_live=True),
        )

    def _at(self, which: int) -> Process:
        process = self.processes[which]
        process.catch_up()
        return process

    def _open(self) -> list[Operation]:
        return [operation for operation in Ledger(self.journal.read()).operations() if operation.open]

    # What happens to them.

    @rule(cpu=st.sampled_from([0.3, 0.78, 0.95, None]), which=st.integers(0, 1))
    def the_group_is_read(self, cpu: float | None, which: int) -> None:
        self.cpu = cpu
        process = self._at(which)
        process.look()
        group = process.mind.state(self.clocks.wall, Pace(10.0, None)).groups[0]
        assert (group.severity is Severity.OK) <= (cpu is not None and cpu < 0.75), "what is unknown is not healthy"

    @rule(odds=st.sampled_from([AT_ONCE, NEVER]), cpu=st.sampled_from([0.3, 0.95]), which=st.integers(0, 1))
    def the_group_is_forecast(self, odds: tuple[float, ...], cpu: float, which: int) -> None:
        self.cpu = cpu
        signals = tuple((name, forecast_of(name, odds, nodes=self.provider.nodes)) for name in SignalName)
        made_at = datetime.fromtimestamp(self.clocks.wall.timestamp() // STEP_S * STEP_S, UTC)
        process = self._at(which)
        process.mind.outlooks.put([GroupOutlook(made_at, GroupForecast(GROUP, signals))])
        process.look()
        plan = process.mind.plans.get(GROUP)
        if plan is not None and plan.on_forecast:
            assert (odds, cpu) == (AT_ONCE, 0.3)
            assert not self._open()

    @rule(mood=st.sampled_from(MOODS))
    def the_receiver_changes_its_mood(self, mood: str) -> None:
        self.provider.mood = mood

    @rule(seconds=st.sampled_from([1.0, 7.0, 30.0, 90.0, 700.0, 90_000.0]))
    def time_passes(self, seconds: float) -> None:
        self.clocks.pass_by(seconds)

    @rule(seconds=st.sampled_from([-3600.0, 3600.0]))
    def the_clock_jumps(self, seconds: float) -> None:
        self.clocks.wall += timedelta(seconds=seconds)

    @rule(which=st.integers(0, 1))
    def a_process_is_killed_and_another_born(self, which: int) -> None:
        self.alive.discard(self.processes[which].name)
        self.processes[which] = self._born()

    @precondition(lambda self: self._open())
    @rule(mood=st.sampled_from(MOODS), seconds=st.sampled_from([1.0, 9.0, 31.0]), times=st.integers(1, 4))
    def work_goes_on(self, mood: str, seconds: float, times: int) -> None:
        self.provider.mood = mood
        for _ in range(times):
            self.what_is_due_is_done(0)
            self.what_is_due_is_done(1)
            self.clocks.pass_by(seconds)

    @rule(which=st.integers(0, 1))
    def what_is_due_is_done(self, which: int) -> None:
        process = self._at(which)
        process.conductor.take_over()
        for operation in self._open():
            process.conductor.step(operation.id)

    # What operators do.

    @rule(which=st.integers(0, 1), clicks=st.integers(1, 2), confirms=st.booleans())
    def an_operator_approves(self, which: int, clicks: int, confirms: bool) -> None:
        process = self._at(which)
        process.look()
        plan = process.mind.plans.get(GROUP)
        if plan is None:
            return
        kind = required_confirmation(plan).kind
        typed = {ConfirmationKind.KEY: "", ConfirmationKind.TYPE_GROUP_NAME: NAME}
        word = typed.get(kind, str(plan.payload.requested_nodes))
        intent = ApprovePlan(GROUP, plan.hash, word if confirms else "", "it burns" if confirms else "")
        answers = [process.gate.approve(intent, "anna") for _ in range(clicks)]
        done = [answer for answer in answers if answer.done]
        assert len(done) <= 1, "two clicks approved twice"
        assert not done or confirms or kind is ConfirmationKind.KEY
        self.confirmed |= {answer.operation_id for answer in done}

    @rule(which=st.integers(0, 1))
    def an_operator_approves_what_another_window_shows(self, which: int) -> None:
        plan = self.processes[1 - which].mind.plans.get(GROUP)
        process = self._at(which)
        if plan is not None:
            answer = process.gate.approve(ApprovePlan(GROUP, plan.hash), "bob")
            self.confirmed |= {answer.operation_id} if answer.done else set()

    @rule(which=st.integers(0, 1))
    def an_operator_rejects(self, which: int) -> None:
        process = self._at(which)
        plan = process.mind.plans.get(GROUP)
        if plan is not None:
            process.gate.reject(RejectPlan(GROUP, plan.hash, "no"), "anna")

    @rule(which=st.integers(0, 1))
    def an_operator_breaks_the_glass(self, which: int) -> None:
        self._at(which).gate.break_glass(BreakGlass(GROUP))

    @rule(which=st.integers(0, 1))
    def an_operator_asks_for_a_new_plan(self, which: int) -> None:
        self._at(which).gate.replan(Replan(GROUP))

    @rule(which=st.integers(0, 1))
    def an_operator_pauses_and_nothing_is_approved_by_a_key(self, which: int) -> None:
        process = self._at(which)
        assert process.desk.pause(PauseGroup(GROUP, 30, "migration"), "bob").done
        process.gate.replan(Replan(GROUP))
        process.look()
        plan = process.mind.plans.get(GROUP)
        assert plan is None or not process.gate.approve(ApprovePlan(GROUP, plan.hash), "anna").done

    @rule(which=st.integers(0, 1))
    def an_operator_ends_the_pause(self, which: int) -> None:
        self._at(which).desk.end_pause(EndPause(GROUP), "bob")

    @precondition(lambda self: self._open())
    @rule(which=st.integers(0, 1))
    def an_operator_cancels(self, which: int) -> None:
        self._at(which).desk.cancel(CancelOperation(self._open()[0].id, "it is over"), "anna")

    @precondition(lambda self: self._open())
    @rule(which=st.integers(0, 1), answer=st.sampled_from(list(DoubtAnswer)), off_by=st.sampled_from([0, 0, 0, 1]))
    def an_operator_answers_a_doubt(self, which: int, answer: DoubtAnswer, off_by: int) -> None:
        operation = self._open()[0]
        intent = AnswerDoubt(operation.id, operation.attempt + off_by, answer.value, NAME, "looked")
        done = self._at(which).desk.answer_doubt(intent, "anna").done
        assert not (done and off_by), "an answer about another attempt was taken"
        if done and operation.phase is OperationPhase.IN_DOUBT:
            waited_s = self.clocks.monotonic_s - self.provider.sent_at_s.get(operation.id, -SETTLE_DELAY_S)
            assert waited_s >= SETTLE_DELAY_S, "decided while the request may have been under way"
        self.resends[operation.id] += done and answer is DoubtAnswer.RESEND

    # What must hold, always.

    @invariant()
    def nothing_happens_twice(self) -> None:
        assert self.provider.unannounced == 0, "a delivery was not announced in the journal"
        assert all(len(bodies) == 1 for bodies in self.provider.bodies.values()), "a repeat had other bytes"
        for operation in Ledger(self.journal.read()).operations():
            ordered = self.resends[operation.id] if self.provider.kind is Repeats.FIRES else 0
            assert self.provider.effects[operation.id] <= 1 + ordered

    @invariant()
    def what_was_confirmed_is_in_the_journal_and_nothing_else(self) -> None:
        approved = {event.operation_id for event in self.journal.read() if event.kind is EventKind.PLAN_APPROVED}
        assert approved == self.confirmed

    @invariant()
    def a_group_has_one_open_operation_at_most(self) -> None:
        assert len(self._open()) <= 1

    def teardown(self) -> None:
        """When the trouble is over, whatever was approved comes to its end, with one audit record each."""
        if not hasattr(self, "processes"):
            return
        self.provider.mood = "accepts"
        self.cpu = 0.3
        for _ in range(400):
            if not self._open():
                break
            self.clocks.pass_by(30.0)
            self.what_is_due_is_done(0)
            self.what_is_due_is_done(1)
            for operation in self._open():
                if operation.phase is OperationPhase.IN_DOUBT:
                    intent = AnswerDoubt(operation.id, operation.attempt, "close", NAME, "nobody knows")
                    self._at(0).desk.answer_doubt(intent, "anna")
        events = self.journal.read()
        records = Counter(event.operation_id for event in events if event.kind is EventKind.AUDIT_RECORDED)
        assert self._open() == []
        assert records == Counter(self.confirmed)
        assert {event.operation_id for event in events if event.kind in ENDED} == self.confirmed
        assert verify_journal(self.journal).intact
        shutil.rmtree(self.folder)


TestEngineAgainstModel = EngineAgainstModel.TestCase
TestEngineAgainstModel.settings = settings(
    max_examples=25,
    stateful_step_count=35,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
