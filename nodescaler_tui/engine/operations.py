"""Operations as they are shown: each journal event becomes a step with its time, in plain words."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Final

from nodescaler_tui.act.operation import Operation, Phase, moment, optional_number, strings, text
from nodescaler_tui.act.orders import CAN_BE_CANCELLED, CAN_BE_CLOSED
from nodescaler_tui.act.threshold_words import TAKES_BACK
from nodescaler_tui.decide.two_person import OFF
from nodescaler_tui.display_text import EMPTY, DisplayText, display_text
from nodescaler_tui.engine.inverse import can_be_taken_back
from nodescaler_tui.engine.story_words import change_words
from nodescaler_tui.events import Event, EventKind, Fields
from nodescaler_tui.state import OperationState, StepState

ADVICE: Final = {
    Phase.FAILED: "Look at the receiver's answer above. A new plan can be approved when it is proposed.",
    Phase.PARTIAL: "Some nodes came. If the breach goes on, a new plan is proposed after the cooldown.",
    Phase.INCONCLUSIVE: "It could not be measured. Look at the provider before you approve another plan.",
}


def operation_state(operation: Operation, undecided_until: datetime | None = None) -> OperationState:
    """One operation for the screens; before `undecided_until` nobody may decide about its doubt."""
    plan = operation.plan
    return OperationState(
        id=operation.id,
        group_id=operation.group_id,
        group_name=display_text(plan.group_name),
        phase=operation.phase,
        from_nodes=plan.from_nodes,
        requested_nodes=plan.requested_nodes,
        nodes_now=operation.nodes_now,
        operator=display_text(_approvers(operation)),
        reason=display_text(plan.reason),
        steps=(*_past(operation), *_future(operation)),
        approved_at=operation.approved_at,
        next_step_at=operation.next_attempt_at,
        advice=display_text(_advice(operation)),
        can_cancel=operation.phase in CAN_BE_CANCELLED,
        can_close=operation.phase in CAN_BE_CLOSED,
        can_take_back=can_be_taken_back(operation),
        attempt=operation.attempt,
        decidable_at=undecided_until if operation.phase is Phase.IN_DOUBT else None,
    )


def _approvers(operation: Operation) -> str:
    return f"{operation.first_operator} and {operation.operator}" if operation.first_operator else operation.operator


def _advice(operation: Operation) -> str:
    """What can be done when something went wrong."""
    if operation.phase is not Phase.IN_DOUBT:
        return ADVICE.get(operation.phase, "")
    now = "the nodes cannot be counted" if operation.nodes_now is None else f"{operation.nodes_now} now"
    return (
        f"The receiver may have acted on attempt {operation.attempt}: {operation.plan.from_nodes} nodes before, {now}. "
        "Nothing is sent again on its own; nodes that come settle it. Look at the provider, then decide."
    )


def _past(operation: Operation) -> tuple[StepState, ...]:
    """The steps taken; of the progress seen while verifying only the newest is kept."""
    steps: list[StepState] = []
    for event in operation.events:
        step = _step(event)
        if step is None:
            continue
        if event.kind is EventKind.OPERATION_PROGRESSED and steps and steps[-1].title == step.title:
            steps.pop()
        steps.append(step)
    return tuple(steps)


def _future(operation: Operation) -> tuple[StepState, ...]:
    """What is still to come, so that the whole way is seen from the start."""
    ahead = {
        Phase.APPROVED: ("sent", "accepted", "nodes joining", "settled", "recorded"),
        Phase.SENDING: ("accepted", "nodes joining", "settled", "recorded"),
        Phase.WAITING: ("sent again", "accepted", "nodes joining", "settled", "recorded"),
        Phase.ACCEPTED: ("nodes joining", "settled", "recorded"),
        Phase.VERIFYING: ("settled", "recorded"),
    }.get(operation.phase, ())
    return tuple(StepState(None, DisplayText(title)) for title in ahead)


def _step(event: Event) -> StepState | None:
    describe = _WORDS.get(event.kind)
    if describe is None:
        return None
    title, detail, failed = describe(event.fields)
    return StepState(event.at, display_text(title), display_text(detail) if detail else EMPTY, failed)


_Words = tuple[str, str, bool]
_PROGRESS: Final = "nodes joining"


def _approved(fields: Fields) -> _Words:
    reason, overrides = text(fields, "reason"), strings(fields, "overrides")
    broken = f"glass broken: {', '.join(overrides)}. " if overrides else ""
    first, first_at = text(fields, "first_operator"), moment(fields, "first_approved_at")
    second = f"as the second, after {first} at {first_at:%H:%M:%S} UTC. " if first and first_at else ""
    return "approved", f"{second}{broken}“{reason}”" if reason else f"{second}{broken}".rstrip(), False


def _sending(fields: Fields) -> _Words:
    return "sent", f"attempt {optional_number(fields, 'attempt')}", False


def _retrying(fields: Fields) -> _Words:
    due = moment(fields, "next_attempt_at")
    at = f" Next attempt at {due:%H:%M:%S} UTC." if due else ""
    return "not accepted yet", f"{text(fields, 'sentence')}{at}", True


def _in_doubt(fields: Fields) -> _Words:
    return "in doubt", text(fields, "sentence"), True


def _resend_ordered(fields: Fields) -> _Words:
    attempt = optional_number(fields, "attempt")
    return "send again", f"ordered after attempt {attempt}: “{text(fields, 'reason')}”", False


def _reported(fields: Fields) -> _Words:
    """The receiver's own word on its job, in full only when something is wrong."""
    report = text(fields, "report")
    wrong = report in {"failed", "unreadable"}
    return "provider's job", text(fields, "sentence") if wrong else report, wrong


