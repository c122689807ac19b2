"""The standing plan: which plan of a group is on screen. It keeps its hash while it asks for the same. Pure."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime

from nodescaler_tui.decide.plan import Plan, changes
from nodescaler_tui.decide.two_person import FirstApproval


@dataclass(frozen=True, slots=True)
class Refusal:
    """A plan that an operator rejected; the same is not proposed again while the breach goes on."""

    plan: Plan
    operator: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Precedents:
    """What there is of a group: the plan on screen, one that was rejected, and one that somebody approved first."""

    standing: Plan | None
    refusal: Refusal | None
    first: FirstApproval | None


def standing_plan(fresh: Plan, precedents: Precedents, now: datetime, is_used: Callable[[str], bool]) -> Plan | str:
    """The plan to show where `fresh` would be made now, so that it can be read in peace, or why there is none.

    One that somebody approved first, on whichever engine, is shown on all on which it holds. `is_used` says of a hash
    whether somebody, also elsewhere, has approved or rejected that plan.
    """
    refusal, first, standing = precedents.refusal, precedents.first, precedents.standing
    asked_since = refusal is not None and first is not None and first.at > refusal.at
    if refusal is not None and not changes(refusal.plan, fresh) and not asked_since:
        return f"Rejected by {refusal.operator} at {refusal.at:%H:%M} UTC; r proposes it again."
    if first is not None and not changes(first.plan, fresh):
        standing = first.plan
    if standing is None or now >= standing.expires_at or changes(standing, fresh) or is_used(standing.hash):
        return fresh
    return standing if standing.gates == fresh.gates else replace(standing, gates=fresh.gates)
