"""Presence: says who sits before this engine, and learns who else is here. When it fails, nothing else does.

A thread compares clocks and says so once a second, sooner when a window shows something else. It is a courtesy among
operators: it locks nothing, and nothing waits for it.
"""

from __future__ import annotations

import socket
import threading
import time
from typing import Final

import msgspec
from msgspec import Struct

from nodescaler_tui.decide.clock_skew import ComparedClock
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.clock_watch import ClockWatch
from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.presence_state import InFront, PresentState
from nodescaler_tui.record.postgres import presence
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.presence import Present

SAID_EVERY_S: Final = 1.0
SAID_AGAIN_AFTER_S: Final = 0.4
SILENT_FOR_S: Final = 5.0
"""After a store that knows no presence, such as a replica or an older schema, said no."""

MOST_WINDOWS: Final = 8
LONGEST_NAME: Final = 40
END_WITHIN_S: Final = 1.0


class Said(Struct, frozen=True):
    """What an engine says of itself: what each window shows, and how far its clock is off, in whole seconds."""

    in_front: tuple[InFront, ...] = ()
    clock_off_s: int | None = None


class Presence:
    """One engine among the others; `others` are who was here when it was looked last."""

    def __init__(self, sessions: Sessions, engine: str, clock: ClockWatch) -> None:
        self._sessions = sessions
        self._engine = engine
        self._clock = clock
        self._host = socket.gethostname()
        self._in_front: tuple[InFront, ...] = ()
        self._is_told = False
        self._silent_until = 0.0
        self._changed, self._compared, self._ended = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._go_on, name="presence", daemon=True)
        self.others: tuple[PresentState, ...] = ()

    def start(self) -> None:
        """Begin to compare clocks, and to say who is here."""
        self._thread.start()

    def compared_within(self, seconds: float) -> bool:
        """Wait until the clocks were compared once, or could not be; whether that was in this time."""
        return self._compared.wait(seconds)

    def shows(self, in_front: tuple[InFront, ...]) -> None:
        """What each window shows from now on; nobody is here without any."""
        self._in_front = in_front[:MOST_WINDOWS]
        self._changed.set()

    def look(self) -> None:
        """See who else is here; nobody, where the store does not say."""
        if time.monotonic() < self._silent_until:
            return
        try:
            self.others = tuple(present_state(each) for each in presence.others(self._sessions, self._engine))
        except JournalUnavailable:
            self._fall_silent()

    def _go_on(self) -> None:
        while not self._ended.is_set():
            self._compare()
            self._say()
            if self._changed.wait(SAID_EVERY_S):
                self._ended.wait(SAID_AGAIN_AFTER_S)
        self._leave()

    def _compare(self) -> None:
        try:
            self._clock.compare()
        except JournalUnavailable:
            return  # a store that is away is told by whoever needs it; what is known of the clock grows old
        finally:
            self._compared.set()

    def _say(self) -> None:
        self._changed.clear()
        in_front = self._in_front
        if time.monotonic() < self._silent_until:
            return
        if not in_front:
            self._leave()
            return
        said = Said(in_front, clock_off_s(self._clock.compared))
        try:
            presence.tell(self._sessions, self._engine, self._host, msgspec.json.encode(said).decode())
        except JournalUnavailable:
            self._fall_silent()
        else:
            self._is_told = True

    def _leave(self) -> None:
        if not self._is_told:
            return
        self._is_told = False
        try:
            presence.leave(self._sessions, self._engine)
        except JournalUnavailable:
            self._fall_silent()

    def _fall_silent(self) -> None:
        self.others, self._silent_until = (), time.monotonic() + SILENT_FOR_S

    def close(self) -> None:
        """Leave; who cannot even do that is forgotten in a few seconds."""
        self._ended.set()
        self._changed.set()
        if self._thread.is_alive():
            self._thread.join(END_WITHIN_S)


def clock_off_s(clock: ComparedClock) -> int | None:
    """How far this host's clock is ahead of the store's, in whole seconds; 0 while it need not be told."""
    skew = clock.skew
    if skew is None:
        return None
    return round(skew.ahead_s) if skew.is_told else 0


def present_state(present: Present) -> PresentState:
    """Who is here, as it is shown. What another release said and this one cannot read, is not known."""
    try:
        said = msgspec.json.decode(present.told, type=Said)
    except msgspec.DecodeError:
        said = Said()
    return PresentState(
        login=display_text(present.login, LONGEST_NAME),
        host=display_text(present.host, LONGEST_NAME),
        in_front=said.in_front[:MOST_WINDOWS],
        clock_off_s=said.clock_off_s,
    )
