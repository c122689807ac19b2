"""The mind: everything the engine knows and has decided, and the State that is made of it.

It does no I/O and reads no clock; the engine feeds it observations and journal events and asks it for State.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final

from msgspec import structs

from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.decide.clock_skew import ComparedClock
from nodescaler_tui.decide.plan import Override, Plan, changes
from nodescaler_tui.decide.two_person import NO_RULE, TwoPersonRule
from nodescaler_tui.display_text import EMPTY, display_text
from nodescaler_tui.engine import knowledge as knowing
from nodescaler_tui.engine.ahead_book import AheadBook, no_such_group, out_of_reach
from nodescaler_tui.engine.assessment import Assessment, Rules, assess
from nodescaler_tui.engine.broken_glass import WHOLE, BrokenGlass, glass_of
from nodescaler_tui.engine.gates import Circumstances, Standing, obstacles, standing_of
from nodescaler_tui.engine.history import History
from nodescaler_tui.engine.inverse import inverse_plan_for
from nodescaler_tui.engine.knowledge import Knowledge
from nodescaler_tui.engine.marks import Marks
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
    operation_states,
    store_state,
)
from nodescaler_tui.engine.planning import plan_for
from nodescaler_tui.engine.quiet_groups import QuietGroups, Sources, is_touched
from nodescaler_tui.engine.rules_picture import rules_state
from nodescaler_tui.engine.second_person import first_approval_words, two_person_state
from nodescaler_tui.engine.standing_plan import Precedents, Refusal, standing_plan
from nodescaler_tui.engine.team_book import TeamBook
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.engine.troubles import Troubles
from nodescaler_tui.events import Event
from nodescaler_tui.facts import GroupReading, Observation
from nodescaler_tui.presence_state import PresentState
from nodescaler_tui.state import GroupState, Notice, OutlookState, ReplayState, Scope, Severity, State

RECENT_EVENTS: Final = 100
RECENT_NOTICES: Final = 20


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
        team_book: TeamBook | None = None,
    ) -> None:
        self.scope = scope
        self.rules = rules
        self._book = book
        self.team_book = team_book
        self.circumstances = circumstances
        self.ledger = Ledger() if ledger is None else ledger
        self.knowledge = Knowledge()
        self.history = History()
        self.outlooks = OutlookBook()
        self.ahead = AheadBook() if ahead is None else ahead
        self._outlook_pictures = OutlookPictures()
        self._quiet = QuietGroups(rules.staleness_limit_s)
        self.plans: dict[str, Plan] = {}
        self.rejected: dict[str, Refusal] = {}
        self.taking_back: dict[str, str] = {}
        self.overriding: dict[str, BrokenGlass] = {}
        self.undecided_until: dict[tuple[str, int], datetime] = {}
        self.recording = EMPTY
        self.present: tuple[PresentState, ...] = ()
        self.recalled: tuple[GroupState, ...] = ()
        self.marks = Marks()
        self._events: deque[Event] = deque(maxlen=RECENT_EVENTS)
        self._notices: deque[Notice] = deque(maxlen=RECENT_NOTICES)
        self.troubles = Troubles()
        self._revision = 0

    @property
    def book(self) -> ThresholdBook:
        """The matrices that hold now: in a team the journal's word goes before this host's file."""
        return self._book if self.team_book is None else self.team_book.under(self.ledger.thresholds)

    @book.setter
    def book(self, book: ThresholdBook) -> None:
        self._book = book

    def observe(self, observation: Observation) -> None:
        """Take in one poll."""
        self.knowledge = knowing.after(self.knowledge, observation)
        for reading in observation.groups:
            self.history.add(reading, observation.taken_at, self.rules.staleness_limit_s)
        if observation.inventory_read:
            for group_id in self.ahead.strangers(self.knowledge.groups):
                self.note(observation.taken_at, Severity.WARNING, no_such_group(group_id))

    @property
    def remembered(self) -> int:
        """The position of the newest journal event that was taken in."""
        return self._events[-1].seq if self._events else 0

    def remember(self, events: Sequence[Event]) -> None:
        """Take in journal events, by whichever process they were written."""
        self.ledger.extend(events)
        self._events.extend(event for event in events if event.seq > self.remembered)
        self.marks = self.marks.after(events)

    def note(self, at: datetime, severity: Severity, sentence: str) -> None:
        """Something that deserves a line on every screen, once."""
        self._notices.append(Notice(self.noticed + 1, at, severity, display_text(sentence)))

    def store_fails(self, sentence: str) -> None:
        """The journal cannot be used: from now on nothing can be approved. Empty when it can again."""
        self.circumstances = replace(self.circumstances, store_problem=sentence)

    def hear(self, present: tuple[PresentState, ...], clock: ComparedClock | None, login: str) -> None:
        """Who else is here now, how this host's clock stands to the store's, and whom the store takes us for."""
        self.present, self.scope = present, structs.replace(self.scope, login=display_text(login))
        self.circumstances = replace(self.circumstances, clock=clock)

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
        first, freeze = self.ledger.first_approvals.standing(group_id, now), self.ledger.freeze(now)
        if first is not None:
            same = self._proposed(assessment, glass_of(first, freeze).against(freeze), first.takes_back, now)
            if same is not None and not changes(first.plan, same):
                return same
        overrides = self.overriding.get(group_id, WHOLE).against(freeze)
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
            overrides = obstacles(assessment.situation, self.circumstances, standing, int(count))
            freeze = standing.declared_freeze
            self.overriding[group_id] = BrokenGlass(overrides, 0 if freeze is None else freeze.seq)
        return self.overriding.get(group_id, WHOLE).overrides

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
            store=store_state(self.circumstances, self.ledger),
            groups=groups,
            operations=operation_states(self.ledger, self.undecided_until),
            journal=journal_entries(tuple(self._events), names),
            notices=tuple(self._notices),
            replay=replay,
            recording=self.recording,
            present=self.present,
            rules=rules_state(self.book, self.ledger, now, names, shared=self.team_book is not None),
        )

    def state_beside(self, state: State) -> State:
        """The same with who is here now: for that alone nothing is judged anew."""
        self._revision += 1
        return structs.replace(state, revision=self._revision, present=self.present)

    def _group(self, group_id: str, now: datetime) -> GroupState:
        """As it was pictured last, where nothing came that could make it look otherwise."""
        history, reading = self.history.of(group_id), self.knowledge.groups[group_id]
        sources = Sources(reading, self.book, self.outlooks.of(group_id, now), history.polls_in_trend)
        if self._is_touched(group_id, now):
            return self._pictured(reading, now)
        state = self._quiet.of(sources, now)
        if state is None:
            state = self._pictured(reading, now)
            self._quiet.keep(sources, state)
        return state

    def _is_touched(self, group_id: str, now: datetime) -> bool:
        """Whether more is known of a group than its readings: from the journal, or from an operator of this engine."""
        here = (self.plans, self.rejected, self.taking_back, self.overriding)
        return (
            any(group_id in each for each in here)
            or self.ahead.is_on(group_id)
            or is_touched(self.ledger, group_id, self.rules.cooldown_s, now)
        )

    def _pictured(self, reading: GroupReading, now: datetime) -> GroupState:
        group_id, assessment = reading.id, self._assess(reading, now)
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
                matrix_word=self.book.word(group_id),
                history=self.history.of(group_id),
                outlook=self.outlook(assessment, now),
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

    def outlook(self, assessment: Assessment, now: datetime) -> OutlookState | None:
        """What is said of the group's next hour; None where nothing is."""
        return self._outlook_pictures.of(self.outlooks.of(assessment.reading.id, now), assessment, now)

    def _standing_plan(self, assessment: Assessment, now: datetime) -> tuple[Plan | None, str]:
        """The plan on screen, or why none is there."""
        group_id = assessment.reading.id
        fresh = self.proposal(assessment, now)
        if fresh is None:
            self.plans.pop(group_id, None)
            self.rejected.pop(group_id, None)
            return None, ""
        first = self.ledger.first_approvals.standing(group_id, now)
        precedents = Precedents(self.plans.get(group_id), self.rejected.get(group_id), first)
        shown = standing_plan(fresh, precedents, now, self.ledger.plan_used)
        if isinstance(shown, str):
            self.plans.pop(group_id, None)
            return None, shown
        self.plans[group_id] = shown
        return shown, ""

    def _note_changes(self, groups: tuple[GroupState, ...], now: datetime) -> None:
        """A notice once for each group that turned critical, or came back from it."""
        for group in self.troubles.changed(groups):
            self.note(now, group.severity, f"{group.name} is {group.severity.value.lower()}: {group.sentence}")
