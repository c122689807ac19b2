"""Collecting: a program without a screen that polls for a team whenever nobody else does, and carries nothing out.

What it polls it keeps in the team's history, as any other poller does.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

from nodescaler_tui.act.holder import new_holder_id
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.clock import MACHINE_CLOCK
from nodescaler_tui.engine.assembly import genesys_from
from nodescaler_tui.engine.assessment import Rules, assess
from nodescaler_tui.engine.lately_in_trouble import LatelyInTrouble
from nodescaler_tui.engine.polled_history import PolledHistory
from nodescaler_tui.engine.shared_source import KNOWN_WITHIN_S, SharedSource, kept_poller
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.facts import GroupReading, Observation
from nodescaler_tui.record.history.connection import HistoryUnavailable, KeptElsewhere
from nodescaler_tui.record.history.figures import poll_of
from nodescaler_tui.record.postgres import observations
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.settings import Settings
from nodescaler_tui.state import Severity


class Collector:
    """Says through `tell` who polls whenever that changes, and why not. Everything blocks but `stop`."""

    def __init__(self, settings: Settings, tell: Callable[[str], None]) -> None:
        """Takes as long as the SDK's import. Raises JournalUnavailable when the store's address cannot be read."""
        self._tell = tell
        self._told = ""
        self._every_s = settings.observe.poll_every_s
        self._sessions = Sessions(settings.store.url)
        self._journal = PostgresJournal(self._sessions)
        self._ledger = Ledger()
        self._stopped, self._woken = threading.Event(), threading.Event()
        self._poller = kept_poller(self._sessions, settings, new_holder_id(), self._woken.set)
        genesys = genesys_from(settings, self._ledger, MACHINE_CLOCK)
        self._source = SharedSource(self._sessions, self._poller, genesys)
        self._book = ThresholdBook(settings.thresholds)
        self._rules = Rules(settings.observe.staleness_limit_s, settings.limits.cooldown_s)
        self._history = PolledHistory(self._sessions, self._source) if settings.history.keep else None
        self._troubled = LatelyInTrouble()
        self._history_problem = ""

    def run(self) -> None:
        """Until `stop` is called."""
        self._poller.start()
        self._poller.tried_within(KNOWN_WITHIN_S)
        while not self._stopped.is_set():
            self._woken.clear()
            self._say(self._standing())
            if self._poller.lease is not None:
                self._catch_up()
                observation = self._source.poll()
                if self._history is not None and observation is not None:
                    self._keep(self._history, observation)
            self._woken.wait(max(self._every_s, self._source.least_interval_s))
        self._poller.close()
        self._source.close()
        self._sessions.close()

    def stop(self) -> None:
        """End soon, and let somebody else poll."""
        self._stopped.set()
        self._woken.set()

    def _standing(self) -> str:
        if self._poller.problem:
            return self._poller.problem
        if self._poller.lease is not None:
            return "This program polls for all."
        if self._poller.stands_back:
            return "Genesys cannot be reached from here, and another program waits: it polls from now on."
        try:
            poller = observations.standing_of(self._sessions, self._poller.name).poller
        except JournalUnavailable as error:
            return str(error)
        return f"{poller} polls; this program waits." if poller else "Nobody polls yet."

    def _say(self, sentence: str) -> None:
        if sentence != self._told:
            self._told = sentence
            self._tell(sentence)

    def _keep(self, history: PolledHistory, observation: Observation) -> None:
        """Why it cannot be kept is said once, and once that it can again."""
        problem, now = "", observation.taken_at
        severities = [(reading.id, self._severity(reading, now)) for reading in observation.groups]
        try:
            history.add(poll_of(observation, self._rules.staleness_limit_s, self._troubled.seen(now, severities)))
        except KeptElsewhere:
            return
        except HistoryUnavailable as error:
            problem = f"The history is not being kept: {error}"
        if problem != self._history_problem:
            self._history_problem = problem
            self._tell(problem or "The history is being kept again.")

    def _severity(self, reading: GroupReading, now: datetime) -> Severity:
        return assess(reading, self._book.matrix(reading.id), self._ledger, self._rules, now).severity

    def _catch_up(self) -> None:
        """How many nodes a declared group has, only the journal tells; while it is away, what it said last counts."""
        with suppress(JournalUnavailable):
            self._ledger.extend(self._journal.read(after=self._ledger.seq))
