"""The report of one iteration: for people in a few lines, for programs as one JSON document."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.wording import duration, percent
from nodescaler_tui.events import Event, EventKind
from nodescaler_tui.headless.iteration import Result
from nodescaler_tui.outlook_words import outlook_words, worst_outlook
from nodescaler_tui.state import GroupState, OperationState, PlanState, SignalState, State

AUDIT_FIELDS = (
    "timestamp",
    "node_group_id",
    "requested_nodes",
    "current_nodes",
    "payload_hash",
    "webhook_status",
    "health_verified",
    "latency_ms",
    "auto_provision",
    "load_balancer_reconfigured",
)


def group_lines(group: GroupState, now: datetime) -> str:
    """One group with its signals, each with its age, and the sentence of its decision."""
    count = "?" if group.counts.in_service is None else str(group.counts.in_service)
    declared = " (declared, not measured)" if group.counts.declared else ""
    head = f"{group.severity.value:<9} {group.name}  {count} of {group.matrix.max_nodes} nodes{declared}\n"
    signals = "".join(f"          {_signal_line(signal, now)}\n" for signal in group.signals)
    ahead = worst_outlook(group)
    outlook = "" if ahead is None else f"          ahead: {outlook_words(ahead, now)}\n"
    return f"{head}{signals}          {group.sentence}\n{outlook}"


def _signal_line(signal: SignalState, now: datetime) -> str:
    if signal.value is None:
        return f"{signal.name.value}: {signal.level.value}, {signal.missing} ({signal.source})"
    age = "" if signal.sampled_at is None else f", {duration((now - signal.sampled_at).total_seconds())} old"
    value = f"{signal.value:g}" if signal.name is SignalName.SESSIONS else percent(float(signal.value))
    return f"{signal.name.value}: {value} {signal.level.value}{age} ({signal.source})"


def plan_lines(group: GroupState, plan: PlanState) -> str:
    """The plan as it would be sent."""
    gates = ", ".join(f"{gate.name} {'ok' if gate.passed else f'CLOSED: {gate.sentence}'}" for gate in plan.gates)
    return (
        f"\nPlan for {group.name}: {plan.current_nodes} -> {plan.requested_nodes} nodes (max {plan.max_nodes})\n"
        f"  why       {'; '.join(plan.reasons)}\n"
        f"{_two_person_line(plan)}"
        f"  after     {plan.projection}\n"
        f"  gates     {gates}\n"
        f"  receiver  {plan.receiver.name} at {plan.receiver.host}; {plan.receiver.repeats}\n"
        f"  sends     {plan.body}\n"
        f"  SHA-256   {plan.body_sha256}\n"
    )


def _two_person_line(plan: PlanState) -> str:
    two = plan.two_person
    if two is None:
        return ""
    honour = ", on honour: names come from this machine" if two.on_honour else ""
    if two.first_at is None:
        return f"  people    two must approve it{honour}; the first approval sends nothing\n"
    until = f"{plan.expires_at:%H:%M} UTC"
    return f"  people    {two.first_operator} approved first{honour}; a second person must approve before {until}\n"


def two_person_document(plan: PlanState | None) -> dict[str, Any] | None:
    """How far the approval of a plan is that takes two people; None where one is enough."""
    two = None if plan is None else plan.two_person
    if two is None:
        return None
    return {
        "on_honour": two.on_honour,
        "first_operator": str(two.first_operator) or None,
        "first_approved_at": None if two.first_at is None else two.first_at.isoformat(),
    }


def operation_lines(operation: OperationState) -> str:
    """Each step with its time."""
    steps = "".join(
        f"  {step.at:%H:%M:%S}Z  {step.title}{f': {step.detail}' if step.detail else ''}\n"
        for step in operation.steps
        if step.at is not None
    )
    return f"\n{steps}{operation.advice}\n" if operation.advice else f"\n{steps}"


def document(result: Result, events: Sequence[Event], now: datetime) -> dict[str, Any]:
    """One document: readings with value, state, age and source; decision; plan; operation; the ten audit fields."""
    return {
        "exit_code": int(result.code),
        "readings": [_reading(group, now) for group in result.state.groups],
        "link": _link(result.state),
        "group": None if result.group is None else result.group.id,
        "decision": None if result.group is None else _decision(result.group),
        "plan": None if result.group is None or result.group.plan is None else _plan(result.group.plan),
        "refusal": _refusal(result),
        "operation": None if result.operation is None else _operation(result.operation),
        "audit": _audit(result, events),
    }


def _reading(group: GroupState, now: datetime) -> dict[str, Any]:
    return {
        "group_id": group.id,
        "name": group.name,
        "kind": group.kind.value,
        "managed": group.managed,
        "severity": group.severity.value,
        "current_nodes": group.counts.in_service,
        "nodes_declared": group.counts.declared,
        "signals": {signal.name.value: _signal(signal, now) for signal in group.signals},
        "verdict": group.verdict.value,
        "sentence": group.sentence,
    }


def _signal(signal: SignalState, now: datetime) -> dict[str, Any]:
    age_s = None if signal.sampled_at is None else round((now - signal.sampled_at).total_seconds(), 1)
    return {
        "value": signal.value,
        "state": signal.level.value,
        "age_s": age_s,
        "source": signal.source,
        "missing": signal.missing,
    }


def _link(state: State) -> dict[str, Any]:
    return {"status": state.link.status.value, "problems": list(state.link.problems)}


def _decision(group: GroupState) -> dict[str, Any]:
    return {"verdict": group.verdict.value, "sentence": group.sentence}


def _plan(plan: PlanState) -> dict[str, Any]:
    return {
        "hash": plan.hash,
        "current_nodes": plan.current_nodes,
        "requested_nodes": plan.requested_nodes,
        "reasons": list(plan.reasons),
        "projection": plan.projection,
        "gates": {str(gate.name): gate.passed for gate in plan.gates},
        "receiver": {"name": plan.receiver.name, "host": plan.receiver.host},
        "payload": plan.payload,
        "payload_sha256": plan.payload_sha256,
        "body": plan.body,
        "body_sha256": plan.body_sha256,
        "confirmation": plan.confirmation.value,
        "two_person": two_person_document(plan),
        "expires_at": plan.expires_at.isoformat(),
    }


def _refusal(result: Result) -> dict[str, Any] | None:
    answer = result.answer
    return None if answer is None or answer.done else {"sentence": answer.sentence, "changes": list(answer.changes)}


def _operation(operation: OperationState) -> dict[str, Any]:
    return {
        "id": operation.id,
        "phase": operation.phase.value,
        "operator": operation.operator,
        "steps": [
            {"at": step.at.isoformat(), "title": step.title, "detail": step.detail, "failed": step.failed}
            for step in operation.steps
            if step.at is not None
        ],
    }


def _audit(result: Result, events: Sequence[Event]) -> dict[str, Any] | None:
    """The tutorial's ten fields, as they stand in the journal."""
    if result.operation is None:
        return None
    records = [
        event.fields
        for event in events
        if event.kind is EventKind.AUDIT_RECORDED and event.operation_id == result.operation.id
    ]
    return {name: records[-1][name] for name in AUDIT_FIELDS} if records else None
