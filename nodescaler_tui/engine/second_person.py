"""The second person: how a first approval looks on everybody's screens, and when this engine's own ones are over."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Protocol

from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.decide.plan import PLAN_LIFETIME, Plan, changes
from nodescaler_tui.decide.two_person import FirstApproval, TwoPersonRule
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.assessment import Assessment
from nodescaler_tui.state import TwoPersonState


def plan_to_show(fresh: Plan, shown: Plan | None, first: FirstApproval | None, ledger: Ledger, now: datetime) -> Plan:
    """The plan on screen when `fresh` would be made now: the one that was approved first, else the one shown already.

    Each only while it asks for the same, has not expired, and nobody, also elsewhere, has approved or rejected it.
    """
    followed = first is not None and not changes(first.plan, fresh)
    standing = first.plan if first is not None and followed else shown
    if standing is None or now >= standing.expires_at or changes(standing, fresh) or ledger.plan_used(standing.hash):
        return fresh
    return standing if standing.gates == fresh.gates else replace(standing, gates=fresh.gates)


def two_person_state(
    plan: Plan | None, first: FirstApproval | None, rule: TwoPersonRule, now: datetime, *, on_honour: bool
) -> TwoPersonState | None:
    """What the two-person rule asks of this plan, and how far that is; None where one person is enough."""
    if plan is None or not (rule.covers(plan) or _is_first(plan, first, now)):
        return None
    if first is None or not _is_first(plan, first, now):
        return TwoPersonState(on_honour=on_honour)
    return TwoPersonState(on_honour=on_honour, first_operator=display_text(first.operator), first_at=first.at)


def _is_first(plan: Plan, first: FirstApproval | None, now: datetime) -> bool:
    return first is not None and first.plan.hash == plan.hash and first.stands(now)


def first_approval_words(first: FirstApproval | None, shown: Plan | None, now: datetime) -> str:
    """What became of a first approval that is not the plan on screen; empty where there is nothing to say.

    One that is void is told for as long again as a plan lives.
    """
    if first is None or now >= first.plan.expires_at + PLAN_LIFETIME:
        return ""
    said = f"{first.operator}'s first approval ({_step(first.plan)}, {first.at:%H:%M} UTC)"
    if not first.stands(now):
        return f"{said} is void: {first.why_void(now)}."
    if shown is not None and shown.hash == first.plan.hash:
        return ""
    differs = "; ".join(change.sentence for change in changes(first.plan, shown)) if shown is not None else ""
    return f"{said} does not hold here: {differs or 'nothing would be proposed now'}."


def _step(plan: Plan) -> str:
    return f"{plan.payload.current_nodes} → {plan.payload.requested_nodes}"


class Judging(Protocol):
    """Who knows what would be proposed now."""

    ledger: Ledger

    def assessment(self, group_id: str, now: datetime) -> Assessment | None:
        """The group judged as of now, or None when it is not known."""

    def proposal(self, assessment: Assessment, now: datetime) -> Plan | None:
        """The plan that would be made now."""


def outdated(judging: Judging, holder: str, now: datetime) -> tuple[tuple[FirstApproval, str], ...]:
    """The first approvals that were given on this engine and do not hold any more, each with why."""
    standing = [first for first in judging.ledger.first_approvals.all_standing(now) if first.holder == holder]
    told = [(first, _why_outdated(judging, first, now)) for first in standing]
    return tuple((first, why) for first, why in told if why)


def _why_outdated(judging: Judging, first: FirstApproval, now: datetime) -> str:
    assessment = judging.assessment(first.plan.group_id, now)
    current = None if assessment is None else judging.proposal(assessment, now)
    if current is None:
        return "nothing would be proposed any more"
    return "; ".join(change.sentence for change in changes(first.plan, current))
