"""The picture: State as a pure function of what is known, decided and recorded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.pause import Pause
from nodescaler_tui.act.threshold_words import ThresholdWord
from nodescaler_tui.decide.approval import required_confirmation
from nodescaler_tui.decide.clock_skew import clock_gate, clock_warning
from nodescaler_tui.decide.decision import Judgement
from nodescaler_tui.decide.plan import Gate, Plan
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.display_text import EMPTY, DisplayText, display_text
from nodescaler_tui.engine.assessment import Assessment, reading_of
from nodescaler_tui.engine.gates import Circumstances
from nodescaler_tui.engine.history import GroupHistory
from nodescaler_tui.engine.knowledge import Knowledge
from nodescaler_tui.engine.operations import operation_state, sentence_of
from nodescaler_tui.events import Event
from nodescaler_tui.facts import GroupKind, GroupReading, Lifecycle, OrganizationCalls, Problem, VendorStatus
from nodescaler_tui.state import (
    ContextState,
    GateState,
    GroupState,
    JournalEntry,
    LinkState,
    NodeCounts,
    OperationState,
    OutlookState,
    PlanState,
    ReceiverState,
    SignalState,
    StoreState,
    TwoPersonState,
)

RECENT_OPERATIONS: Final = 20
LONGEST_PAYLOAD = 4096
LONGEST_SENTENCE = 400


@dataclass(frozen=True, slots=True)
class Pace:
    """How often Genesys is asked, when next, and in a team by whom, in words."""

    every_s: float
    next_at: datetime | None
    poller: str = ""


@dataclass(frozen=True, slots=True)
class GroupFrame:
    """What one group's line needs besides its assessment."""

    plan: Plan | None
    operation_id: str
    cooldown_until: datetime | None
    matrix_origin: str
    matrix_word: ThresholdWord | None
    history: GroupHistory
    outlook: OutlookState | None
    read_at: datetime | None
    held_back: str
    pause: Pause | None
    acknowledged: DisplayText
    looks_ahead: bool
    two_person: TwoPersonState | None = None
    first_approval: str = ""


def group_state(assessment: Assessment, frame: GroupFrame) -> GroupState:
    """One group as the fleet and its proposal card show it."""
    reading = assessment.reading
    return GroupState(
        id=reading.id,
        name=display_text(reading.name),
        site=display_text(reading.site),
        kind=reading.kind,
        managed=reading.managed,
        severity=assessment.severity,
        counts=node_counts(reading),
        signals=tuple(
            signal_state(assessment, judgement, frame.history) for judgement in assessment.decision.judgements
        ),
        verdict=assessment.decision.verdict,
        sentence=display_text(frame.held_back or _sentence(assessment), LONGEST_SENTENCE),
        matrix=assessment.situation.matrix,
        matrix_origin=display_text(frame.matrix_origin),
        matrix_by=EMPTY if frame.matrix_word is None else display_text(frame.matrix_word.operator),
        matrix_at=None if frame.matrix_word is None else frame.matrix_word.at,
        read_at=frame.read_at,
        plan=None if frame.plan is None else plan_state(frame.plan, frame.two_person),
        operation_id=frame.operation_id,
        cooldown_until=frame.cooldown_until,
        paused_until=None if frame.pause is None else frame.pause.until,
        outlook=frame.outlook,
        acknowledged=frame.acknowledged,
        looks_ahead=frame.looks_ahead,
        first_approval=display_text(frame.first_approval, LONGEST_SENTENCE),
        pause=EMPTY if frame.pause is None else display_text(f"by {frame.pause.operator}: {frame.pause.reason}"),
    )


def _sentence(assessment: Assessment) -> str:
    if assessment.reading.managed:
        return f"Genesys scales this group itself; it is shown and never proposed. {assessment.sentence}"
    return assessment.sentence


def signal_state(assessment: Assessment, judgement: Judgement, history: GroupHistory) -> SignalState:
    """One signal with its limits and its worst node."""
    reading = reading_of(assessment.reading, judgement.signal)
    worst = {
        SignalName.CPU: assessment.reading.cpu_worst,
        SignalName.MEMORY: assessment.reading.memory_worst,
    }.get(judgement.signal)
    return SignalState(
        name=judgement.signal,
        level=judgement.level,
        value=reading.value,
        warning=judgement.warning,
        critical=judgement.critical,
        source=display_text(reading.source),
        sampled_at=reading.sampled_at,
        worst=None if worst is None else worst.value,
        worst_node=EMPTY if worst is None else display_text(worst.node_name),
        missing=display_text(reading.missing),
        trend=history.trend(judgement.signal, assessment.situation.matrix),
    )


def node_counts(reading: GroupReading) -> NodeCounts:
    """Nodes by lifecycle; the count in service is None when it is not known."""
    count = reading.current_nodes.value
    by_lifecycle = {
        lifecycle: sum(1 for node in reading.nodes if node.lifecycle is lifecycle) for lifecycle in Lifecycle
    }
    return NodeCounts(
        in_service=None if count is None else int(count),
        booting=by_lifecycle[Lifecycle.BOOTING],
        draining=by_lifecycle[Lifecycle.DRAINING],
        offline=by_lifecycle[Lifecycle.OFFLINE],
        fresh=reading.fresh_nodes,
        declared=reading.kind is GroupKind.DECLARED,
    )


