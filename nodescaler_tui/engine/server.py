"""The server: one engine, any number of terminals on a Unix socket. A terminal that stops reading harms nobody."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from contextlib import suppress
from enum import Enum
from pathlib import Path
from typing import Final, Protocol

import msgspec

from nodescaler_tui import __version__
from nodescaler_tui.display_text import DisplayText, display_text
from nodescaler_tui.engine.delta import change, sliced, tells_presence_alone
from nodescaler_tui.engine.frames import (
    LARGEST_FRAME_BYTES,
    PROTOCOL,
    Attach,
    FromEngine,
    Reply,
    Request,
    View,
    Welcome,
    decode_from_terminal,
    encode,
)
from nodescaler_tui.engine.judging import LOOKS
from nodescaler_tui.engine.looks import Seen
from nodescaler_tui.engine.windows import Windows
from nodescaler_tui.intents import ForecastNow, Intent, RefreshNow, ReplayControl, ShowsNow, StopEngine, WatchGroup
from nodescaler_tui.state import State
from nodescaler_tui.views import Answer, ChainReport, GroupDetail, JournalPage, Story, ThresholdPreview


class ServedEngine(Protocol):
    """What terminals are served from: an engine that acts, or a replay."""

    state: State
    windows: Windows

    @property
    def busy(self) -> bool:
        """Whether something goes on here by itself, so that this process must not end."""

    async def run(self) -> None:
        """Go on until it is cancelled."""

    def listen(self) -> asyncio.Event:
        """An event that is set at every new State; the listener clears it."""

    def stop_listening(self, event: asyncio.Event) -> None:
        """No longer tell this listener."""

    async def look(self, intent: Intent, watched: str, /) -> Seen:
        """Answer a look at something."""

    async def ask(self, intent: Intent, operator: str, /) -> Answer:
        """Judge one intent and say what came of it."""


LONGEST_STALL_S: Final = 30.0
"""A terminal that does not read for so long is let go; it attaches again when it wakes."""


OTHER_SETTINGS: Final = DisplayText(
    "This window shows an engine that was started with other settings. It gets its own once the other windows are "
    "closed and no operation is open."
)


HARMLESS: Final = (RefreshNow, ForecastNow, ReplayControl)
READ_ONLY: Final = DisplayText("This window is read-only: it looks at everything and changes nothing.")


class Reception(Enum):
    """How a terminal is received: as one of ours, as one that would watch something else, or by making way for it."""

    OWN = "own"
    OTHER_SETTINGS = "other settings"
    MAKE_WAY = "make way"


class Session:
    """One terminal. It is always sent the newest State; what it did not get to read in time is never queued."""

    def __init__(
        self,
        engine: ServedEngine,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        reception: Callable[[str], Reception],
        *,
        metrics: Callable[[str], str],
    ) -> None:
        self._engine = engine
        self._metrics = metrics
        self._reception = reception
        self._reader = reader
        self._writer = writer
        self._changed = engine.listen()
        self._sent: State | None = None
        self._watch: WatchGroup | None = None
        self._operator = ""
        self._read_only = False
        self._sending = asyncio.Lock()
        self._asked: set[asyncio.Task[None]] = set()
        self.wants_stop = False
        self.watches_something_else = False

    async def serve(self) -> None:
        """Talk to the terminal until it leaves."""
        pushing = asyncio.create_task(self._push())
        try:
            await self._listen()
        finally:
            self._engine.windows.left(self)
            self._engine.stop_listening(self._changed)
            pushing.cancel()
            for task in self._asked:
                task.cancel()
            self._writer.close()

    async def _listen(self) -> None:
        while True:
            try:
                line = await self._reader.readline()
                frame = decode_from_terminal(line) if line else None
            except (ConnectionError, ValueError, msgspec.DecodeError):
                return
            if frame is None:
                return
            if isinstance(frame, Attach):
                if frame.protocol != PROTOCOL or not await self._receive(frame):
                    return
            elif self._operator:
                task = asyncio.create_task(self._handle(frame))
                self._asked.add(task)
                task.add_done_callback(self._asked.discard)

    async def _receive(self, attach: Attach) -> bool:
        """Welcome the terminal; False when this engine makes way for one with the terminal's own settings."""
        reception = self._reception(attach.settings)
        if reception is Reception.MAKE_WAY:
            return False
        self.watches_something_else = reception is Reception.OTHER_SETTINGS
        self._operator, self._read_only = attach.operator, attach.read_only
        await self._send(Welcome(PROTOCOL, __version__, os.getpid()))
        self._changed.set()
        if reception is Reception.OTHER_SETTINGS:
            await self._send(Reply(Answer(0, done=False, sentence=OTHER_SETTINGS)))
        problem = await asyncio.to_thread(self._metrics, attach.metrics) if attach.metrics else ""
        if problem:
            await self._send(Reply(Answer(0, done=False, sentence=display_text(problem))))
        return True

    async def _handle(self, request: Request) -> None:
        intent = request.intent
        if isinstance(intent, ShowsNow):
            self._engine.windows.shows(self, intent.in_front)
            return
        if isinstance(intent, StopEngine) and not self._read_only:
            self.wants_stop = True
        if isinstance(intent, WatchGroup):
            self._watch = intent
        if isinstance(intent, LOOKS):
            watched = self._watch.group_id if self._watch else ""
            view = view_of(await self._engine.look(intent, watched))
            if view is not None:
                await self._send(view)
            return
        if self._read_only and not isinstance(intent, HARMLESS):
            await self._send(Reply(Answer(request.number, done=False, sentence=READ_ONLY)))
            return
        answer = await self._engine.ask(intent, self._operator)
        await self._send(Reply(msgspec.structs.replace(answer, request=request.number)))

    async def _push(self) -> None:
        """Send what changed, whenever something did; the plots of the watched group after it."""
        while True:
            await self._changed.wait()
            self._changed.clear()
            if not self._operator:
                continue
            state = self._seen(self._engine.state)
            changed = change(self._sent, state)
            for frame in sliced(changed):
                await self._send(frame)
            self._sent = state
            if self._watch is not None and not tells_presence_alone(changed):
                view = view_of(await self._engine.look(self._watch, self._watch.group_id))
                if view is not None:
                    await self._send(view)

    def _seen(self, state: State) -> State:
        """State as this window may see it: a read-only one is told so."""
        if not self._read_only:
            return state
        return msgspec.structs.replace(state, scope=msgspec.structs.replace(state.scope, read_only=True))

    async def _send(self, frame: FromEngine) -> None:
        async with self._sending:
            try:
                self._writer.write(encode(frame))
                await asyncio.wait_for(self._writer.drain(), LONGEST_STALL_S)
            except (ConnectionError, TimeoutError):
                self._writer.transport.abort()


