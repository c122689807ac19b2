"""A plan on a forecast, from the outlook to the journal: like any other, and never taken for the answer to a breach."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nodescaler_tui.act.conductor import Conductor
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import Operation
from nodescaler_tui.act.receiver import Repeats, WebhookReceiver
from nodescaler_tui.act.stopwatch import Stopwatch
from nodescaler_tui.act.surroundings import Surroundings
from nodescaler_tui.act.verification import VerificationPolicy
from nodescaler_tui.decide.approval import ConfirmationKind
from nodescaler_tui.decide.decision import Verdict
from nodescaler_tui.decide.forecast.outlook import STEP_S, GroupForecast
from nodescaler_tui.decide.forecast.track import Track
from nodescaler_tui.decide.plan import Override, Plan
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.ahead_book import AheadBook
from nodescaler_tui.engine.assessment import Rules
from nodescaler_tui.engine.gate import Gate
from nodescaler_tui.engine.gates import Caps, Circumstances
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.order_desk import OrderDesk
from nodescaler_tui.engine.outlook_book import BELIEVED_FOR, GroupOutlook
from nodescaler_tui.engine.picture import Pace
from nodescaler_tui.engine.sampling import sample_for
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.events import Event, EventKind, OperationPhase
from nodescaler_tui.facts import GroupKind, GroupReading, Observation, Reading, RequestBudget
from nodescaler_tui.intents import ApprovePlan, BreakGlass, PauseGroup, ProposeAhead, ProposeInverse, RejectPlan
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.state import GroupState, Scope, Severity
from nodescaler_tui.views import Answer
from tests.act.stage import Clocks, Living, ToldReceiver
from tests.decide.forecasts import NEVER, SOON, forecast_of

GROUP = "g-1"
JUDGED = dict.fromkeys(SignalName, Track(0.8, 40))


class Stage:
    """One group that is read as it is told, on a real journal: a mind, gate, desk, and a receiver that accepts."""

    def __init__(self, tmp_path: Path, *, on: bool = True, **circumstances: object) -> None:
        self.clocks = Clocks()
        self.nodes, self.live_nodes, self.cpu, self.memory = 10, 10, 0.7, 0.1
        self.memory_known, self.kind, self.managed = True, GroupKind.EDGE, False
        self.journal = SqliteJournal.open(tmp_path / "journal.db", version="test")
        usual = Circumstances(
            receiver=WebhookReceiver("hook", "https://receiver.example/scale", allows_scale_down=True),
            receiver_problem="",
            store_problem="",
            read_only=False,
            dry_run=False,
            caps=Caps(nodes_per_step=50, nodes_per_hour=200),
        )
        stopwatch = Stopwatch(lambda: self.now, lambda: self.clocks.monotonic_s)
        self.mind = Mind(
            scope=Scope(),
            rules=Rules(staleness_limit_s=90.0, cooldown_s=300.0),
            book=ThresholdBook({}),
            circumstances=replace(usual, **circumstances),  # type: ignore[arg-type]
            ledger=Ledger(self.journal.read(), stopwatch),
            ahead=AheadBook([GROUP] if on else []),
        )
        self.gate = Gate(
            self.mind,
            self.journal,
            live_count=lambda _: Reading(self.live_nodes, "recount", self.now),
            holder="one",
            declared_nodes=lambda _: None,
            clock=lambda: self.now,
        )
        self.conductor = Conductor(self.mind.ledger, self._surroundings())
        self.desk = OrderDesk(self.mind, self.journal, self.conductor.orders, clock=lambda: self.now)
        self.forecast()

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            journal=self.journal,
            sender=ToldReceiver(),
            repeats=Repeats.FIRES,
            sample=lambda operation: sample_for(self.mind, operation, self.now),
            holder=Living("one", {"one"}),
            policy=VerificationPolicy(consecutive_successes=2),
            clock=lambda: self.now,
            timeout_s=15.0,
            monotonic=lambda: self.clocks.monotonic_s,
        )

    @property
    def now(self) -> datetime:
        return self.clocks.wall

    def forecast(self, odds: Sequence[float] = SOON, tracks: dict[SignalName, Track] | None = None) -> None:
        """What the next hour may bring, from the last whole bar on: CPU as told, nothing to fear from the others."""
        signals = tuple(
            (name, forecast_of(name, odds if name is SignalName.CPU else NEVER, nodes=self.nodes, upper=0.8))
            for name in SignalName
        )
        made_at = datetime.fromtimestamp(self.now.timestamp() // STEP_S * STEP_S, UTC)
        record = JUDGED if tracks is None else tracks
        self.mind.outlooks.put([GroupOutlook(made_at, GroupForecast(GROUP, signals), record)])

    def look(self) -> GroupState:
        """Read the group, and see what is shown of it."""
        self.mind.remember(list(self.journal.read(after=self.mind.remembered)))
        self.mind.observe(self._observation())
        return self.mind.state(self.now, Pace(10.0, None)).groups[0]

    def _observation(self) -> Observation:
        group = GroupReading(
            id=GROUP,
            name="media one",
            site="north",
            kind=self.kind,
            managed=self.managed,
            current_nodes=Reading(self.nodes, "edge list", self.now),
            cpu=Reading(self.cpu, "edge", self.now),
            memory=Reading(self.memory if self.memory_known else None, "edge", self.now),
            sessions=Reading(3, "edge", self.now),
            cpu_worst=None,
            memory_worst=None,
            fresh_nodes=self.nodes,
            nodes=(),
        )
        budget = RequestBudget(1, 300, limit_is_live=True)
        return Observation(self.now, 1, inventory_read=True, groups=(group,), problems=(), budget=budget)

    def plan(self) -> Plan:
        assert self.look().plan is not None
        return self.mind.plans[GROUP]

    def approve(self, plan: Plan, typed: str = "12", reason: str = "the evening peak") -> Answer:
        return self.gate.approve(ApprovePlan(GROUP, plan.hash, typed, reason), "anna")

    def last(self, kind: EventKind) -> Event:
        return [event for event in self.journal.read() if event.kind is kind][-1]

    def carried_out(self, operation_id: str, seconds: float) -> Operation:
        """Nodes come after so long, and are looked at until nothing more happens."""
        self.conductor.step(operation_id)
        self.clocks.pass_by(seconds)
        self.nodes = self.live_nodes = 12
        for _ in range(8):
            self.look()
            self.conductor.step(operation_id)
            self.clocks.pass_by(5.0)
        operation = Ledger(self.journal.read()).operation(operation_id)
        assert operation is not None
        return operation


def test_by_default_a_forecast_proposes_nothing(tmp_path: Path) -> None:
    group = Stage(tmp_path, on=False).look()
    assert (group.verdict, group.plan, group.looks_ahead) == (Verdict.HOLD, None, False)
    assert "ahead" not in group.sentence


def test_switched_on_it_makes_a_plan_that_says_that_nothing_is_critical_yet(tmp_path: Path) -> None:
    group = Stage(tmp_path).look()
    assert group.plan is not None
    assert (group.verdict, group.severity, group.looks_ahead) == (Verdict.PROPOSE_AHEAD, Severity.OK, True)
    assert (group.plan.current_nodes, group.plan.requested_nodes, group.plan.on_forecast) == (10, 12, True)
    assert group.plan.reasons[0] == "ahead of a breach, on a forecast: nothing is critical yet"
    assert group.plan.reasons[1].startswith("CPU is expected to reach 90 % in 4–12 min, likely")
    assert group.plan.reasons[2] == "new nodes are assumed to take 5 m to take up work (no scale-up was measured)"
    assert all(gate.passed for gate in group.plan.gates)


def test_its_codes_and_evidence_tell_the_forecast_and_its_hash_covers_them(tmp_path: Path) -> None:
    plan = Stage(tmp_path).plan()
    assert plan.codes == ("CPU_CRITICAL_AHEAD",)
    evidence = plan.evidence[-1]
    assert (evidence.signal, evidence.value) == ("cpu ahead", "450")
    assert "7 of 20 similar hours crossed 90 %" in evidence.source
    assert "lead time 600 s" in evidence.source
    without = replace(plan, evidence=plan.evidence[:-1])
    later = replace(plan, evidence=(*plan.evidence[:-1], replace(evidence, value="501")))
    assert len({plan.hash, without.hash, later.hash, replace(plan, codes=("CPU_CRITICAL",)).hash}) == 4


def test_one_key_does_not_approve_it(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    plan = stage.plan()
    refused = stage.approve(plan, typed="", reason="")
    assert not refused.done
    assert "nothing is critical yet" in refused.sentence
    group = stage.look()
    assert group.plan is not None
    assert group.plan.confirmation is ConfirmationKind.TYPE_REQUESTED_NODES
    assert stage.approve(plan).done


def test_once_approved_it_is_sent_verified_and_recorded_and_its_boot_time_is_what_the_next_plan_counts_with(
    tmp_path: Path,
) -> None:
    stage = Stage(tmp_path)
    answer = stage.approve(stage.plan())
    fields = stage.last(EventKind.PLAN_APPROVED).fields
    assert (fields["on_forecast"], fields["critical"]) == (True, {"cpu": "0.9"})
    assert "nothing is critical yet" in json.dumps(fields["reasons"])
    assert stage.carried_out(answer.operation_id, 240.0).phase is OperationPhase.VERIFIED
    stage.clocks.pass_by(400.0)
    stage.forecast()
    group = stage.look()
    assert group.plan is not None
    assert group.plan.reasons[2].startswith("new nodes of this group took 4 m")
    assert group.plan.reasons[2].endswith("(the last scale-up)")


def test_new_nodes_that_do_not_keep_the_expected_signal_below_critical_are_no_success(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    answer = stage.approve(stage.plan())
    stage.cpu = 0.95
    assert stage.carried_out(answer.operation_id, 240.0).phase is OperationPhase.VERIFYING


def test_it_disappears_when_the_forecast_no_longer_says_so(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    plan = stage.plan()
    stage.forecast(NEVER)
    group = stage.look()
    assert (group.verdict, group.plan) == (Verdict.HOLD, None)
    assert "No breach of CPU, memory and sessions is expected within 10 m" in group.sentence
    assert not stage.approve(plan).done


def test_between_two_looks_too_it_is_refused_once_the_forecast_no_longer_says_so(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    plan = stage.plan()
    stage.forecast(NEVER)
    refused = stage.approve(plan)
    assert not refused.done
    assert "nothing would be proposed now" in refused.sentence
    assert stage.last(EventKind.PLAN_REFUSED).fields["plan_hash"] == plan.hash


def test_a_forecast_that_is_not_renewed_is_acted_on_no_more(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    plan = stage.plan()
    stage.clocks.pass_by(601.0)
    assert "the forecast is 10 m 1 s old" in stage.look().sentence
    assert not stage.approve(plan).done
    stage.clocks.pass_by(BELIEVED_FOR.total_seconds())
    assert "there is no forecast" in stage.look().sentence


def test_a_forecast_that_has_been_wrong_lately_is_not_acted_on_and_the_group_says_so(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.forecast(tracks={SignalName.CPU: Track(1.3, 40)})
    group = stage.look()
    assert group.plan is None
    assert "on CPU (the forecast has been wrong lately: 1.3 ×" in group.sentence


def test_the_live_count_is_read_anew_at_approval(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    plan = stage.plan()
    stage.live_nodes = 12
    refused = stage.approve(plan)
    assert not refused.done
    assert "12 nodes now, not 10" in refused.sentence


def test_it_keeps_its_hash_while_it_is_read_and_expires_like_any_other(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    plan = stage.plan()
    stage.clocks.pass_by(300.0)
    stage.forecast()
    assert stage.plan().hash == plan.hash
    stage.clocks.pass_by(301.0)
    stage.forecast()
    assert not stage.approve(plan).done
    assert stage.plan().hash != plan.hash


def test_the_breach_itself_makes_a_new_plan_that_one_key_approves(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    ahead = stage.plan()
    stage.cpu = 0.93
    group = stage.look()
    assert group.plan is not None
    assert (group.verdict, group.plan.on_forecast, group.plan.confirmation) == (
        Verdict.PROPOSE,
        False,
        ConfirmationKind.KEY,
    )
    assert not stage.approve(ahead).done
    assert stage.approve(stage.plan(), typed="", reason="").done


def test_the_breach_that_comes_while_the_plan_is_approved_makes_it_stale_and_that_is_named(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    ahead = stage.plan()
    stage.cpu = 0.93
    stage.mind.observe(stage._observation())
    refused = stage.approve(ahead)
    assert not refused.done
    assert "called for by: a forecast → what was measured" in refused.changes


def test_who_rejected_it_has_not_rejected_the_answer_to_the_breach(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    assert stage.gate.reject(RejectPlan(GROUP, stage.plan().hash, "a false alarm"), "anna").done
    assert stage.look().plan is None
    stage.cpu = 0.93
    assert stage.look().plan is not None


@pytest.mark.parametrize("obstacle", ["cooldown", "in flight", "at max", "over max", "unknown", "managed", "declared"])
def test_whatever_holds_a_breach_back_or_hides_it_keeps_a_forecast_silent(tmp_path: Path, obstacle: str) -> None:
    stage = Stage(tmp_path)
    match obstacle:
        case "cooldown" | "in flight":
            answer = stage.approve(stage.plan())
            if obstacle == "cooldown":
                stage.carried_out(answer.operation_id, 60.0)
        case "at max" | "over max":
            most = 10 if obstacle == "at max" else 9
            stage.mind.book = stage.mind.book.changed(GROUP, ThresholdMatrix(max_nodes=most))
        case "unknown":
            stage.memory_known = False
        case "managed":
            stage.managed = True
        case _:
            stage.kind = GroupKind.DECLARED
    stage.forecast()
    group = stage.look()
    assert group.plan is None
    assert group.verdict in {Verdict.HOLD, Verdict.DEGRADED}
    stage.gate.break_glass(BreakGlass(GROUP))
    assert stage.look().plan is None, "no glass is broken for a forecast that a row of the table holds back"


def test_the_glass_of_the_maximum_that_was_broken_for_a_breach_stays_whole_for_a_forecast(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.mind.book = stage.mind.book.changed(GROUP, ThresholdMatrix(max_nodes=11))
    stage.cpu = 0.93
    stage.look()
    assert stage.gate.break_glass(BreakGlass(GROUP)).done
    assert (stage.plan().payload.requested_nodes, stage.plan().overrides) == (12, (Override.MAXIMUM,))
    stage.cpu = 0.7
    plan = stage.plan()
    assert (plan.on_forecast, plan.payload.requested_nodes, plan.overrides) == (True, 11, ())


def test_a_pause_closes_its_gate_and_takes_the_groups_name_to_override(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    plan = stage.plan()
    assert stage.desk.pause(PauseGroup(GROUP, 30, "migration"), "bob").done
    assert "pause" in stage.approve(plan).sentence
    assert stage.gate.break_glass(BreakGlass(GROUP)).done
    group = stage.look()
    assert group.plan is not None
    assert (group.plan.on_forecast, group.plan.confirmation) == (True, ConfirmationKind.TYPE_GROUP_NAME)


def test_whoever_takes_nodes_back_is_not_contradicted_by_a_forecast(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    answer = stage.approve(stage.plan())
    stage.carried_out(answer.operation_id, 60.0)
    stage.clocks.pass_by(400.0)
    stage.forecast()
    assert stage.plan().on_forecast
    assert stage.gate.propose_inverse(ProposeInverse(answer.operation_id)).done
    assert (stage.plan().takes_back, stage.plan().on_forecast) == (True, False)


def test_an_operator_switches_it_on_with_a_reason_and_off_and_the_journal_keeps_who_and_when(tmp_path: Path) -> None:
    stage = Stage(tmp_path, on=False)
    stage.look()
    assert "reason" in stage.desk.propose_ahead(ProposeAhead(GROUP, on=True), "anna").sentence
    assert stage.desk.propose_ahead(ProposeAhead(GROUP, on=True, reason="match night"), "anna").done
    assert stage.plan().on_forecast
    event = stage.last(EventKind.GROUP_AHEAD_SWITCHED)
    assert (event.operator, event.group_id, event.at) == ("anna", GROUP, stage.now)
    assert event.fields == {"on": True, "reason": "match night"}
    shown = stage.mind.state(stage.now, Pace(10.0, None)).journal[0].sentence
    assert shown == "plans on a forecast alone switched on: “match night”"
    assert not stage.desk.propose_ahead(ProposeAhead(GROUP, on=True, reason="again"), "bob").done
    assert stage.desk.propose_ahead(ProposeAhead(GROUP, on=False), "bob").done
    assert stage.look().plan is None


def test_it_cannot_be_switched_on_where_nothing_could_be_proposed(tmp_path: Path) -> None:
    stage = Stage(tmp_path, on=False)
    wanted = ProposeAhead(GROUP, on=True, reason="match night")
    assert "not known" in stage.desk.propose_ahead(wanted, "anna").sentence
    stage.kind = GroupKind.DECLARED
    stage.look()
    assert "declared, not counted" in stage.desk.propose_ahead(wanted, "anna").sentence
    assert not stage.look().looks_ahead


def test_a_forecasts_hour_begins_with_the_end_of_its_newest_bar(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.forecast((0.0, 0.26, *(0.5,) * 10))
    assert stage.plan().on_forecast
    outlook = stage.mind.outlooks.of(GROUP, stage.now)
    assert outlook is not None
    stage.mind.outlooks.put([replace(outlook, made_at=stage.now + timedelta(minutes=3))])
    stage.clocks.pass_by(180.0)
    assert stage.look().plan is None, "10 min after a bar that ends in 2 min are more than the lead time"
    stage.clocks.pass_by(120.0)
    assert stage.plan().on_forecast