def _accepted(fields: Fields) -> _Words:
    status = optional_number(fields, "http_status")
    answered = f"HTTP {status}, status “{text(fields, 'webhook_status')}”" if status else text(fields, "sentence")
    return "accepted", answered, False


def _verifying(fields: Fields) -> _Words:
    due = moment(fields, "deadline")
    return "verifying", f"until {due:%H:%M:%S} UTC at the latest" if due else "", False


def _progressed(fields: Fields) -> _Words:
    """Progress of the verification, or the live count while there is a doubt, which knows of no fresh nodes."""
    return _PROGRESS if "fresh_nodes" in fields else "counted", text(fields, "sentence"), False


def _settled(fields: Fields) -> _Words:
    outcome = text(fields, "outcome")
    return outcome, text(fields, "sentence"), outcome != Phase.VERIFIED.value


def _cancelled(fields: Fields) -> _Words:
    return "cancelled", text(fields, "reason"), False


def _resumed(fields: Fields) -> _Words:
    by = text(fields, "by")
    return "picked up", f"by {by or 'another process'} after the first one ended", False


def _recorded(fields: Fields) -> _Words:
    latency_ms = optional_number(fields, "latency_ms") or 0
    return "recorded", f"audit record, {latency_ms / 1000:.1f} s after the approval", False


_WORDS: Final[Mapping[EventKind, Callable[[Fields], _Words]]] = {
    EventKind.PLAN_APPROVED: _approved,
    EventKind.OPERATION_SENDING: _sending,
    EventKind.OPERATION_RETRYING: _retrying,
    EventKind.OPERATION_IN_DOUBT: _in_doubt,
    EventKind.OPERATION_RESEND_ORDERED: _resend_ordered,
    EventKind.OPERATION_REPORTED: _reported,
    EventKind.OPERATION_ACCEPTED: _accepted,
    EventKind.OPERATION_VERIFYING: _verifying,
    EventKind.OPERATION_PROGRESSED: _progressed,
    EventKind.OPERATION_SETTLED: _settled,
    EventKind.OPERATION_CANCELLED: _cancelled,
    EventKind.OPERATION_RESUMED: _resumed,
    EventKind.AUDIT_RECORDED: _recorded,
}