def view_of(seen: Seen) -> View | Reply | None:
    """The frame that carries what was looked at."""
    match seen:
        case GroupDetail():
            return View(detail=seen)
        case ThresholdPreview():
            return View(preview=seen)
        case JournalPage():
            return View(journal=seen)
        case Story():
            return View(story=seen)
        case ChainReport():
            return View(chain=seen)
        case Answer():
            return Reply(seen)
    return None


def no_metrics(_: str) -> str:
    """What a replay says: it measures nothing."""
    return "A replay serves no metrics."


class Server:
    """Accepts terminals; `on_change` is told how many are attached whenever that changes.

    A terminal with other settings than ours gets its own engine as soon as nobody needs this one; `make_way` ends it.
    `metrics` serves them where a terminal asks for it, and says why when it cannot.
    """

    def __init__(
        self,
        engine: ServedEngine,
        on_change: Callable[[int], None],
        settings: str,
        make_way: Callable[[], None],
        *,
        metrics: Callable[[str], str] = no_metrics,
    ) -> None:
        self._engine = engine
        self._metrics = metrics
        self._on_change = on_change
        self._settings = settings
        self._make_way = make_way
        self._sessions: set[Session] = set()
        self._server: asyncio.Server | None = None

    async def start(self, socket: Path) -> None:
        """Listen on this path, readable by this user only; a socket that a dead engine left is replaced."""
        await asyncio.to_thread(socket.unlink, missing_ok=True)
        self._server = await asyncio.start_unix_server(self._accept, str(socket), limit=LARGEST_FRAME_BYTES)
        await asyncio.to_thread(socket.chmod, 0o600)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        session = Session(self._engine, reader, writer, self._reception, metrics=self._metrics)
        self._sessions.add(session)
        self._on_change(len(self._sessions))
        try:
            with suppress(ConnectionError):
                await session.serve()
        finally:
            self._sessions.discard(session)
            self._on_change(len(self._sessions))
            self._make_way_for_strangers()

    def _make_way_for_strangers(self) -> None:
        """When only terminals with other settings are left, they can have an engine of their own."""
        strangers = [session.watches_something_else for session in self._sessions]
        if strangers and all(strangers) and not self._engine.busy:
            self._make_way()

    def _reception(self, settings: str) -> Reception:
        if settings == self._settings:
            return Reception.OWN
        if self._engine.busy or len(self._sessions) > 1:
            return Reception.OTHER_SETTINGS
        self._make_way()
        return Reception.MAKE_WAY

    @property
    def stop_wanted(self) -> bool:
        """Whether a terminal asked for the engine to end."""
        return any(session.wants_stop for session in self._sessions)

    def close(self) -> None:
        """Accept nobody any more."""
        if self._server is not None:
            self._server.close()
