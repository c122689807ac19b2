"""Group pictures: how each node group looks, from what a mind knows of it and has decided about it.

A plan that stands on screen is remembered in the mind: it keeps its hash and its age while nothing about it changes.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from nodescaler_tui.decide.plan import Plan
from nodescaler_tui.decide.two_person import NO_RULE
from nodescaler_tui.engine.ahead_book import out_of_reach
from nodescaler_tui.engine.assessment import Assessment
from nodescaler_tui.engine.outlook_picture import OutlookPictures
from nodescaler_tui.engine.picture import GroupFrame, group_state, operation_on
from nodescaler_tui.engine.quiet_groups import QuietGroups, Sources, is_touched
from nodescaler_tui.engine.second_person import first_approval_words, two_person_state
from nodescaler_tui.engine.standing_plan import Precedents, standing_plan
from nodescaler_tui.facts import GroupReading
from nodescaler_tui.state import GroupState, OutlookState

if TYPE_CHECKING:
    from nodescaler_tui.engine.mind import Mind


class GroupPictures:
    """Made for each State; those of quiet groups last."""

    def __init__(self, mind: Mind) -> None:
        self._mind = mind
        self._outlooks = OutlookPictures()
        self._quiet = QuietGroups(mind.rules.staleness_limit_s)

    def of(self, group_id: str, now: datetime) -> GroupState:
        """As it was pictured last, where nothing came that could make it look otherwise."""
        history, reading = self._mind.history.of(group_id), self._mind.knowledge.groups[group_id]
        if self._is_touched(group_id, now):
            return self._pictured(reading, now)
        sources = Sources(reading, self._mind.book, self._mind.outlooks.of(group_id, now), history.polls_in_trend)
        state = self._quiet.of(sources, now)
        if state is None:
            state = self._pictured(reading, now)
            self._quiet.keep(sources, state)
        return state

    def _is_touched(self, group_id: str, now: datetime) -> bool:
        """Whether more is known of a group than its readings: from the journal, or from an operator of this engine."""
        here = (self._mind.plans, self._mind.rejected, self._mind.taking_back, self._mind.overriding)
        return (
            any(group_id in each for each in here)
            or self._mind.ahead.is_on(group_id)
            or is_touched(self._mind.ledger, group_id, self._mind.rules.cooldown_s, now)
        )

    def _pictured(self, reading: GroupReading, now: datetime) -> GroupState:
        group_id, mind = reading.id, self._mind
        assessment = mind.judged(reading, now)
        plan, held_back = self._standing_plan(assessment, now)
        first = mind.ledger.first_approvals.of(group_id)
        cools = assessment.situation.cooldown_remaining_s > 0
        return group_state(
            assessment,
            GroupFrame(
                plan=plan,
                operation_id=operation_on(mind.ledger, group_id),
                cooldown_until=mind.ledger.cooldown_until(group_id, mind.rules.cooldown_s) if cools else None,
                matrix_origin=mind.book.origin(group_id),
                matrix_word=mind.book.word(group_id),
                history=mind.history.of(group_id),
                outlook=self.outlook(assessment, now),
                read_at=mind.knowledge.read_at.get(group_id),
                held_back=held_back,
                pause=mind.ledger.pause(group_id, now),
                acknowledged=mind.troubles.acknowledged(group_id, assessment.severity),
                looks_ahead=mind.ahead.is_on(group_id) and not out_of_reach(reading),
                two_person=two_person_state(
                    plan, first, mind.two_person, now, on_honour=mind.circumstances.two_person != NO_RULE
                ),
                first_approval=first_approval_words(first, plan, now),
            ),
        )

    def outlook(self, assessment: Assessment, now: datetime) -> OutlookState | None:
        """What is said of the group's next hour; None where nothing is."""
        return self._outlooks.of(self._mind.outlooks.of(assessment.reading.id, now), assessment, now)

    def _standing_plan(self, assessment: Assessment, now: datetime) -> tuple[Plan | None, str]:
        """The plan on screen, or why none is there."""
        group_id = assessment.reading.id
        fresh = self._mind.proposal(assessment, now)
        if fresh is None:
            self._mind.plans.pop(group_id, None)
            self._mind.rejected.pop(group_id, None)
            return None, ""
        first = self._mind.ledger.first_approvals.standing(group_id, now)
        precedents = Precedents(self._mind.plans.get(group_id), self._mind.rejected.get(group_id), first)
        shown = standing_plan(fresh, precedents, now, self._mind.ledger.plan_used)
        if isinstance(shown, str):
            self._mind.plans.pop(group_id, None)
            return None, shown
        self._mind.plans[group_id] = shown
        return shown, ""
