"""The engine without the socket between: for a terminal that lives in the same process for one picture."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

import msgspec

from nodescaler_tui.engine.client import Update
from nodescaler_tui.engine.judging import LOOKS
from nodescaler_tui.engine.server import ServedEngine
from nodescaler_tui.intents import Intent, WatchGroup

OPERATOR: Final = "jane@laptop"


class EngineInProcess:
    """One terminal's way to an engine, with everything that was asked answered in its order."""

    def __init__(self, engine: ServedEngine) -> None:
        self._engine = engine
        self._changed = engine.listen()
        self._answers: asyncio.Queue[Update] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._in_order = asyncio.Lock()
        self._watch: WatchGroup | None = None
        self._requests = 0

    @property
    def idle(self) -> bool:
        """Whether everything that was asked is answered, and every answer was taken."""
        return not self._tasks and self._answers.empty() and not self._changed.is_set()

    def send(self, intent: Intent) -> int:
        """Ask; the answer comes among the updates."""
        self._requests += 1
        if isinstance(intent, WatchGroup):
            self._watch = intent
        task = asyncio.create_task(self._handle(intent, self._requests))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return self._requests

    async def _handle(self, intent: Intent, number: int) -> None:
        async with self._in_order:
            if isinstance(intent, LOOKS):
                seen = await self._engine.look(intent, self._watch.group_id if self._watch else "")
                if seen is not None:
                    await self._answers.put(seen)
            else:
                answer = await self._engine.ask(intent, OPERATOR)
                await self._answers.put(msgspec.structs.replace(answer, request=number))

    async def updates(self) -> AsyncIterator[Update]:
        """State whenever it changes, with the watched group's detail after it, and the answers in between."""
        forwarding = asyncio.create_task(self._forward())
        try:
            while True:
                yield await self._answers.get()
        finally:
            forwarding.cancel()
            self._engine.stop_listening(self._changed)

    async def _forward(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._answers.put(self._engine.state)
            if self._watch is not None:
                await self._handle(self._watch, 0)
