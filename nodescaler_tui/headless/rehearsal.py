"""`nodescaler-tui demo --headless`: one scale-up on the simulation without a screen, from breach to audit record."""

from __future__ import annotations

import asyncio
import sys
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from nodescaler_tui.engine.assembly import assemble
from nodescaler_tui.engine.core import Engine
from nodescaler_tui.engine.order import SimulationOrder
from nodescaler_tui.engine.simulation import settings_for, simulation
from nodescaler_tui.headless.iteration import ExitCode, Iteration, Result, Word, chosen
from nodescaler_tui.headless.once import expected_typing
from nodescaler_tui.headless.report import group_lines, operation_lines, plan_lines
from nodescaler_tui.settings import Settings
from nodescaler_tui.settings.places import make_private
from nodescaler_tui.state import GroupState

REASON: Final = "rehearsal on the simulation"
BREACH_WITHIN_S: Final = 120.0


def rehearse(settings: Settings, order: SimulationOrder) -> int:
    """Wait for a breach, approve what is proposed, wait until it is verified; 0 when it was. It keeps no history."""
    make_private(settings.paths.state_dir)
    settings = replace(settings, history=replace(settings.history, keep=False))
    with simulation(order) as addresses:
        return asyncio.run(_rehearse(settings_for(settings, addresses)))


async def _rehearse(settings: Settings) -> int:
    engine = await asyncio.to_thread(assemble, settings)
    try:
        await _breach(engine)
        result = await Iteration(engine, "", ask=_approve, operator="rehearsal").run()
    finally:
        await engine.close()
    return _told(result)


async def _breach(engine: Engine) -> None:
    """Poll until something is proposed."""
    sys.stdout.write("Watching the simulated fleet until a group turns critical…\n")
    sys.stdout.flush()
    polling = asyncio.create_task(engine.run())
    changed = engine.listen()
    try:
        async with asyncio.timeout(BREACH_WITHIN_S):
            while chosen(engine.state, "") is None:
                await changed.wait()
                changed.clear()
    finally:
        engine.stop_listening(changed)
        polling.cancel()


def _approve(group: GroupState) -> Word:
    if group.plan is None:
        return Word(approves=False)
    sys.stdout.write(group_lines(group, datetime.now(UTC)) + plan_lines(group, group.plan))
    sys.stdout.flush()
    return Word(approves=True, typed=expected_typing(group, group.plan), reason=REASON)


def _told(result: Result) -> int:
    if result.operation is None:
        sys.stdout.write("Nothing was carried out.\n")
        return int(ExitCode.FAILED)
    sys.stdout.write(operation_lines(result.operation))
    return int(result.code)
