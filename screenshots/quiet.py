"""Quiet: to know, and not to guess, that everything that was begun has come to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor
from typing import Final, TypeVar, TypeVarTuple, Unpack

Result = TypeVar("Result")
Arguments = TypeVarTuple("Arguments")

TURNS: Final = 25
"""So many turns of the loop without new work: more than lie between the end of one step and the begin of its next."""
GLANCE_S: Final = 0.002


class CountingLoop(asyncio.SelectorEventLoop):
    """An event loop that counts the work it has given to threads."""

    def __init__(self) -> None:
        super().__init__()
        self.begun = 0
        self.ended = 0

    def run_in_executor(
        self,
        executor: Executor | None,
        func: Callable[[Unpack[Arguments]], Result],
        *args: *Arguments,
    ) -> asyncio.Future[Result]:
        """As any loop does. The end counts in the turn in which the loop itself learns of it."""
        self.begun += 1
        future = super().run_in_executor(executor, func, *args)
        future.add_done_callback(self._count_end)
        return future

    def _count_end(self, _: asyncio.Future[Result]) -> None:
        self.ended += 1

    async def quiet(self) -> None:
        """Wait until no thread works, and nobody gives one work for many turns."""
        turns = 0
        while turns < TURNS:
            begun = self.begun
            await asyncio.sleep(0 if self.begun == self.ended else GLANCE_S)
            turns = turns + 1 if begun == self.begun == self.ended else 0
