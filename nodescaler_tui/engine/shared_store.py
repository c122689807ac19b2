"""The shared store as an engine uses it: who it is there, who polls for all, who else is here, and what they wrote.

The history that an engine of a team keeps and looks back at is the store's, too.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from nodescaler_tui import __version__
from nodescaler_tui.clock import Clock
from nodescaler_tui.decide.clock_skew import ComparedClock
from nodescaler_tui.engine.clock_watch import ClockWatch
from nodescaler_tui.engine.journal_opening import OpenedJournal, witness_from
from nodescaler_tui.engine.kept_history import KeptHistory, memory_file
from nodescaler_tui.engine.polled_history import PolledHistory
from nodescaler_tui.engine.presence import Presence
from nodescaler_tui.engine.shared_source import PollingSource, SharedSource, kept_poller
from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.presence_state import InFront, PresentState
from nodescaler_tui.record.postgres import observations, server_clock
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.history import SharedHistory
from nodescaler_tui.record.postgres.identity import login_at, signed
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.postgres.kept_lease import LENGTH_S
from nodescaler_tui.record.postgres.lease_holder import LeaseHolder
from nodescaler_tui.record.postgres.listening import Listener
from nodescaler_tui.record.signing import UnusableKey
from nodescaler_tui.settings import Settings
from nodescaler_tui.state import NOBODY_POLLS

WE_POLL: Final = "you poll"


class SharedStore:
    """One engine's part in a team: a lease as holder of operations, one as the poller, its presence, and an ear."""

    def __init__(
        self, settings: Settings, genesys: PollingSource, holder_id: str, clock: Clock, *, length_s: float = LENGTH_S
    ) -> None:
        """Raises JournalUnavailable when the store's address cannot be read; a store that is away comes back."""
        self._sessions = Sessions(settings.store.url)
        self._poller = kept_poller(self._sessions, settings, holder_id, self._poller_changed, length_s)
        self._listener = Listener(self._sessions, self._look)
        self._written: Callable[[], None] | None = None
        self._read: Callable[[], None] | None = None
        self._poller_name = self._login = ""
        self.holder = LeaseHolder(self._sessions, holder_id, length_s=length_s)
        self.source = SharedSource(self._sessions, self._poller, genesys)
        self.history = self._history(settings)
        self._watch = ClockWatch(lambda: server_clock.sample(self._sessions, clock), clock.monotonic)
        self._presence = Presence(self._sessions, holder_id, self._watch)
        self.journal = OpenedJournal(lambda: self._opened(settings, clock))
        self._poller.start()
        self._presence.start()
        self.holder.tried_within(LENGTH_S)
        self._presence.compared_within(LENGTH_S)

    def _history(self, settings: Settings) -> KeptHistory | None:
        if not settings.history.keep:
            return None
        writer = PolledHistory(self._sessions, self.source)
        return KeptHistory(SharedHistory(self._sessions), writer, memory_file(settings))

    def _opened(self, settings: Settings, clock: Clock) -> PostgresJournal:
        try:
            witness = witness_from(settings)
        except UnusableKey as error:
            raise JournalUnavailable(str(error)) from error
        return PostgresJournal.open_over(
            self._sessions, version=__version__, clock=clock.now, witness=witness, fence=self.holder.require
        )

    @property
    def polls_here(self) -> bool:
        """Whether this engine asks Genesys."""
        return self._poller.lease is not None

    @property
    def poller(self) -> str:
        """Who asks Genesys for all."""
        if self.polls_here:
            return WE_POLL
        return f"{self._poller_name} polls" if self._poller_name else NOBODY_POLLS

    @property
    def present(self) -> tuple[PresentState, ...]:
        """Who else is here."""
        return self._presence.others

    @property
    def login(self) -> str:
        """The login of our sessions, once the server has said it."""
        return self._login

    @property
    def clock(self) -> ComparedClock:
        """This host's clock against the store's."""
        return self._watch.compared

    def shows(self, in_front: tuple[InFront, ...]) -> None:
        """What each of our windows shows from now on."""
        self._presence.shows(in_front)

    def signed(self, operator: str) -> str:
        """The login that the server knows, at the operator's host. Raises JournalUnavailable."""
        return signed(self._sessions, operator)

    def listen(self, *, written: Callable[[], None], read: Callable[[], None]) -> None:
        """From now on say what changes."""
        self._written, self._read = written, read
        self._listener.start()

    def _look(self) -> None:
        """Something was written, or half a second has passed."""
        if self._written is None or self._read is None:
            return
        try:
            self._login = self._login or login_at(self._sessions)
            standing = observations.standing_of(self._sessions, self._poller.name)
        except JournalUnavailable:
            self._poller_name = ""
        else:
            self._poller_name = standing.poller
            if not self.polls_here and standing.newest not in {0, self.source.taken_in}:
                self._read()
        self._presence.look()
        self._written()

    def _poller_changed(self) -> None:
        """Whoever becomes the poller reads at once; where the last one did not reach Genesys, after one interval."""
        if self.polls_here and self._read is not None and not self.source.out_of_reach:
            self._read()

    def close(self) -> None:
        """Give the poller's lease up, so that nobody needs to wait for it to run out."""
        self._listener.close()
        self._presence.close()
        self._poller.close()
        self._sessions.close()
