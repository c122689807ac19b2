"""A demo on a clock that is moved by hand: the real simulation, engine and file, and minutes that pass in a second."""

from __future__ import annotations

import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from nodescaler_tui.clock import Clock
from nodescaler_tui.engine.assembly import assemble
from nodescaler_tui.engine.core import Engine
from nodescaler_tui.engine.demo_past import DemoPast
from nodescaler_tui.engine.history_desk import HistoryDesk
from nodescaler_tui.engine.simulation import settings_for
from nodescaler_tui.engine.world import World
from nodescaler_tui.settings import load_settings
from nodescaler_tui.settings.places import make_private
from nodescaler_tui.simulator.addresses import described
from nodescaler_tui.simulator.clock import Clock as SimulatedClock
from nodescaler_tui.simulator.simulation import Simulation
from nodescaler_tui.terminal import demo_settings

BEGINS = datetime(2026, 3, 2, 12, 3, 20, tzinfo=UTC)
"""In the middle of a bar of five minutes, as any beginning is."""

HOUR = timedelta(hours=1)


class Hands:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.moment = now

    def now(self) -> datetime:
        return self.moment

    def monotonic(self) -> float:
        return (self.moment - BEGINS + HOUR).total_seconds()

    def pass_by(self, seconds: float) -> None:
        self.moment += timedelta(seconds=seconds)


@dataclasses.dataclass(frozen=True, slots=True)
class Night:
    """What runs."""

    hands: Hands
    simulation: Simulation
    engine: Engine
    desk: HistoryDesk
    history: Path

    async def let_pass(self, seconds: float, step_s: float = 10.0) -> None:
        """Let time pass, with a poll after each step."""
        until = self.hands.now() + timedelta(seconds=seconds)
        while self.hands.now() < until:
            self.hands.pass_by(min(step_s, (until - self.hands.now()).total_seconds()))
            self.simulation.catch_up()
            await self.engine.poll()


@asynccontextmanager
async def night(seed: int = 1, begins: datetime = BEGINS) -> AsyncIterator[Night]:
    """The demo, polled once; its past is not brought yet."""
    hands = Hands(begins)
    async with Simulation("surge", seed=seed, clock=SimulatedClock(hands.now, hands.monotonic)) as simulation:
        settings = settings_for(demo_settings(load_settings()), described(simulation.addresses))
        make_private(settings.paths.state_dir)
        world = World(Clock(hands.now, hands.monotonic))
        engine = assemble(settings, world, DemoPast(simulation.addresses.control))
        desk = engine._parts.history
        try:
            hands.pass_by(2)
            simulation.catch_up()
            await engine.poll()
            yield Night(hands, simulation, engine, desk, settings.paths.history.with_name("demo-history.db"))
        finally:
            await engine.close()
