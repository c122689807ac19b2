"""The engine: polls, decides, carries operations out, and publishes State. The only writer of any of it.

Everything that can block runs in worker threads; the event loop only schedules. Intents are judged one at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from nodescaler_tui.act.conductor import Conductor
from nodescaler_tui.act.holder import Holder
from nodescaler_tui.decide import plan as plans
from nodescaler_tui.decide.clock_skew import clock_gate
from nodescaler_tui.display_text import EMPTY, display_text
from nodescaler_tui.engine.carrying import Carrying
from nodescaler_tui.engine.following import Following
from nodescaler_tui.engine.forecast_desk import ForecastDesk
from nodescaler_tui.engine.history_desk import HistoryDesk
from nodescaler_tui.engine.judging import Judges
from nodescaler_tui.engine.kept_state import recalled
from nodescaler_tui.engine.looks import Looks, Seen
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.picture import Pace
from nodescaler_tui.engine.recording_desk import RecordingDesk
from nodescaler_tui.engine.source import Source
from nodescaler_tui.engine.team import Team
from nodescaler_tui.engine.waiting import Wait
from nodescaler_tui.engine.windows import Windows
from nodescaler_tui.events import Journal, JournalUnavailable, OperationPhase, OutcomeUnknown
from nodescaler_tui.intents import ExportJournal, ForecastNow, Intent, RefreshNow, StartRecording, StopRecording
from nodescaler_tui.state import Severity, State
from nodescaler_tui.views import Answer


@dataclass(frozen=True, slots=True)
class Parts:
    """What an engine is made of."""

    mind: Mind
    source: Source
    team: Team
    holder: Holder
    journal: Journal
    conductor: Conductor
    judges: Judges
    looks: Looks
    export: Callable[[str], Answer]
    recording: RecordingDesk
    history: HistoryDesk
    forecast: ForecastDesk
    clock: Callable[[], datetime]
    wait: Wait
    poll_every_s: float


class Engine:
    """Runs until it is closed. `changed` is set anew for everyone who waits whenever State was published."""

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._judging = asyncio.Lock()
        self._poll_now = asyncio.Event()
        self._written = asyncio.Event()
        self._following = Following(
            parts.mind,
            parts.journal,
            parts.holder,
            parts.conductor,
            recording=parts.recording,
            clock=parts.clock,
        )
        self._carrying = Carrying(parts.conductor, parts.clock, parts.wait, self._stepped)
        self._next_poll_at: datetime | None = None
        self._listeners: set[asyncio.Event] = set()
        self.windows = Windows(parts.team.shows)
        self.state = State.EMPTY
        self.polls = self.requests = 0

    @property
    def busy(self) -> bool:
        """Whether an operation goes on here by itself, so that this process must not end."""
        return self._carrying.busy

    def listen(self) -> asyncio.Event:
        """An event that is set at every new State; the listener clears it."""
        event = asyncio.Event()
        self._listeners.add(event)
        return event

    def stop_listening(self, event: asyncio.Event) -> None:
        """No longer tell this listener."""
        self._listeners.discard(event)

    def recall(self, kept: State) -> None:
        """Show what the last engine knew for as long as this one has read nothing."""
        self._parts.mind.recalled = recalled(kept, self._parts.mind.scope)

    async def run(self) -> None:
        """Take over what a dead process left, then poll for as long as this engine lives."""
        await self.resume()
        loop = asyncio.get_running_loop()
        self._parts.team.listen(written=_ringing(loop, self._written), read=_ringing(loop, self._poll_now))
        await asyncio.gather(self.poll(), self._parts.history.recall_trends())
        await asyncio.gather(self._poll_on(), self.bring_past(), self._follow())

    async def bring_past(self) -> None:
        """Have what was measured before this engine began, where somebody tells it."""
        await self._parts.history.bring_past()
        self._parts.forecast.past_arrived()

    async def _poll_on(self) -> None:
        while True:
            await self._parts.wait(self._poll_now, self._interval_s)
            await self.poll()

    async def _follow(self) -> None:
        """Take in what others in the team write, as they write it; their operations too, once they are gone."""
        shown: object = None
        while True:
            await self._written.wait()
            self._written.clear()
            await self._take_over()
            team, heard = self._parts.team, self._hear_team()
            now = (self._following.shown, team.poller, heard)
            if now != shown:
                shown = now
                self.publish()
            elif self.state.present != team.present:
                self._become(self._parts.mind.state_beside(self.state))

    @property
    def _interval_s(self) -> float:
        return max(self._parts.poll_every_s, self._parts.source.least_interval_s)

    async def poll(self) -> None:
        """Read once, take in what other processes wrote, and publish."""
        observation = await asyncio.to_thread(self._parts.source.poll)
        if observation is None:
            await self.resume()
            return
        if self._parts.team.polls_here:
            self.polls, self.requests = self.polls + 1, self.requests + observation.requests
        self._parts.mind.observe(observation)
        await asyncio.to_thread(self._parts.recording.observed, observation)
        await self._take_over()
        await self._following.end_outdated()
        self._next_poll_at = self._parts.clock() + timedelta(seconds=self._interval_s)
        self.publish()
        await self._parts.history.observed(observation, self.state)
        if await self._parts.forecast.observed(observation, self.state):
            self.publish()

    async def resume(self) -> None:
        """Carry on with operations whose process is gone."""
        await self._take_over()
        self.publish()

    async def _take_over(self) -> None:
        await self._following.take_over()
        for operation_id in self._following.held:
            if not self._carrying.carries(operation_id):
                self._carrying.begin(operation_id)

    def publish(self) -> None:
        """Make a new State and tell everyone who listens."""
        self._time_doubts()
        self._hear_team()
        pace = Pace(self._interval_s, self._next_poll_at, self._parts.team.poller)
        self._become(self._parts.mind.state(self._parts.clock(), pace))

    def _become(self, state: State) -> None:
        self.state = state
        for listener in self._listeners:
            listener.set()

    def _hear_team(self) -> plans.Gate | None:
        """Know who else is here, and how our clock stands; what that means for approvals, None without a team."""
        team, clock = self._parts.team, self._parts.team.clock
        self._parts.mind.hear(team.present, clock, team.login)
        return None if clock is None else clock_gate(clock)

    def _time_doubts(self) -> None:
        """From when on an operator may decide about what is in doubt."""
        mind, now = self._parts.mind, self._parts.clock()
        for operation in mind.ledger.open_operations():
            if operation.phase is OperationPhase.IN_DOUBT:
                left = timedelta(seconds=self._parts.conductor.settles_in_s(operation))
                mind.undecided_until.setdefault((operation.id, operation.attempt), now + left)

    async def _stepped(self, store_problem: str) -> None:
        """An operation took a step, or could not because of the journal."""
        if store_problem:
            self._parts.mind.store_fails(store_problem)
        else:
            await self._following.catch_up()
        self.publish()

    async def settled(self, operation_id: str) -> None:
        """Wait until nothing more happens on this operation on its own."""
        await self._carrying.settled(operation_id)

    async def ask(self, intent: Intent, operator: str) -> Answer:
        """Judge one intent and say what came of it. Nothing is done when the journal cannot be written."""
        if isinstance(intent, ExportJournal):
            return await self._export(intent)
        if isinstance(intent, ForecastNow):
            return await self._forecast_now()
        if isinstance(intent, StartRecording | StopRecording):
            answer = await asyncio.to_thread(self._parts.recording.judge, intent)
            self.publish()
            return answer
        async with self._judging:
            self._hear_team()
            try:
                answer = await self._judge(intent, operator)
            except JournalUnavailable as error:
                self._parts.mind.store_fails(str(error))
                answer = Answer(0, done=False, sentence=display_text(_not_done(error)))
                if self._parts.team.poller:  # whoever shares a store looks by itself, and need not wait for it twice
                    self.publish()
                    return answer
            if answer.operation_id and answer.done:
                self._carrying.begin(answer.operation_id)
            await self._following.catch_up()
        self.publish()
        return answer

    async def _export(self, intent: ExportJournal) -> Answer:
        """Read all of the journal into a file; whoever approves meanwhile need not wait for that."""
        try:
            return await asyncio.to_thread(self._parts.export, intent.format)
        except JournalUnavailable as error:
            return Answer(0, done=False, sentence=display_text(f"Nothing was exported: {error}"))

    async def _forecast_now(self) -> Answer:
        """A few groups at a time, so that no poll waits long, and whoever asked sees those that are done."""
        while await self._parts.forecast.go_on():
            self.publish()
        return Answer(0, done=True, sentence=EMPTY, revision=self.state.revision)

    async def _judge(self, intent: Intent, operator: str) -> Answer:
        if isinstance(intent, RefreshNow):
            return self._refresh()
        judge = self._parts.judges.get(type(intent))
        if judge is None:
            return Answer(0, done=False, sentence=display_text("There is nothing to do for that."))
        return await asyncio.to_thread(judge, intent, operator)

    def _refresh(self) -> Answer:
        if not self._parts.team.polls_here:
            return Answer(0, done=False, sentence=display_text(f"Not from here: {self._parts.team.poller}, for all."))
        self._poll_now.set()
        return Answer(0, done=True, sentence=display_text("Polling now."))

    async def look(self, intent: Intent, watched: str) -> Seen:
        """Answer a look at something; None where the intent is not one, or what it names is not known.

        An Answer says why there is nothing to see.
        """
        return await self._parts.looks.answer(intent, watched)

    def state_not_kept(self, why: str) -> None:
        """The State for the next first paint could not be written: worth a line, and nothing more."""
        self._parts.mind.note(self._parts.clock(), Severity.UNKNOWN, f"The last state cannot be kept: {why}.")

    async def close(self) -> None:
        """Stop watching. Open operations are left to whoever comes next; their next step is in the journal."""
        if not self._carrying.busy:  # else a request may be under way, and nobody may take its operation over yet
            await asyncio.to_thread(self._parts.holder.close)
        self._carrying.stop()
        await asyncio.to_thread(self._parts.team.close)
        await asyncio.to_thread(self._parts.recording.stop)
        await asyncio.to_thread(self._parts.history.close)
        await asyncio.to_thread(self._parts.forecast.close)
        await asyncio.to_thread(self._parts.source.close)


def _not_done(error: JournalUnavailable) -> str:
    begins = "Nobody knows yet whether it was done" if isinstance(error, OutcomeUnknown) else "Nothing was done"
    return f"{begins}: {error}"


def _ringing(loop: asyncio.AbstractEventLoop, bell: asyncio.Event) -> Callable[[], None]:
    """How another thread rings; once the loop has ended there is nobody left to hear it."""

    def ring() -> None:
        with suppress(RuntimeError):
            loop.call_soon_threadsafe(bell.set)

    return ring
