"""A killed engine takes nothing along: the next process shows the trends and the curves of the one before."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import psutil

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine.attached import AttachedEngine
from nodescaler_tui.engine.order import Order
from nodescaler_tui.intents import WatchGroup
from nodescaler_tui.record.history.contents import contents
from nodescaler_tui.settings import Settings
from nodescaler_tui.simulator.simulation import running_simulation
from nodescaler_tui.state import LinkStatus, State
from nodescaler_tui.views import GroupDetail, PlotSize
from tests.engine.test_other_settings import settings

POLLS = 4


async def watched(loaded: Settings, enough: Callable[[State, GroupDetail], bool]) -> None:
    """Attach, look at the first group at every State, and stay until there was enough to see."""
    engine, asked, state = AttachedEngine(Order(loaded), operator="anna@laptop", terminal=""), False, State.EMPTY
    async with aclosing(engine.updates()) as updates:
        async for update in updates:
            if isinstance(update, State):
                state = update
                if state.link.status is LinkStatus.OK and not asked:
                    asked = True
                    engine.send(WatchGroup(state.groups[0].id, 900, (PlotSize(SignalName.CPU, 60, 12),)))
            elif isinstance(update, GroupDetail) and enough(state, update):
                return
    raise AssertionError("the updates ended")


def kill_the_engine() -> None:
    engines = [child for child in psutil.Process().children() if "nodescaler_tui.engine.process" in child.cmdline()]
    for engine in engines:
        engine.kill()
    psutil.wait_procs(engines, 10)
    assert len(engines) == 1


def test_the_next_engine_shows_what_a_killed_one_measured(tmp_path: Path) -> None:
    with running_simulation("calm") as simulation:
        loaded = settings(simulation, tmp_path, "mypurecloud.ie")
        loaded = replace(loaded, observe=replace(loaded.observe, poll_every_s=1.0, budget_share=1.0))
        polled: set[object] = set()

        def measured_often(state: State, _: GroupDetail) -> bool:
            polled.add(state.link.polled_at)
            return len(polled) > POLLS

        asyncio.run(asyncio.wait_for(watched(loaded, measured_often), 60))
        kill_the_engine()
        rows = contents(loaded.paths.history).tiers[0].rows
        assert rows >= POLLS - 1
        first: list[tuple[State, GroupDetail]] = []

        def seen(state: State, detail: GroupDetail) -> bool:
            first.append((state, detail))
            return True

        asyncio.run(asyncio.wait_for(watched(loaded, seen), 60))
        kill_the_engine()
    state, detail = first[0]
    cpu = state.groups[0].signal(SignalName.CPU)
    assert cpu is not None
    assert len([value for value in cpu.trend if value is not None]) >= POLLS - 1
    assert len([value for value in detail.plots[0].means if value is not None]) >= 2
