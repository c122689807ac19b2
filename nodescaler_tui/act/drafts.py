"""The events that an operation's steps write, each built in one place so that their fields never drift apart."""

from __future__ import annotations

import json
from datetime import datetime

from nodescaler_tui.act.breaker import ReceiverHealth
from nodescaler_tui.act.operation import Operation, Phase
from nodescaler_tui.act.outcome import Accepted, StatusReport
from nodescaler_tui.act.verification import Progress, Settlement, VerificationSample
from nodescaler_tui.events import Draft, EventKind, Fields


def _draft(operation: Operation, kind: EventKind, at: datetime, fields: Fields) -> Draft:
    return Draft(kind, at, operation.operator, operation.group_id, operation.id, fields)


def sending(operation: Operation, at: datetime) -> Draft:
    """The intent to send, durable before the socket is touched."""
    fields: Fields = {"attempt": operation.attempt + 1, "body_sha256": operation.plan.body_sha256}
    return _draft(operation, EventKind.OPERATION_SENDING, at, fields)


def retrying(
    operation: Operation, at: datetime, sentence: str, due: datetime, *, may_have_acted: bool, health: ReceiverHealth
) -> Draft:
    """The attempt did nothing, or a repeat does no harm; the next one is due then."""
    fields: Fields = {
        "attempt": operation.attempt,
        "sentence": sentence,
        "next_attempt_at": due.isoformat(),
        "may_have_acted": may_have_acted,
        "receiver_health": health.value,
    }
    return _draft(operation, EventKind.OPERATION_RETRYING, at, fields)


def in_doubt(operation: Operation, at: datetime, sentence: str, health: ReceiverHealth) -> Draft:
    """The receiver may have acted on this attempt."""
    return _draft(operation, EventKind.OPERATION_IN_DOUBT, at, _doubt_fields(operation, sentence, health))


def stopped(operation: Operation, at: datetime, operator: str) -> Draft:
    """An operator stopped further attempts where an earlier one may have acted."""
    sentence = f"{operator} stopped further attempts. An earlier one may have acted."
    fields: Fields = {**_doubt_fields(operation, sentence, ReceiverHealth.SAYS_NOTHING), "order": "stop"}
    return Draft(EventKind.OPERATION_IN_DOUBT, at, operator, operation.group_id, operation.id, fields)


def _doubt_fields(operation: Operation, sentence: str, health: ReceiverHealth) -> Fields:
    return {"attempt": operation.attempt, "sentence": sentence, "receiver_health": health.value}


def resend_ordered(operation: Operation, at: datetime, operator: str, typed: str, reason: str) -> Draft:
    """An operator decided, about this very attempt, that it never arrived: send the same once more."""
    fields: Fields = {
        "attempt": operation.attempt,
        "next_attempt_at": at.isoformat(),
        "typed": typed,
        "reason": reason,
    }
    return Draft(EventKind.OPERATION_RESEND_ORDERED, at, operator, operation.group_id, operation.id, fields)


def acted_by_word(operation: Operation, at: datetime, operator: str, reason: str) -> Draft:
    """An operator looked at the provider and saw that it acted on this attempt."""
    fields: Fields = {
        "attempt": operation.attempt,
        "webhook_status": "unknown",
        "sentence": f"{operator} says that the receiver acted: {reason}",
        "order": "acted",
    }
    return Draft(EventKind.OPERATION_ACCEPTED, at, operator, operation.group_id, operation.id, fields)


def accepted(operation: Operation, at: datetime, outcome: Accepted) -> Draft:
    """The receiver took the request."""
    fields: Fields = {
        "attempt": operation.attempt,
        "http_status": outcome.http_status,
        "webhook_status": outcome.webhook_status,
        "answer": outcome.excerpt,
        "status_url": outcome.status_url,
        "receiver_health": ReceiverHealth.WELL.value,
    }
    return _draft(operation, EventKind.OPERATION_ACCEPTED, at, fields)


def by_evidence(operation: Operation, at: datetime, nodes: int) -> Draft:
    """Nobody answered, but nodes came: the receiver must have acted."""
    fields: Fields = {
        "attempt": operation.attempt,
        "webhook_status": "unknown",
        "sentence": f"{nodes} nodes are in service where {operation.plan.from_nodes} were: the receiver acted.",
    }
    return _draft(operation, EventKind.OPERATION_ACCEPTED, at, fields)


def verifying(operation: Operation, at: datetime, deadline: datetime) -> Draft:
    """From here on the live figures decide."""
    return _draft(operation, EventKind.OPERATION_VERIFYING, at, {"deadline": deadline.isoformat()})


