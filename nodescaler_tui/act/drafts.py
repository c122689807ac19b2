"""The events that an operation's steps write, each built in one place so that their fields never drift apart."""

from __future__ import annotations

import json
from datetime import datetime

from nodescaler_tui.act.operation import Operation, Phase
from nodescaler_tui.act.outcome import Accepted
from nodescaler_tui.act.verification import Progress, Settlement, VerificationSample
from nodescaler_tui.events import Draft, EventKind, Fields


def _draft(operation: Operation, kind: EventKind, at: datetime, fields: Fields) -> Draft:
    return Draft(kind, at, operation.operator, operation.group_id, operation.id, fields)


def sending(operation: Operation, at: datetime) -> Draft:
    """The intent to send, durable before the socket is touched."""
    fields: Fields = {"attempt": operation.attempt + 1, "payload_sha256": operation.plan.payload_sha256}
    return _draft(operation, EventKind.OPERATION_SENDING, at, fields)


def retrying(operation: Operation, at: datetime, sentence: str, due: datetime) -> Draft:
    """The attempt did no harm, or a repeat does none; the next one is due then."""
    fields: Fields = {"attempt": operation.attempt, "sentence": sentence, "next_attempt_at": due.isoformat()}
    return _draft(operation, EventKind.OPERATION_RETRYING, at, fields)


def in_doubt(operation: Operation, at: datetime, sentence: str) -> Draft:
    """The receiver may have acted on this attempt."""
    return _draft(operation, EventKind.OPERATION_IN_DOUBT, at, {"attempt": operation.attempt, "sentence": sentence})


def accepted(operation: Operation, at: datetime, outcome: Accepted) -> Draft:
    """The receiver took the request."""
    fields: Fields = {
        "attempt": operation.attempt,
        "http_status": outcome.http_status,
        "webhook_status": outcome.webhook_status,
        "answer": outcome.excerpt,
        "status_url": outcome.status_url,
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
        "consecutive_successes": progress.consecutive_successes,
        "sampled_at": sample.sampled_at.isoformat() if sample.sampled_at else "",
        "sentence": progress.sentence,
    }
    return _draft(operation, EventKind.OPERATION_PROGRESSED, at, fields)


def settled(operation: Operation, at: datetime, settlement: Settlement, latency_ms: int) -> list[Draft]:
    """The end of the operation, and in the same transaction the audit record of it."""
    fields: Fields = {
        "outcome": settlement.outcome.value,
        "sentence": settlement.sentence,
        "healthy": settlement.healthy,
    }
    return [
        _draft(operation, EventKind.OPERATION_SETTLED, at, fields),
        _draft(operation, EventKind.AUDIT_RECORDED, at, _audit_fields(operation, at, settlement, latency_ms)),
    ]


def cancelled(operation: Operation, at: datetime, operator: str, reason: str) -> Draft:
    """An operator stopped it while nothing was under way."""
    return Draft(EventKind.OPERATION_CANCELLED, at, operator, operation.group_id, operation.id, {"reason": reason})


def resumed(operation: Operation, at: datetime, holder: str) -> Draft:
    """This process goes on where a dead one stopped."""
    return _draft(operation, EventKind.OPERATION_RESUMED, at, {"holder": holder, "was": operation.holder})


def _audit_fields(operation: Operation, at: datetime, settlement: Settlement, latency_ms: int) -> Fields:
    """The tutorial's ten audit fields (step 4); the hash is that of the bytes which were really sent."""
    payload = json.loads(operation.plan.payload)
    unanswered = "failed" if settlement.outcome is Phase.FAILED else "unknown"
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
    }
