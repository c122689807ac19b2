"""Carrying: the open operations of this process, each stepped by a task of its own until nothing more is due.

An operation that only an operator can end is still watched, because nodes that come end its doubt; but nobody waits for
it, and a process need not live on for its sake: whoever comes next takes it over.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Final

from nodescaler_tui.act.conductor import Conductor
from nodescaler_tui.engine.waiting import Wait
from nodescaler_tui.events import JournalUnavailable

STORE_RETRY_S: Final = 5.0


class Carrying:
    """Steps operations in worker threads. `stepped` is awaited after each step, with why the journal failed or ""."""

    def __init__(
        self,
        conductor: Conductor,
        clock: Callable[[], datetime],
        wait: Wait,
        stepped: Callable[[str], Awaitable[None]],
    ) -> None:
        self._conductor = conductor
        self._clock = clock
        self._wait = wait
        self._stepped = stepped
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._wakers: dict[str, asyncio.Event] = {}
        self._asking: set[str] = set()
        self._changed = asyncio.Condition()

    @property
    def busy(self) -> bool:
        """Whether an operation goes on here by itself."""
        return any(operation_id not in self._asking for operation_id in self._tasks)

    def carries(self, operation_id: str) -> bool:
        """Whether a task steps this operation."""
        return operation_id in self._tasks

    def begin(self, operation_id: str) -> None:
        """Carry this operation out from now on; one that is carried already is stepped at once."""
        if operation_id in self._tasks:
            self._wakers[operation_id].set()
            return
        self._wakers[operation_id] = asyncio.Event()
        self._tasks[operation_id] = asyncio.create_task(self._carry(operation_id))

    async def _carry(self, operation_id: str) -> None:
        try:
            await self._step_until_settled(operation_id)
        finally:
            del self._tasks[operation_id], self._wakers[operation_id]
            self._asking.discard(operation_id)
            async with self._changed:
                self._changed.notify_all()

    async def _step_until_settled(self, operation_id: str) -> None:
        while True:
            try:
                next_step = await asyncio.to_thread(self._conductor.step, operation_id)
            except JournalUnavailable as error:
                await self._stepped(str(error))
                await self._pause(operation_id, STORE_RETRY_S)
                continue
            await self._stepped("")
            if next_step.at is None:
                return
            await self._asks(operation_id, asks=next_step.asks_operator)
            await self._pause(operation_id, (next_step.at - self._clock()).total_seconds())

    async def _asks(self, operation_id: str, *, asks: bool) -> None:
        (self._asking.add if asks else self._asking.discard)(operation_id)
        async with self._changed:
            self._changed.notify_all()

    async def _pause(self, operation_id: str, seconds: float) -> None:
        """Until then, or until somebody has decided something about this operation."""
        await self._wait(self._wakers[operation_id], seconds)

    async def settled(self, operation_id: str) -> None:
        """Wait until nothing more happens on this operation on its own."""
        async with self._changed:
            await self._changed.wait_for(lambda: operation_id not in self._tasks or operation_id in self._asking)

    def stop(self) -> None:
        """Leave every operation where it is; its next step is in the journal."""
        for task in list(self._tasks.values()):
            task.cancel()
