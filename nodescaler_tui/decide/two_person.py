"""The two-person rule: which plans take two people, and what one person's approval counts for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from nodescaler_tui.decide.approval import ConfirmationKind, Refused, required_confirmation
from nodescaler_tui.decide.plan import Plan, changes

TIERS: Final = {
    "key": ConfirmationKind.KEY,
    "number": ConfirmationKind.TYPE_REQUESTED_NODES,
    "name": ConfirmationKind.TYPE_GROUP_NAME,
}
"""The confirmation tiers, least risk first, by what each asks for: how the rule is written down."""

OFF: Final = "off"
_RANKS: Final = {tier: rank for rank, tier in enumerate(TIERS.values())}


@dataclass(frozen=True, slots=True)
class TwoPersonRule:
    """Two people for every plan of these groups, by their ids, and for every plan of this tier or a riskier one."""

    from_tier: ConfirmationKind | None = None
    groups: frozenset[str] = frozenset()

    def covers(self, plan: Plan) -> bool:
        """Whether it takes two people to approve this plan."""
        if plan.group_id in self.groups:
            return True
        return self.from_tier is not None and _RANKS[required_confirmation(plan).kind] >= _RANKS[self.from_tier]

    def joined(self, other: TwoPersonRule) -> TwoPersonRule:
        """Whatever either of the two rules covers."""
        tiers = [tier for tier in (self.from_tier, other.from_tier) if tier is not None]
        return TwoPersonRule(min(tiers, key=_RANKS.__getitem__, default=None), self.groups | other.groups)

    @property
    def tier_name(self) -> str:
        """The tier as it is written down, `off` where only groups are named."""
        return next((name for name, tier in TIERS.items() if tier is self.from_tier), OFF)


NO_RULE: Final = TwoPersonRule()


def rule_of(tier_name: str, groups: tuple[str, ...]) -> TwoPersonRule:
    """The rule as it is written down. Raises ValueError for a tier that is none."""
    if tier_name not in {OFF, *TIERS}:
        raise ValueError(f"{tier_name!r} is no tier")
    return TwoPersonRule(None if tier_name == OFF else TIERS[tier_name], frozenset(groups))


def login_of(operator: str) -> str:
    """Who an operator is: what stands before the last @. The host behind it is only where that person sat."""
    login, at, _ = operator.rpartition("@")
    return login if at else operator


@dataclass(frozen=True, slots=True)
class FirstApproval:
    """One person's approval of exactly this plan. `void` says why it counts no more; empty while it may.

    `holder` is the engine on which it was given; `takes_back` the operation that the plan takes back, if any; `seq` its
    position in the journal.
    """

    plan: Plan
    operator: str
    at: datetime
    holder: str = ""
    takes_back: str = ""
    void: str = ""
    seq: int = 0

    def stands(self, now: datetime) -> bool:
        """Whether a second person may still follow it."""
        return not self.void and now < self.plan.expires_at

    def why_void(self, now: datetime) -> str:
        """Why it counts no more, in words; empty while it stands."""
        return self.void or ("" if self.stands(now) else "nobody followed before the plan expired")


class Turn(Enum):
    """What an approval is: enough by itself, the first of two that sends nothing, or the second that sends."""

    ONLY = "only"
    FIRST = "first"
    SECOND = "second"


def turn_of(
    plan: Plan, operator: str, first: FirstApproval | None, rule: TwoPersonRule, now: datetime
) -> Turn | Refused:
    """Whose turn this approval is, given the latest first approval in the plan's group, or why it does not count.

    One person is never both, whatever the hosts. A plan that differs from the one that was approved first begins anew.
    """
    if first is None or not first.stands(now):
        return Turn.FIRST if rule.covers(plan) else Turn.ONLY
    same_person = login_of(first.operator) == login_of(operator)
    if first.plan.hash == plan.hash:
        if not same_person:
            return Turn.SECOND
        return Refused(_already(first)) if rule.covers(plan) else Turn.ONLY
    if not rule.covers(plan):
        return Turn.ONLY
    if changes(first.plan, plan):
        return Turn.FIRST
    return Refused(f"{first.operator} approved the same first, by a plan that is shown now; read that one.")


def _already(first: FirstApproval) -> str:
    return (
        f"You approved this plan first, as {login_of(first.operator)}; the second must be somebody else, on whichever "
        "host. Reject it to take your approval back."
    )
