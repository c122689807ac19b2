"""The approval gate: the one place where a plan becomes an operation, inside one write transaction.

All writers of the journal stand in one queue here, so of two approvals at the same instant exactly one wins and the
other is told why not. The gates that the journal alone can answer are asked again within the transaction.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.decide.plan import Override, Plan
from nodescaler_tui.events import Draft, Event, EventKind, Fields, Journal


@dataclass(frozen=True, slots=True)
class Approval:
    """An operator's word: who, what was typed to confirm, and why."""

    operator: str
    typed: str
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ApprovalTerms:
    """What the approval is measured against besides the plan: limits of the house, and who will carry it out.

    `rules_position` is up to where the journal's thresholds and freezes were known when the plan was judged.
    """

    cooldown_s: float
    nodes_per_hour: int
    critical: dict[str, str]
    declared_nodes: int | None
    holder: str
    rules_position: int = 0


@dataclass(frozen=True, slots=True)
class Approved:
    """The plan is an operation now, durably; its id is the idempotency key."""

    operation_id: str


@dataclass(frozen=True, slots=True)
class NotApproved:
    """Nothing was written and nothing will be sent: why."""

    sentence: str


def operation_id_of(plan_hash: str) -> str:
    """The operation's id and idempotency key. It follows from the plan, so the same plan can never have two."""
    return f"op-{plan_hash[:32]}"


def approve(
    journal: Journal, ledger: Ledger, plan: Plan, approval: Approval, terms: ApprovalTerms
) -> Approved | NotApproved:
    """Make this plan an operation, or say why not. Raises JournalUnavailable when nothing could be written."""
    with journal.transaction() as transaction:
        ledger.extend(transaction.read(after=ledger.seq))
        refusal = _refusal(ledger, plan, approval.at, terms)
        if refusal is not None:
            return refusal
        event = transaction.append(_approved_draft(plan, approval, terms))
    ledger.extend([event])
    return Approved(event.operation_id)


def _refusal(ledger: Ledger, plan: Plan, now: datetime, terms: ApprovalTerms) -> NotApproved | None:
    if ledger.problem:
        return NotApproved(ledger.problem)
    if now >= plan.expires_at:
        return NotApproved("The plan has expired; a new one is made from what is known now.")
    return first_word(ledger, plan.hash, plan.group_id) or _closed_gate(ledger, plan, now, terms)


def first_word(ledger: Ledger, plan_hash: str, group_id: str) -> NotApproved | None:
    """Whoever was first with this plan, or on its group; None when nobody was."""
    if ledger.plan_used(plan_hash):
        word = ledger.word_on(plan_hash) or "decided"
        return NotApproved(f"This plan was used already: {word}. An approval works once.")
    other = ledger.open_operation(group_id)
    if other is None:
        return None
    return NotApproved(
        f"{other.operator} already has an operation on this group that is {other.phase}, approved at "
        f"{other.approved_at:%H:%M:%S} UTC."
    )


def _closed_gate(ledger: Ledger, plan: Plan, now: datetime, terms: ApprovalTerms) -> NotApproved | None:
    """Those gates that another process may have closed since the plan was made."""
    if Override.COOLDOWN not in plan.overrides and ledger.cooldown_remaining_s(plan.group_id, terms.cooldown_s, now):
        return NotApproved("The group is cooling down since another operation settled.")
    pause = ledger.pause(plan.group_id, now)
    if Override.PAUSE not in plan.overrides and pause is not None:
        return NotApproved(f"{pause.operator} has paused this group: {pause.reason}")
    freeze = ledger.freeze(now)
    if freeze is not None and (Override.FREEZE not in plan.overrides or freeze.seq > terms.rules_position):
        return NotApproved(f"{freeze.sentence}.")
    touch = ledger.thresholds.touch_on(plan.group_id)
    if touch is not None and touch.seq > terms.rules_position:
        return NotApproved(f"{touch.operator} has changed the thresholds meanwhile; a new plan is made by them.")
    asked = ledger.nodes_asked_for_since(now - timedelta(hours=1))
    added = plan.payload.requested_nodes - plan.payload.current_nodes
    if Override.HOURLY_CAP not in plan.overrides and asked + added > terms.nodes_per_hour:
        return NotApproved(f"{asked} nodes were asked for within the hour; {added} more would pass the cap.")
    return None


def _approved_draft(plan: Plan, approval: Approval, terms: ApprovalTerms) -> Draft:
    return Draft(
        kind=EventKind.PLAN_APPROVED,
        at=approval.at,
        operator=approval.operator,
        group_id=plan.group_id,
        operation_id=operation_id_of(plan.hash),
        fields=_approved_fields(plan, approval, terms),
    )


def _approved_fields(plan: Plan, approval: Approval, terms: ApprovalTerms) -> Fields:
    payload = plan.payload
    return {
        "plan_hash": plan.hash,
        "payload": payload.canonical_bytes().decode(),
        "payload_sha256": payload.sha256(),
        "body": plan.body.decode(),
        "body_sha256": plan.body_sha256,
        "group_name": plan.group_name,
        "current_nodes": payload.current_nodes,
        "requested_nodes": payload.requested_nodes,
        "max_nodes": plan.max_nodes,
        "reasons": list(plan.reasons),
        "on_forecast": plan.on_forecast,
        "projection": plan.projection,
        "evidence": [
            {
                "signal": entry.signal,
                "value": entry.value,
                "source": entry.source,
                "sampled_at": entry.sampled_at.isoformat() if entry.sampled_at else "",
            }
            for entry in plan.evidence
        ],
        "overrides": [override.value for override in plan.overrides],
        "receiver_name": plan.receiver.name,
        "receiver_host": plan.receiver.host,
        "receiver_version": plan.receiver.version,
        "expires_at": plan.expires_at.isoformat(),
        "critical": terms.critical,
        "declared_nodes": terms.declared_nodes,
        "holder": terms.holder,
        "typed": approval.typed,
        "reason": approval.reason,
    }


def note(journal: Journal, ledger: Ledger, *drafts: Draft) -> tuple[Event, ...]:
    """Record something that is not an act, such as a refusal, a rejection or a threshold change."""
    with journal.transaction() as transaction:
        ledger.extend(transaction.read(after=ledger.seq))
        events = tuple(transaction.append(draft) for draft in drafts)
    ledger.extend(events)
    return events
