"""One whole iteration without a screen, the tutorial's `run_scaling_iteration`: watch, decide, plan, scale, verify."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum

from nodescaler_tui.engine.core import Engine
from nodescaler_tui.events import OperationPhase
from nodescaler_tui.intents import ApprovePlan
from nodescaler_tui.state import GroupState, LinkStatus, OperationState, State
from nodescaler_tui.views import Answer


class ExitCode(IntEnum):
    """What `once` came to; documented in the README and in `--help`."""

    DONE = 0
    CONFIGURATION = 2
    NOT_APPROVED = 3
    IN_DOUBT = 4
    FAILED = 5
    UNREACHABLE = 6


@dataclass(frozen=True, slots=True)
class Word:
    """An operator's word on a plan, given on the terminal or on the command line."""

    approves: bool
    typed: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Result:
    """What one iteration saw and did."""

    code: ExitCode
    state: State
    group: GroupState | None
    answer: Answer | None = None
    operation: OperationState | None = None


class Iteration:
    """Runs one engine for as long as one iteration takes."""

    def __init__(self, engine: Engine, group: str, *, ask: Callable[[GroupState], Word], operator: str) -> None:
        self._engine = engine
        self._wanted = group
        self._ask = ask
        self._operator = operator

    async def run(self) -> Result:
        """Poll once, and carry a proposal through if the operator approves it."""
        await self._engine.resume()
        await self._engine.poll()
        state = self._engine.state
        if state.link.status is LinkStatus.LOST:
            return Result(ExitCode.UNREACHABLE, state, None)
        group = chosen(state, self._wanted)
        if group is None or group.plan is None:
            named_but_unknown = bool(self._wanted) and group is None
            return Result(ExitCode.CONFIGURATION if named_but_unknown else ExitCode.DONE, state, group)
        word = await asyncio.to_thread(self._ask, group)
        if not word.approves:
            return Result(ExitCode.NOT_APPROVED, state, group)
        intent = ApprovePlan(group.id, group.plan.hash, word.typed, word.reason)
        answer = await self._engine.ask(intent, self._operator)
        if not answer.done or not answer.operation_id:  # a first approval sends nothing
            return Result(ExitCode.NOT_APPROVED, self._engine.state, group, answer)
        return await self._followed(group, answer)

    async def _followed(self, group: GroupState, answer: Answer) -> Result:
        """Keep polling while the operation is carried out, because its verification needs readings."""
        polling = asyncio.create_task(self._engine.run())
        try:
            await self._engine.settled(answer.operation_id)
        finally:
            polling.cancel()
        operation = self._engine.state.operation(answer.operation_id)
        return Result(_code(operation), self._engine.state, group, answer, operation)


def chosen(state: State, wanted: str) -> GroupState | None:
    """The group that was named by id or name; else the first with a proposal, for a breach before ahead of one."""
    if wanted:
        return next((group for group in state.groups if wanted in {group.id, str(group.name)}), None)
    proposed = [(group.plan.on_forecast, place) for place, group in enumerate(state.groups) if group.plan is not None]
    return state.groups[min(proposed)[1]] if proposed else None


def _code(operation: OperationState | None) -> ExitCode:
    phase = operation.phase if operation is not None else OperationPhase.INCONCLUSIVE
    if phase is OperationPhase.VERIFIED:
        return ExitCode.DONE
    in_doubt = {OperationPhase.INCONCLUSIVE, OperationPhase.IN_DOUBT}
    return ExitCode.IN_DOUBT if phase in in_doubt else ExitCode.FAILED