def progressed(operation: Operation, at: datetime, sample: VerificationSample, progress: Progress) -> Draft:
    """What the verification saw."""
    fields: Fields = {
        "nodes": sample.nodes,
        "fresh_nodes": sample.fresh_nodes,
        "consecutive_successes": progress.tally.consecutive_successes,
        "failures": progress.tally.failures,
        "measured": progress.tally.measured,
        "sampled_at": sample.sampled_at.isoformat() if sample.sampled_at else "",
        "sentence": progress.sentence,
    }
    return _draft(operation, EventKind.OPERATION_PROGRESSED, at, fields)


def seen_in_doubt(operation: Operation, at: datetime, sample: VerificationSample) -> Draft:
    """The live count while nobody knows whether the receiver acted."""
    counted = "cannot be counted" if sample.nodes is None else f"{sample.nodes} now"
    sentence = f"{operation.plan.from_nodes} nodes before, {counted}"
    fields: Fields = {"nodes": sample.nodes, "consecutive_successes": 0, "sampled_at": "", "sentence": sentence}
    return _draft(operation, EventKind.OPERATION_PROGRESSED, at, fields)


def reported(operation: Operation, at: datetime, report: StatusReport) -> Draft:
    """What the receiver's own status page says about the job."""
    fields: Fields = {"report": report.state.value, "sentence": report.sentence}
    return _draft(operation, EventKind.OPERATION_REPORTED, at, fields)


def settled(operation: Operation, at: datetime, settlement: Settlement) -> Draft:
    """The end of the operation, by what was measured."""
    return _draft(operation, EventKind.OPERATION_SETTLED, at, _settled_fields(operation, settlement))


def closed(operation: Operation, at: datetime, operator: str, settlement: Settlement) -> Draft:
    """The end of the operation, by an operator's word."""
    fields: Fields = {**_settled_fields(operation, settlement), "order": "close"}
    return Draft(EventKind.OPERATION_SETTLED, at, operator, operation.group_id, operation.id, fields)


def _settled_fields(operation: Operation, settlement: Settlement) -> Fields:
    return {
        "attempt": operation.attempt,
        "outcome": settlement.outcome.value,
        "sentence": settlement.sentence,
        "healthy": settlement.healthy,
    }


def audited(operation: Operation, at: datetime, settlement: Settlement, latency_ms: int) -> Draft:
    """The audit record, which goes into the same transaction as the end."""
    return _draft(operation, EventKind.AUDIT_RECORDED, at, _audit_fields(operation, at, settlement, latency_ms))


def cancelled(operation: Operation, at: datetime, operator: str, reason: str) -> Draft:
    """An operator stopped it while nothing was under way."""
    return Draft(EventKind.OPERATION_CANCELLED, at, operator, operation.group_id, operation.id, {"reason": reason})


def resumed(operation: Operation, at: datetime, holder: str, by: str = "") -> Draft:
    """This process goes on where a dead one stopped; on a shared store `by` says whose it is."""
    named: Fields = {"by": by} if by else {}
    fields: Fields = {"holder": holder, "was": operation.holder, **named}
    return _draft(operation, EventKind.OPERATION_RESUMED, at, fields)


def paused(group_id: str, at: datetime, operator: str, until: datetime, reason: str) -> Draft:
    """Nothing is proposed for the group until then."""
    return Draft(EventKind.GROUP_PAUSED, at, operator, group_id, "", {"until": until.isoformat(), "reason": reason})


def unpaused(group_id: str, at: datetime, operator: str, reason: str) -> Draft:
    """The pause ends early."""
    return Draft(EventKind.GROUP_UNPAUSED, at, operator, group_id, "", {"reason": reason})


def _audit_fields(operation: Operation, at: datetime, settlement: Settlement, latency_ms: int) -> Fields:
    """The tutorial's ten audit fields (step 4); the hash is that of the bytes which were really sent.

    Where two people approved, both are named after them.
    """
    approved_by: Fields = {"approved_by": [operation.first_operator, operation.operator]}
    payload = json.loads(operation.plan.payload)
    unanswered = {Phase.FAILED: "failed", Phase.CANCELLED: "not sent"}.get(settlement.outcome, "unknown")
    return {
        "timestamp": at.isoformat(),
        "node_group_id": operation.group_id,
        "requested_nodes": operation.plan.requested_nodes,
        "current_nodes": operation.plan.from_nodes,
        "payload_hash": operation.plan.payload_sha256,
        "webhook_status": operation.webhook_status or unanswered,
        "health_verified": settlement.healthy,
        "latency_ms": latency_ms,
        "auto_provision": payload["auto_provision"],
        "load_balancer_reconfigured": payload["load_balancer_reconfigure"],
        **(approved_by if operation.first_operator else {}),
    }
