"""The engine from a terminal's side: attach to the one that serves this store, or start it, and keep trying.

Nothing here blocks the terminal: starting a process and reading frames happen beside its event loop.
"""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import threading
from collections.abc import AsyncGenerator
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec

from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine import order as orders
from nodescaler_tui.engine.client import EngineAway, Update
from nodescaler_tui.engine.delta import applied, together
from nodescaler_tui.engine.frames import (
    LARGEST_FRAME_BYTES,
    PROTOCOL,
    Attach,
    Reply,
    Request,
    StateChange,
    View,
    Welcome,
    WholeState,
    decode_from_engine,
    encode,
)
from nodescaler_tui.engine.order import Order
from nodescaler_tui.intents import Intent, ShowsNow
from nodescaler_tui.state import State

FIRST_RETRY_S: Final = 0.1
LONGEST_RETRY_S: Final = 10.0
READY_WITHIN_S: Final = 15.0
SECRET_VARIABLES: Final = (
    "GENESYS_CLIENT_ID",
    "GENESYS_CLIENT_SECRET",
    "EXTERNAL_SCALER_WEBHOOK",
    "EXTERNAL_SCALER_TOKEN",
)


class AttachedEngine:
    """Implements the Engine that the screens are given. The newest State is kept, and sent on as it changes."""

    def __init__(self, order: Order, *, operator: str, terminal: str) -> None:
        self._order = orders.for_every_window(order)
        read_only = order.settings.engine.read_only
        fingerprint, metrics = orders.fingerprint(self._order), order.settings.metrics.listen
        self._attach = Attach(PROTOCOL, operator, terminal, fingerprint, read_only, metrics)
        self._writer: asyncio.StreamWriter | None = None
        self._state = State.EMPTY
        self._awaiting: list[StateChange] = []
        self._shows: ShowsNow | None = None
        self._requests = 0

    def send(self, intent: Intent) -> int:
        """Ask without waiting. While no engine is attached, nothing is sent; the screen says so anyway.

        What the window shows is said anew to every engine.
        """
        self._requests += 1
        if isinstance(intent, ShowsNow):
            self._shows = intent
        if self._writer is not None and not self._writer.is_closing():
            self._writer.write(encode(Request(self._requests, intent)))
        return self._requests

    async def updates(self) -> AsyncGenerator[Update, None]:
        """Everything the engine says; while it is away, why, and when it is tried again."""
        delay_s, started_at, met = FIRST_RETRY_S, None, False
        while True:
            try:
                async for update in self._conversation():
                    delay_s, met = FIRST_RETRY_S, True
                    yield update
                why = "The engine ended the connection."
            except (OSError, msgspec.DecodeError, ValueError) as error:
                why = f"The engine does not answer ({type(error).__name__})."
            now = datetime.now(UTC)
            if started_at is None or (now - started_at).total_seconds() > READY_WITHIN_S:
                await asyncio.to_thread(start_engine, self._order)
                started_at, delay_s = now, FIRST_RETRY_S
            elif delay_s > 1:
                sentence = f"{why} It is being restarted." if met else "The engine is starting."
                yield EngineAway(display_text(sentence), now + timedelta(seconds=delay_s))
            await asyncio.sleep(delay_s)
            delay_s = min(delay_s * 1.5, LONGEST_RETRY_S)

    async def _conversation(self) -> AsyncGenerator[Update, None]:
        path = str(self._order.settings.paths.socket)
        reader, writer = await asyncio.open_unix_connection(path, limit=LARGEST_FRAME_BYTES)
        self._writer, self._awaiting = writer, []
        try:
            writer.write(encode(self._attach))
            if self._shows is not None:
                writer.write(encode(Request(0, self._shows)))
            while line := await reader.readline():
                update = self._understood(line)
                if update is not None:
                    yield update
                else:
                    await asyncio.sleep(0)
        finally:
            self._writer = None
            writer.close()

    def _understood(self, line: bytes) -> Update | None:
        frame = decode_from_engine(line)
        match frame:
            case WholeState():
                self._state = frame.state
                return self._state
            case StateChange(more=True):
                self._awaiting.append(frame)
                return None
            case StateChange():
                self._state = applied(self._state, together(self._awaiting, frame))
                self._awaiting = []
                return self._state
            case View():
                return frame.detail or frame.preview or frame.journal or frame.story or frame.chain
            case Reply():
                return frame.answer
            case Welcome():
                return None


def start_engine(order: Order) -> None:
    """Start an engine for this store in a session of its own; one that finds the store served already ends at once."""
    environment = {name: value for name, value in os.environ.items() if name not in SECRET_VARIABLES}
    process = subprocess.Popen(
        [sys.executable, "-m", "nodescaler_tui.engine.process"],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
        env=environment,
    )
    assert process.stdin is not None  # noqa: S101 - it was asked for above
    with process.stdin as pipe:
        pipe.write(orders.encode(order))
    threading.Thread(target=process.wait, name="engine-reaper", daemon=True).start()