def plan_state(plan: Plan, two_person: TwoPersonState | None = None) -> PlanState:
    """A plan as the approval screen shows it."""
    confirmation = required_confirmation(plan)
    return PlanState(
        hash=plan.hash,
        current_nodes=plan.payload.current_nodes,
        requested_nodes=plan.payload.requested_nodes,
        max_nodes=plan.max_nodes,
        reasons=tuple(display_text(reason) for reason in plan.reasons),
        projection=display_text(plan.projection),
        gates=tuple(_gate_state(gate) for gate in plan.gates),
        receiver=ReceiverState(
            name=display_text(plan.receiver.name),
            host=display_text(plan.receiver.host),
            authentication=display_text(plan.receiver.authentication),
            repeats=display_text(plan.receiver.repeats),
        ),
        payload=display_text(plan.payload.canonical_bytes().decode(), LONGEST_PAYLOAD),
        payload_sha256=plan.payload.sha256(),
        body=display_text(plan.body.decode(), LONGEST_PAYLOAD),
        body_sha256=plan.body_sha256,
        confirmation=confirmation.kind,
        confirmation_why=display_text("; ".join(confirmation.because)),
        created_at=plan.created_at,
        expires_at=plan.expires_at,
        on_forecast=plan.on_forecast,
        two_person=two_person,
    )


def _gate_state(gate: Gate) -> GateState:
    return GateState(display_text(gate.name), gate.passed, display_text(gate.sentence), gate.overridden)


def link_state(knowledge: Knowledge, pace: Pace) -> LinkState:
    """The connection in one line."""
    budget = knowledge.budget
    return LinkState(
        status=knowledge.status,
        since=knowledge.status_since,
        polled_at=knowledge.polled_at,
        poll_every_s=pace.every_s,
        next_poll_at=pace.next_at,
        requests_per_poll=knowledge.requests,
        limit_share=None if budget is None else budget.used_last_minute / budget.limit_per_minute,
        problems=tuple(_problem_words(problem) for problem in knowledge.problems),
        poller=display_text(pace.poller),
    )


def _problem_words(problem: Problem) -> DisplayText:
    retry = f" Next try at {problem.retry_at:%H:%M:%S} UTC." if problem.retry_at else ""
    return display_text(f"{problem.sentence}{retry}")


def store_state(circumstances: Circumstances, ledger: Ledger) -> StoreState:
    """The journal, and this host's clock where a store is shared."""
    problem, clock = circumstances.store_problem, circumstances.clock
    return StoreState(
        writable=not problem,
        sentence=display_text(problem or "The journal can be written."),
        events=ledger.seq,
        head=ledger.head,
        clock=EMPTY if clock is None else display_text(clock_warning(clock)),
        clock_closes=clock is not None and not clock_gate(clock).passed,
    )


def context_state(knowledge: Knowledge) -> ContextState:
    """What surrounds the groups, in words, each with its own time."""
    calls, vendor = knowledge.organization_calls, knowledge.vendor_status
    return ContextState(
        organization_calls=EMPTY if calls is None else display_text(_calls_words(calls)),
        organization_calls_at=None if calls is None else calls.read_at,
        vendor_status=EMPTY if vendor is None else display_text(_vendor_words(vendor)),
        vendor_status_at=None if vendor is None else vendor.read_at,
        clock_skew_s=knowledge.clock_skew_s,
    )


def _calls_words(calls: OrganizationCalls) -> str:
    usage = "unknown" if calls.usage_percent is None else f"{calls.usage_percent:g} %"
    trigger = "" if calls.trigger_percent is None else f", Genesys scales at {calls.trigger_percent:g} %"
    scaling = "" if calls.auto_scaling in {"None", ""} else f", auto-scaling {calls.auto_scaling}"
    return f"cloud media {usage} used{trigger}{scaling}"


def _vendor_words(vendor: VendorStatus) -> str:
    return f"{vendor.description} ({vendor.indicator})"


def journal_entries(events: Sequence[Event], names: Mapping[str, str]) -> tuple[JournalEntry, ...]:
    """Events in one line each, newest first."""
    return tuple(journal_entry(event, names) for event in reversed(events))


def journal_entry(event: Event, names: Mapping[str, str]) -> JournalEntry:
    """One event in one line."""
    return JournalEntry(
        seq=event.seq,
        at=event.at,
        kind=event.kind.value,
        group_id=event.group_id,
        group_name=display_text(names.get(event.group_id, event.group_id)),
        operator=display_text(event.operator),
        operation_id=event.operation_id,
        sentence=sentence_of(event),
    )


def operation_on(ledger: Ledger, group_id: str) -> str:
    """The id of the open operation on this group, empty when there is none."""
    operation = ledger.open_operation(group_id)
    return "" if operation is None else operation.id


def operation_states(ledger: Ledger, undecided_until: Mapping[tuple[str, int], datetime]) -> tuple[OperationState, ...]:
    """The newest, and before them each that is still open: somebody may have to decide about it."""
    operations = ledger.operations()
    older, newest = operations[:-RECENT_OPERATIONS], operations[-RECENT_OPERATIONS:]
    return tuple(
        operation_state(operation, undecided_until.get((operation.id, operation.attempt)))
        for operation in (*(operation for operation in older if operation.open), *newest)
    )
