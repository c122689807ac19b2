"""First approvals under the two-person rule, and that rule itself where it is kept in the journal: a fold of events."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from nodescaler_tui.act.operation import strings, text
from nodescaler_tui.act.plan_record import plan_in, whole_plan_fields
from nodescaler_tui.decide.plan import Plan
from nodescaler_tui.decide.two_person import NO_RULE, FirstApproval, TwoPersonRule, rule_of
from nodescaler_tui.events import Draft, Event, EventKind

ENGINE: Final = "engine"
"""The name under which an engine writes what nobody has said."""


class FirstApprovals:
    """The latest first approval of each group, standing or void, and the rule that the store's owner has set."""

    def __init__(self) -> None:
        self.rule: TwoPersonRule = NO_RULE
        self._latest: dict[str, FirstApproval] = {}
        self._takes: Mapping[EventKind, Callable[[Event], None]] = {
            EventKind.TWO_PERSON_CHANGED: self._rule_changed,
            EventKind.PLAN_FIRST_APPROVED: self._approved_first,
            EventKind.PLAN_APPROVED: self._approved,
            EventKind.PLAN_REJECTED: self._rejected,
            EventKind.PLAN_FIRST_APPROVAL_VOID: self._became_void,
        }

    def take(self, event: Event) -> None:
        """Take one event in. Raises IllegalTransition for a plan that is not what it says; others are passed over."""
        take = self._takes.get(event.kind)
        if take is not None:
            take(event)

    def of(self, group_id: str) -> FirstApproval | None:
        """The latest of this group that was not followed by a second person, or None."""
        return self._latest.get(group_id)

    def standing(self, group_id: str, now: datetime) -> FirstApproval | None:
        """The one that a second person may follow now, or None."""
        first = self._latest.get(group_id)
        return first if first is not None and first.stands(now) else None

    def all_standing(self, now: datetime) -> tuple[FirstApproval, ...]:
        """Those of all groups. Safe while another thread takes events in."""
        return tuple(first for first in tuple(self._latest.values()) if first.stands(now))

    def _rule_changed(self, event: Event) -> None:
        self.rule = rule_of(text(event.fields, "from_tier"), strings(event.fields, "groups"))

    def _approved_first(self, event: Event) -> None:
        self._latest[event.group_id] = FirstApproval(
            plan=plan_in(event),
            operator=event.operator,
            at=event.at,
            holder=text(event.fields, "holder"),
            takes_back=text(event.fields, "takes_back"),
            seq=event.seq,
        )

    def _approved(self, event: Event) -> None:
        """The second person has followed, or somebody has approved another plan of the group, in flight now."""
        first = self._latest.get(event.group_id)
        if first is None:
            return
        if first.plan.hash == text(event.fields, "plan_hash"):
            del self._latest[event.group_id]
        elif not first.void:
            self._latest[event.group_id] = replace(first, void=f"{event.operator} approved another plan of this group")

    def _rejected(self, event: Event) -> None:
        self._end(event, f"{event.operator} rejected the plan at {event.at:%H:%M} UTC")

    def _became_void(self, event: Event) -> None:
        self._end(event, text(event.fields, "sentence"))

    def _end(self, event: Event, why: str) -> None:
        first = self._latest.get(event.group_id)
        if first is not None and not first.void and first.plan.hash == text(event.fields, "plan_hash"):
            self._latest[event.group_id] = replace(first, void=why)


def first_approved(
    plan: Plan, at: datetime, operator: str, *, typed: str, reason: str, holder: str, takes_back: str
) -> Draft:
    """One person has approved exactly this plan; nothing is sent by it."""
    fields = {**whole_plan_fields(plan), "typed": typed, "reason": reason, "holder": holder, "takes_back": takes_back}
    return Draft(EventKind.PLAN_FIRST_APPROVED, at, operator, plan.group_id, fields=fields)


def became_void(first: FirstApproval, at: datetime, sentence: str) -> Draft:
    """The plan that was approved first would not be made any more."""
    fields = {"plan_hash": first.plan.hash, "first_operator": first.operator, "sentence": sentence}
    return Draft(EventKind.PLAN_FIRST_APPROVAL_VOID, at, ENGINE, first.plan.group_id, fields=fields)