def sentence_of(event: Event) -> DisplayText:
    """Any event in one line, for the journal list."""
    if event.kind in _WORDS:
        title, detail, _ = _WORDS[event.kind](event.fields)
        return display_text(f"{title}: {detail}" if detail else title)
    describe = _OTHER_WORDS.get(event.kind)
    return display_text(event.kind.value if describe is None else describe(event.fields))


def _refused(fields: Fields) -> str:
    return f"refused: {text(fields, 'sentence')}"


def _rejected(fields: Fields) -> str:
    reason = text(fields, "reason")
    return f"plan rejected{f': “{reason}”' if reason else ''}"


def _thresholds(fields: Fields) -> str:
    changed = change_words(fields.get("old"), fields.get("new")) or text(fields, "summary")
    taken_back = "taken back, " if TAKES_BACK in fields else ""
    return f"{taken_back}thresholds of {text(fields, 'scope') or 'all groups'}: {changed}"


def _first_approved(fields: Fields) -> str:
    step = f"{optional_number(fields, 'current_nodes')} → {optional_number(fields, 'requested_nodes')} nodes"
    until, reason = moment(fields, "expires_at"), text(fields, "reason")
    why = f": “{reason}”" if reason else ""
    return f"{step} approved first{why}; a second person must approve before {until:%H:%M} UTC" if until else step


def _first_approval_void(fields: Fields) -> str:
    return f"the first approval by {text(fields, 'first_operator')} is void: {text(fields, 'sentence')}"


def _two_person_changed(fields: Fields) -> str:
    tier, groups = text(fields, "from_tier"), strings(fields, "groups")
    named = f", and for {', '.join(groups)}" if groups else ""
    return f"two-person rule: from the tier {tier} on{named}" if tier != OFF else f"two-person rule: no tier{named}"


def _paused(fields: Fields) -> str:
    until = moment(fields, "until")
    return f"paused until {until:%a %H:%M} UTC: “{text(fields, 'reason')}”" if until else "paused"


def _unpaused(fields: Fields) -> str:
    reason = text(fields, "reason")
    return f"pause ended{f': “{reason}”' if reason else ''}"


def _frozen(fields: Fields) -> str:
    until = moment(fields, "until")
    return f"all sending frozen until {until:%a %H:%M} UTC: “{text(fields, 'reason')}”" if until else "frozen"


def _lifted(fields: Fields) -> str:
    return f"freeze of {text(fields, 'declared_by')} lifted: “{text(fields, 'reason')}”"


def _ahead_switched(fields: Fields) -> str:
    reason = text(fields, "reason")
    what = "plans on a forecast alone switched on" if fields.get("on") is True else "no more plans on a forecast alone"
    return f"{what}{f': “{reason}”' if reason else ''}"


def _acknowledged(fields: Fields) -> str:
    return f"seen while {text(fields, 'severity')}; it is quiet until it gets worse"


def _opened(fields: Fields) -> str:
    return f"journal opened by version {text(fields, 'version')}"


def _journal_accepted(fields: Fields) -> str:
    return f"journal accepted although {text(fields, 'witnessed')} was witnessed: “{text(fields, 'reason')}”"


_OTHER_WORDS: Final[Mapping[EventKind, Callable[[Fields], str]]] = {
    EventKind.PLAN_FIRST_APPROVED: _first_approved,
    EventKind.PLAN_FIRST_APPROVAL_VOID: _first_approval_void,
    EventKind.TWO_PERSON_CHANGED: _two_person_changed,
    EventKind.PLAN_REFUSED: _refused,
    EventKind.PLAN_REJECTED: _rejected,
    EventKind.THRESHOLDS_CHANGED: _thresholds,
    EventKind.GROUP_PAUSED: _paused,
    EventKind.GROUP_UNPAUSED: _unpaused,
    EventKind.FREEZE_DECLARED: _frozen,
    EventKind.FREEZE_LIFTED: _lifted,
    EventKind.GROUP_AHEAD_SWITCHED: _ahead_switched,
    EventKind.GROUP_ACKNOWLEDGED: _acknowledged,
    EventKind.JOURNAL_OPENED: _opened,
    EventKind.JOURNAL_ACCEPTED: _journal_accepted,
}
