"""Collecting: a program without a screen that polls for a team whenever nobody else does, and carries nothing out."""

from __future__ import annotations

import threading
from collections.abc import Callable
from contextlib import suppress

from nodescaler_tui.act.holder import new_holder_id
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.clock import MACHINE_CLOCK
from nodescaler_tui.engine.assembly import genesys_from
from nodescaler_tui.engine.shared_source import KNOWN_WITHIN_S, SharedSource, kept_poller
from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres import observations
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.settings import Settings


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

    def run(self) -> None:
        """Until `stop` is called."""
        self._poller.start()
        self._poller.tried_within(KNOWN_WITHIN_S)
        while not self._stopped.is_set():
            self._woken.clear()
            self._say(self._standing())
            if self._poller.lease is not None:
                self._catch_up()
                self._source.poll()
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

    def _catch_up(self) -> None:
        """How many nodes a declared group has, only the journal tells; while it is away, what it said last counts."""
        with suppress(JournalUnavailable):
            self._ledger.extend(self._journal.read(after=self._ledger.seq))
