"""The mind: everything the engine knows and has decided, and the State that is made of it.

It does no I/O and reads no clock; the engine feeds it observations and journal events and asks it for State.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.decide.plan import Override, Plan, changes
from nodescaler_tui.decide.two_person import NO_RULE, TwoPersonRule
from nodescaler_tui.display_text import EMPTY, display_text
from nodescaler_tui.engine import knowledge as knowing
from nodescaler_tui.engine.ahead_book import AheadBook, out_of_reach
from nodescaler_tui.engine.assessment import Assessment, Rules, assess
from nodescaler_tui.engine.gates import Circumstances, Standing, obstacles, standing_of
from nodescaler_tui.engine.history import History
from nodescaler_tui.engine.inverse import inverse_plan_for
from nodescaler_tui.engine.knowledge import Knowledge
from nodescaler_tui.engine.marks import Mark, mark_of
from nodescaler_tui.engine.operations import operation_state
from nodescaler_tui.engine.outlook_book import OutlookBook
from nodescaler_tui.engine.outlook_picture import OutlookPictures
from nodescaler_tui.engine.picture import (
    GroupFrame,
    Pace,
    context_state,
    group_state,
    journal_entries,
    link_state,
    operation_on,
)
from nodescaler_tui.engine.planning import plan_for
from nodescaler_tui.engine.plots import Moment
from nodescaler_tui.engine.second_person import first_approval_words, plan_to_show, two_person_state
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.engine.troubles import Troubles
from nodescaler_tui.events import Event
from nodescaler_tui.facts import GroupReading, Observation
from nodescaler_tui.state import GroupState, Notice, ReplayState, Scope, Severity, State, StoreState

RECENT_EVENTS: Final = 100
RECENT_OPERATIONS: Final = 20
RECENT_NOTICES: Final = 20
RECENT_MARKS: Final = 1000


@dataclass(frozen=True, slots=True)
class Refusal:
    """A plan that an operator rejected; the same is not proposed again while the breach goes on."""

    plan: Plan
    operator: str
    at: datetime


class Mind:
    """What is known, what is decided, and how it looks."""

    def __init__(
        self,
        *,
        scope: Scope,
        rules: Rules,
        book: ThresholdBook,
        circumstances: Circumstances,
        ledger: Ledger | None = None,
        ahead: AheadBook | None = None,
    ) -> None:
        self.scope = scope
        self.rules = rules
        self.book = book
        self.circumstances = circumstances
        self.ledger = Ledger() if ledger is None else ledger
        self.knowledge = Knowledge()
        self.history = History()
        self.outlooks = OutlookBook()
        self.ahead = AheadBook() if ahead is None else ahead
        self._outlook_pictures = OutlookPictures()
        self.plans: dict[str, Plan] = {}
        self.rejected: dict[str, Refusal] = {}
        self.taking_back: dict[str, str] = {}
        self.overriding: dict[str, frozenset[Override]] = {}
        self.undecided_until: dict[tuple[str, int], datetime] = {}
        self.recording = EMPTY
        self.recalled: tuple[GroupState, ...] = ()
        self.marks: deque[Mark] = deque(maxlen=RECENT_MARKS)
        self._events: deque[Event] = deque(maxlen=RECENT_EVENTS)
        self._notices: deque[Notice] = deque(maxlen=RECENT_NOTICES)
        self.troubles = Troubles()
        self._revision = 0

    def observe(self, observation: Observation) -> None:
        """Take in one poll."""
        self.knowledge = knowing.after(self.knowledge, observation)
        for reading in observation.groups:
            self.history.add(reading, observation.taken_at, self.rules.staleness_limit_s)

    @property
    def remembered(self) -> int:
        """The position of the newest journal event that was taken in."""
        return self._events[-1].seq if self._events else 0

    def remember(self, events: Sequence[Event]) -> None:
        """Take in journal events, by whichever process they were written."""
        self.ledger.extend(events)
        self._events.extend(event for event in events if event.seq > self.remembered)
        self.marks.extend(mark for event in events for mark in (mark_of(event),) if mark is not None)

    def note(self, at: datetime, severity: Severity, sentence: str) -> None:
        """Something that deserves a line on every screen, once."""
        self._notices.append(Notice(self.noticed + 1, at, severity, display_text(sentence)))

    def store_fails(self, sentence: str) -> None:
        """The journal cannot be used: from now on nothing can be approved. Empty when it can again."""
        self.circumstances = replace(self.circumstances, store_problem=sentence)

    def moment(self, group_id: str, now: datetime, span_s: float) -> Moment:
        """As of when and with what marks this group's plots are drawn."""
        marks = tuple(mark for mark in self.marks if mark.concerns(group_id))
        reading = self.knowledge.groups.get(group_id)
        return Moment(
            now,
            span_s,
            self.history.longest_gap_s,
            marks,
            outlook=self.outlooks.of(group_id, now),
            nodes=None if reading is None or reading.current_nodes.value is None else int(reading.current_nodes.value),
        )

    def assessment(self, group_id: str, now: datetime) -> Assessment | None:
        """The group judged as of now, or None when it is not known."""
        reading = self.knowledge.groups.get(group_id)
        return None if reading is None else self._assess(reading, now)

    def _assess(self, reading: GroupReading, now: datetime) -> Assessment:
        """By the decision table, then ahead; where an operator takes nodes back, that word counts and no forecast."""
        assessment = assess(reading, self.book.matrix(reading.id), self.ledger, self.rules, now)
        first = self.ledger.first_approvals.standing(reading.id, now)
        if reading.id in self.taking_back or (first is not None and first.takes_back):
            return assessment
        return self.ahead.looked(assessment, self.outlooks.of(reading.id, now), self.ledger, now)

    def proposal(self, assessment: Assessment, now: datetime) -> Plan | None:
        """The plan that would be made now: the one that somebody approved first, made anew, while that holds."""
        group_id = assessment.reading.id
        first = self.ledger.first_approvals.standing(group_id, now)
        if first is not None:
            same = self._proposed(assessment, frozenset(first.plan.overrides), first.takes_back, now)
            if same is not None and not changes(first.plan, same):
                return same
        overrides = self.overriding.get(group_id, frozenset())
        return self._proposed(assessment, overrides, self.taking_back.get(group_id, ""), now)

    def _proposed(
        self, assessment: Assessment, overrides: frozenset[Override], taken_back: str, now: datetime
    ) -> Plan | None:
        standing, operation = self.standing(assessment.reading.id, now), self.ledger.operation(taken_back)
        plan = plan_for(assessment, self.circumstances, standing, now, overrides)
        if plan is not None or operation is None:
            return plan
        return inverse_plan_for(assessment, operation, self.circumstances, standing, now=now, overrides=overrides)

    @property
    def two_person(self) -> TwoPersonRule:
        """The rule that holds: the store's, and this machine's own."""
        return self.ledger.first_approvals.rule.joined(self.circumstances.two_person)

    def standing(self, group_id: str, now: datetime) -> Standing:
        """What the journal and the calendar say about a group and the receiver now."""
        return standing_of(self.ledger, group_id, self.circumstances, now)

    def break_glass(self, assessment: Assessment, now: datetime) -> frozenset[Override]:
        """From now on propose for this group despite what is in the way at this moment; what that is."""
        group_id, count = assessment.reading.id, assessment.reading.current_nodes.value
        standing = self.standing(group_id, now)
        if count is not None:
            self.overriding[group_id] = obstacles(assessment.situation, self.circumstances, standing, int(count))
        return self.overriding.get(group_id, frozenset())

    @property
    def noticed(self) -> int:
        """The number of the newest notice."""
        return self._notices[-1].number if self._notices else 0

    def state(self, now: datetime, pace: Pace, replay: ReplayState | None = None) -> State:
        """Everything, as the screens show it."""
        self._revision += 1
        groups = tuple(self._group(group_id, now) for group_id in sorted(self.knowledge.groups))
        self._note_changes(groups, now)
        if self.knowledge.polled_at is None:
            groups = groups or self.recalled
        names = {group.id: str(group.name) for group in groups}
        return State(
            revision=self._revision,
            scope=self.scope,
            link=link_state(self.knowledge, pace),
            context=context_state(self.knowledge),
            store=self._store(),
            groups=groups,
            operations=tuple(
                operation_state(operation, self.undecided_until.get((operation.id, operation.attempt)))
                for operation in self.ledger.operations()[-RECENT_OPERATIONS:]
            ),
            journal=journal_entries(tuple(self._events), names),
            notices=tuple(self._notices),
            replay=replay,
            recording=self.recording,
        )

    def _group(self, group_id: str, now: datetime) -> GroupState:
        reading = self.knowledge.groups[group_id]
        assessment = self._assess(reading, now)
        plan, held_back = self._standing_plan(assessment, now)
        first = self.ledger.first_approvals.of(group_id)
        cooldown_s = assessment.situation.cooldown_remaining_s
        return group_state(
            assessment,
            GroupFrame(
                plan=plan,
                operation_id=operation_on(self.ledger, group_id),
                cooldown_until=self.ledger.cooldown_until(group_id, self.rules.cooldown_s) if cooldown_s else None,
                matrix_origin=self.book.origin(group_id),
                history=self.history.of(group_id),
                outlook=self._outlook_pictures.of(
                    self.outlooks.of(group_id, now), reading.current_nodes.value, assessment.situation.matrix
                ),
                read_at=self.knowledge.read_at.get(group_id),
                held_back=held_back,
                pause=self.ledger.pause(group_id, now),
                acknowledged=self.troubles.acknowledged(group_id, assessment.severity),
                looks_ahead=self.ahead.is_on(group_id) and not out_of_reach(reading),
                two_person=two_person_state(
                    plan, first, self.two_person, now, on_honour=self.circumstances.two_person != NO_RULE
                ),
                first_approval=first_approval_words(first, plan, now),
            ),
        )

    def _standing_plan(self, assessment: Assessment, now: datetime) -> tuple[Plan | None, str]:
        """The plan on screen: it keeps its hash while it asks for the same, so that it can be read in peace.

        One that somebody approved first, on whichever engine, is shown on all on which it holds.
        """
        group_id = assessment.reading.id
        fresh = self.proposal(assessment, now)
        if fresh is None:
            self.plans.pop(group_id, None)
            self.rejected.pop(group_id, None)
            return None, ""
        first = self.ledger.first_approvals.standing(group_id, now)
        refusal = self.rejected.get(group_id)
        if refusal is not None and not changes(refusal.plan, fresh) and (first is None or first.at <= refusal.at):
            self.plans.pop(group_id, None)
            return None, f"Rejected by {refusal.operator} at {refusal.at:%H:%M} UTC; r proposes it again."
        self.plans[group_id] = plan_to_show(fresh, self.plans.get(group_id), first, self.ledger, now)
        return self.plans[group_id], ""

    def _note_changes(self, groups: tuple[GroupState, ...], now: datetime) -> None:
        """A notice once for each group that turned critical, or came back from it."""
        for group in self.troubles.changed(groups):
            self.note(now, group.severity, f"{group.name} is {group.severity.value.lower()}: {group.sentence}")

    def _store(self) -> StoreState:
        problem = self.circumstances.store_problem
        return StoreState(
            writable=not problem,
            sentence=display_text(problem or "The journal can be written."),
            events=self.ledger.seq,
            head=self.ledger.head,
        )
