"""Replaying: an engine whose source is a recording. It shows what was; it holds nothing that could send.

There is no receiver, no conductor and no journal that could be written: sending is impossible by what it is made of.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nodescaler_tui.act.threshold_words import FOR_ALL, recorded_matrix
from nodescaler_tui.decide.threshold_text import parse_matrix
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.gates import Caps, Circumstances
from nodescaler_tui.engine.looking import group_detail, journal_page, story
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.picture import Pace
from nodescaler_tui.engine.playhead import Playhead
from nodescaler_tui.engine.recording import Recording
from nodescaler_tui.engine.team import Alone
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.engine.windows import Windows
from nodescaler_tui.events import Event, EventKind, JournalUnavailable, Transaction
from nodescaler_tui.intents import Intent, ReadJournal, ReadStory, ReplayControl, ReplayMove, WatchGroup
from nodescaler_tui.state import ReplayState, Severity, State
from nodescaler_tui.views import Answer, GroupDetail, JournalPage, Story

TICK_S: Final = 0.5
NOTHING_CAN_BE_DONE: Final = display_text("This is a replay: nothing can be changed, and nothing can be sent.")


@dataclass(frozen=True, slots=True)
class RecordedJournal:
    """The journal up to the moment that is shown. It cannot be written."""

    events: Sequence[Event]

    def read(self, after: int = 0) -> Iterable[Event]:
        """Every event with a position above `after`."""
        return [event for event in self.events if event.seq > after]

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Always raises JournalUnavailable."""
        raise JournalUnavailable(str(NOTHING_CAN_BE_DONE))
        yield  # type: ignore[unreachable]  # makes this a generator, as the protocol wants


