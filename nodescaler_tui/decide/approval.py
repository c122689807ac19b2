"""Approval: what an operator must do to approve a plan, and whether what was done is enough."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from nodescaler_tui.decide.decision import step
from nodescaler_tui.decide.plan import Change, Override, Plan, changes

LARGE_SHARE_OF_MAX: Final = 0.8


class ConfirmationKind(StrEnum):
    """Three tiers: one further key in policy, the number and a reason beyond it, the name where it hurts most."""

    KEY = "key"
    TYPE_REQUESTED_NODES = "type the requested number"
    TYPE_GROUP_NAME = "type the group's name"


@dataclass(frozen=True, slots=True)
class Confirmation:
    """What is asked of the operator, and because of what; `because` is empty in policy."""

    kind: ConfirmationKind
    because: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """The approval does not count: why, and what changed since the plan was made."""

    sentence: str
    changes: tuple[Change, ...] = ()


def required_confirmation(plan: Plan) -> Confirmation:
    """In policy one key; beyond policy the requested number is typed, with a reason; a broken glass takes the name.

    A plan on a forecast is beyond policy. What is expected often does not come, so it must not be approved by the
    reflex that answers a breach, and the journal should say why somebody acted while nothing was critical. The few
    seconds are there: it comes minutes before they count. Whatever else asks for more still does.
    """
    because = [f"the {override.value} is overridden" for override in plan.overrides]
    if plan.takes_back:
        because.append("fewer nodes would run")
    if plan.on_forecast:
        because.append("nothing is critical yet, a breach is only expected")
    if plan.blind:
        because.append(f"{' and '.join(plan.blind)} cannot be seen")
    if plan.payload.requested_nodes > plan.max_nodes * LARGE_SHARE_OF_MAX:
        because.append(f"more than 80 % of the maximum of {plan.max_nodes} nodes would run")
    if plan.payload.requested_nodes - plan.payload.current_nodes > step(plan.payload.current_nodes):
        because.append("the step is larger than a quarter")
    return Confirmation(_kind(plan, because), tuple(because))


def _kind(plan: Plan, because: list[str]) -> ConfirmationKind:
    if plan.takes_back or set(plan.overrides) - {Override.COOLDOWN}:
        return ConfirmationKind.TYPE_GROUP_NAME
    return ConfirmationKind.TYPE_REQUESTED_NODES if because else ConfirmationKind.KEY


def judge_approval(plan: Plan, current: Plan | None, *, typed: str, reason: str, now: datetime) -> Refused | None:
    """Why this approval does not count, or None when it does.

    `current` is the plan that would be made from what is known now, None when none would be.
    """
    if now >= plan.expires_at:
        return Refused("The plan has expired; press r for a new one.")
    if current is None:
        return Refused("The plan no longer applies: nothing would be proposed now.")
    different = changes(plan, current)
    if different:
        return Refused("The plan went stale while it was read; press r for a new one.", different)
    return _missing_confirmation(plan, typed.strip(), reason.strip())


def _missing_confirmation(plan: Plan, typed: str, reason: str) -> Refused | None:
    confirmation = required_confirmation(plan)
    expected = {
        ConfirmationKind.KEY: "",
        ConfirmationKind.TYPE_REQUESTED_NODES: str(plan.payload.requested_nodes),
        ConfirmationKind.TYPE_GROUP_NAME: plan.group_name,
    }[confirmation.kind]
    if expected and typed != expected:
        return Refused(f"To confirm, {confirmation.kind} ({expected}): {'; '.join(confirmation.because)}.")
    if expected and not reason:
        return Refused(f"A reason is needed: {'; '.join(confirmation.because)}.")
    return None
