"""Idle: to know, and not to guess by how little the process works, that an app has done all that it was asked.

Textual's own guess takes an app for idle that a busy machine does not let work, and sleeps for 20 ms whenever it looks.
"""

from __future__ import annotations

import asyncio
from collections import deque
from typing import Final

from screenshots.quiet import CountingLoop

TURNS: Final = 3
SOON_S: Final = 0.02
"""Textual lays out and paints what has changed within a sixtieth of a second."""
MOST_WAITS: Final = 50
"""A timer that always rings again soon, as that of an animation does, is waited for no longer than for a second."""


class IdleLoop(CountingLoop):
    """Knows when nothing is ready to run, no thread works, and no timer rings soon."""

    _ready: deque[asyncio.Handle]
    _scheduled: list[asyncio.TimerHandle]

    async def idle(self) -> None:
        """Wait for that."""
        for _ in range(MOST_WAITS):
            await self._nothing_ready()
            soon = self._rings_soon()
            if soon is None:
                return
            await asyncio.sleep(soon)

    async def _nothing_ready(self) -> None:
        turns = 0
        while turns < TURNS:
            await self.quiet()
            turns = 0 if self._ready else turns + 1

    def _rings_soon(self) -> float | None:
        """In how many seconds a timer rings."""
        left = [timer.when() - self.time() for timer in self._scheduled if not timer.cancelled()]
        return max(min(left), 0.0) if left and min(left) <= SOON_S else None


async def wait_for_idle(_least_s: float = 0.0, _most_s: float = 1.0) -> None:
    """In the place of Textual's."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, IdleLoop)
    await loop.idle()
