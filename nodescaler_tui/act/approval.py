"""The approval gate: the one place where a plan becomes an operation, inside one write transaction.

All writers of the journal stand in one queue here, so of two approvals at the same instant exactly one wins and the
other is told why not. The gates that the journal alone can answer are asked again within the transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from nodescaler_tui.act.first_approvals import became_void, first_approved
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.plan_record import approved_fields
from nodescaler_tui.decide.approval import Refused
from nodescaler_tui.decide.plan import Override, Plan
from nodescaler_tui.decide.two_person import NO_RULE, FirstApproval, Turn, TwoPersonRule, turn_of
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

    `rules_position` is up to where the journal's thresholds and freezes were known when the plan was judged. `rule` is
    this machine's own two-person rule; the store's, where it has one, is in the journal. `takes_back` names the
    operation that the plan takes back, if any.
    """

    cooldown_s: float
    nodes_per_hour: int
    critical: dict[str, str]
    declared_nodes: int | None
    holder: str
    rules_position: int = 0
    rule: TwoPersonRule = NO_RULE
    takes_back: str = ""


@dataclass(frozen=True, slots=True)
class Approved:
    """The plan is an operation now, durably; its id is the idempotency key."""

    operation_id: str


@dataclass(frozen=True, slots=True)
class FirstApproved:
    """The plan was approved by one of two, durably; nothing is sent unless a second person approves it until then."""

    until: datetime


@dataclass(frozen=True, slots=True)
class NotApproved:
    """Nothing was written and nothing will be sent: why."""

    sentence: str


def operation_id_of(plan_hash: str) -> str:
    """The operation's id and idempotency key. It follows from the plan, so the same plan can never have two."""
    return f"op-{plan_hash[:32]}"


def approve(
    journal: Journal, ledger: Ledger, plan: Plan, approval: Approval, terms: ApprovalTerms
) -> Approved | FirstApproved | NotApproved:
    """Make this plan an operation, keep a first approval, or say why not.

    Raises JournalUnavailable when nothing could be written.
    """
    with journal.transaction() as transaction:
        ledger.extend(transaction.read(after=ledger.seq))
        refusal = _refusal(ledger, plan, approval.at, terms)
        if refusal is not None:
            return refusal
        first = ledger.first_approvals.of(plan.group_id)
        turn = turn_of(plan, approval.operator, first, ledger.first_approvals.rule.joined(terms.rule), approval.at)
        if isinstance(turn, Refused):
            return NotApproved(turn.sentence)
        draft = (
            _first_draft(plan, approval, terms)
            if turn is Turn.FIRST
            else _approved_draft(plan, approval, terms, first if turn is Turn.SECOND else None)
        )
        event = transaction.append(draft)
    ledger.extend([event])
    return FirstApproved(plan.expires_at) if turn is Turn.FIRST else Approved(event.operation_id)


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


def _approved_draft(plan: Plan, approval: Approval, terms: ApprovalTerms, first: FirstApproval | None) -> Draft:
    return Draft(
        kind=EventKind.PLAN_APPROVED,
        at=approval.at,
        operator=approval.operator,
        group_id=plan.group_id,
        operation_id=operation_id_of(plan.hash),
        fields={
            **approved_fields(plan),
            "critical": terms.critical,
            "declared_nodes": terms.declared_nodes,
            "holder": terms.holder,
            "typed": approval.typed,
            "reason": approval.reason,
            **({} if first is None else _first_fields(first)),
        },
    )


def _first_fields(first: FirstApproval) -> Fields:
    return {"first_operator": first.operator, "first_approved_at": first.at.isoformat()}


def _first_draft(plan: Plan, approval: Approval, terms: ApprovalTerms) -> Draft:
    return first_approved(
        plan,
        approval.at,
        approval.operator,
        typed=approval.typed,
        reason=approval.reason,
        holder=terms.holder,
        takes_back=terms.takes_back,
    )


def end_first_approvals(
    journal: Journal, ledger: Ledger, endings: Sequence[tuple[FirstApproval, str]], at: datetime
) -> None:
    """Record why first approvals are void, unless something has become of them meanwhile. Raises JournalUnavailable."""
    with journal.transaction() as transaction:
        ledger.extend(transaction.read(after=ledger.seq))
        events = [
            transaction.append(became_void(first, at, why))
            for first, why in endings
            if ledger.first_approvals.of(first.plan.group_id) == first
        ]
    ledger.extend(events)


def note(journal: Journal, ledger: Ledger, *drafts: Draft) -> tuple[Event, ...]:
    """Record something that is not an act, such as a refusal, a rejection or a threshold change."""
    with journal.transaction() as transaction:
        ledger.extend(transaction.read(after=ledger.seq))
        events = tuple(transaction.append(draft) for draft in drafts)
    ledger.extend(events)
    return events
