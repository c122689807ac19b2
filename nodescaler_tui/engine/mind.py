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
from nodescaler_tui.decide.two_person import TwoPersonRule
from nodescaler_tui.display_text import EMPTY, display_text
from nodescaler_tui.engine import knowledge as knowing
from nodescaler_tui.engine.ahead_book import AheadBook, no_such_group
from nodescaler_tui.engine.assessment import Assessment, Rules, assess
from nodescaler_tui.engine.broken_glass import WHOLE, BrokenGlass, glass_of
from nodescaler_tui.engine.gates import Circumstances, Standing, obstacles, standing_of
from nodescaler_tui.engine.group_pictures import GroupPictures
from nodescaler_tui.engine.history import History
from nodescaler_tui.engine.inverse import inverse_plan_for
from nodescaler_tui.engine.knowledge import Knowledge
from nodescaler_tui.engine.marks import Marks
from nodescaler_tui.engine.outlook_book import OutlookBook
from nodescaler_tui.engine.picture import (
    Pace,
    context_state,
    journal_entries,
    link_state,
    operation_states,
    store_state,
)
from nodescaler_tui.engine.planning import plan_for
from nodescaler_tui.engine.rules_picture import rules_state
from nodescaler_tui.engine.standing_plan import Refusal
from nodescaler_tui.engine.team_book import TeamBook
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.engine.troubles import Troubles
from nodescaler_tui.events import Event
from nodescaler_tui.facts import GroupReading, Observation
from nodescaler_tui.presence_state import PresentState
from nodescaler_tui.state import GroupState, Notice, ReplayState, Scope, Severity, State

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
        self.pictures = GroupPictures(self)

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
        return None if reading is None else self.judged(reading, now)

    def judged(self, reading: GroupReading, now: datetime) -> Assessment:
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
        groups = tuple(self.pictures.of(group_id, now) for group_id in sorted(self.knowledge.groups))
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

    def _note_changes(self, groups: tuple[GroupState, ...], now: datetime) -> None:
        """A notice once for each group that turned critical, or came back from it."""
        for group in self.troubles.changed(groups):
            self.note(now, group.severity, f"{group.name} is {group.severity.value.lower()}: {group.sentence}")