class ReplayEngine:
    """Serves terminals like any engine, from a recording."""

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._head = Playhead(recording.begins, recording.ends, recording.begins)
        self._mind = self._new_mind()
        self._fed = 0
        self._alerts: list[datetime] | None = None
        self._listeners: set[asyncio.Event] = set()
        self._moving = asyncio.Lock()
        self.windows = Windows(Alone().shows)
        self.state = State.EMPTY

    @property
    def busy(self) -> bool:
        """A replay does nothing that could not be left."""
        return False

    def listen(self) -> asyncio.Event:
        """An event that is set at every new State; the listener clears it."""
        event = asyncio.Event()
        self._listeners.add(event)
        return event

    def stop_listening(self, event: asyncio.Event) -> None:
        """No longer tell this listener."""
        self._listeners.discard(event)

    async def run(self) -> None:
        """Let time pass as the playhead says."""
        last = time.monotonic()
        while True:
            now = time.monotonic()
            await self._show(self._head.advanced(now - last))
            last = now
            await asyncio.sleep(TICK_S)

    async def _show(self, head: Playhead) -> None:
        """Show this moment; going back begins anew from the first observation."""
        async with self._moving:
            back = head.at < self._head.at
            self._head = head
            self.state = await asyncio.to_thread(self._state_at, head, back=back)
        for listener in self._listeners:
            listener.set()

    def _state_at(self, head: Playhead, *, back: bool) -> State:
        if back:
            self._mind, self._fed = self._new_mind(), 0
        self._feed(head.at)
        return self._mind.state(head.at, Pace(self._recording.header.poll_every_s, None), self._replay_state())

    def _replay_state(self) -> ReplayState:
        head = self._head
        return ReplayState(head.at, head.begins, head.ends, head.speed, head.playing)

    def _feed(self, at: datetime) -> None:
        observations = self._recording.observations
        while self._fed < len(observations) and observations[self._fed].taken_at <= at:
            self._mind.observe(observations[self._fed])
            self._fed += 1
        fresh = [event for event in self._recording.events if self._mind.ledger.seq < event.seq and event.at <= at]
        for event in fresh:
            self._follow_thresholds(event)
        self._mind.remember(fresh)

    def _follow_thresholds(self, event: Event) -> None:
        """A matrix that was edited while it was recorded holds from then on."""
        new = event.fields.get("new")
        if event.kind is EventKind.THRESHOLDS_CHANGED and event.at >= self._recording.begins and isinstance(new, dict):
            scope = str(event.fields.get("scope", ""))
            with suppress(ValueError):  # no engine used it either, and what held before went on to hold
                self._mind.book = self._mind.book.changed(scope, self._recorded(event, scope))

    def _recorded(self, event: Event, scope: str) -> ThresholdMatrix:
        """The matrix of a change, strictly as engines read one that holds for all. Raises ValueError."""
        new = event.fields["new"]
        if FOR_ALL in event.fields or not isinstance(new, dict):
            return recorded_matrix(new)
        values = {name: str(value) for name, value in new.items()}
        return parse_matrix(values, self._mind.book.matrix(scope))

    def _new_mind(self) -> Mind:
        header = self._recording.header
        circumstances = Circumstances(
            receiver=None,
            receiver_problem=str(NOTHING_CAN_BE_DONE),
            store_problem="",
            read_only=True,
            dry_run=False,
            caps=Caps(0, 0),
        )
        return Mind(
            scope=header.scope, rules=header.rules, book=ThresholdBook(header.matrices), circumstances=circumstances
        )

    async def ask(self, intent: Intent, _: str) -> Answer:
        """Move the playhead; everything else is refused."""
        if not isinstance(intent, ReplayControl):
            return Answer(0, done=False, sentence=NOTHING_CAN_BE_DONE)
        head = await self._moved(intent)
        if head is None:
            return Answer(0, done=False, sentence=display_text("There is no further alert in this recording."))
        await self._show(head)
        return Answer(0, done=True, sentence=display_text(""))

    async def _moved(self, control: ReplayControl) -> Playhead | None:
        head = self._head
        match control.move:
            case ReplayMove.PLAY_OR_PAUSE:
                return head.toggled()
            case ReplayMove.SPEED:
                return head.at_speed(int(control.amount))
            case ReplayMove.SEEK:
                return head.sought(head.at + timedelta(seconds=control.amount))
            case ReplayMove.STEP:
                return head.sought(self._neighbour(int(control.amount)))
            case ReplayMove.NEXT_ALERT:
                alerts = await asyncio.to_thread(self._all_alerts)
                following = next((at for at in alerts if at > head.at), None)
                return None if following is None else head.sought(following)

    def _neighbour(self, by: int) -> datetime:
        """When the observation so many steps away was made."""
        times = [observation.taken_at for observation in self._recording.observations]
        return times[min(max(self._fed - 1 + by, 0), len(times) - 1)]

    def _all_alerts(self) -> list[datetime]:
        """Every moment at which a group turned critical, found once by deciding everything again."""
        if self._alerts is None:
            mind, alerts, pace = self._new_mind(), [], Pace(self._recording.header.poll_every_s, None)
            for observation in self._recording.observations:
                mind.observe(observation)
                mind.remember([event for event in self._recording.events if event.at <= observation.taken_at])
                noticed = mind.noticed
                state = mind.state(observation.taken_at, pace)
                fresh = [notice for notice in state.notices if notice.number > noticed]
                if any(notice.severity is Severity.CRITICAL for notice in fresh):
                    alerts.append(observation.taken_at)
            self._alerts = alerts
        return self._alerts

    async def look(self, intent: Intent, _: str) -> GroupDetail | JournalPage | Story | Answer | None:
        """Nodes, plots and the journal as of the moment that is shown."""
        mind, at = self._mind, self._head.at
        journal = RecordedJournal([event for event in self._recording.events if event.at <= at])
        match intent:
            case WatchGroup():
                return await asyncio.to_thread(group_detail, mind, intent, at)
            case ReadJournal():
                return await asyncio.to_thread(journal_page, journal, intent, mind)
            case ReadStory():
                return story(journal.events, intent)
            case _:
                return Answer(0, done=False, sentence=NOTHING_CAN_BE_DONE)
