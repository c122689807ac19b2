"""The stage: simulator and engine on one stepped clock, and a camera before them."""

from __future__ import annotations

import asyncio
import dataclasses
import tempfile
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

from nodescaler_tui.clock import Clock
from nodescaler_tui.engine.assembly import assemble
from nodescaler_tui.engine.core import Engine
from nodescaler_tui.engine.demo_past import DemoPast
from nodescaler_tui.engine.simulation import settings_for
from nodescaler_tui.engine.world import World
from nodescaler_tui.settings import Settings, Sources, load_settings
from nodescaler_tui.settings.places import make_private
from nodescaler_tui.simulator.addresses import described
from nodescaler_tui.simulator.clock import Clock as SimulatedClock
from nodescaler_tui.simulator.simulation import Simulation
from nodescaler_tui.state import State
from nodescaler_tui.terminal import demo_settings
from screenshots.camera import Camera
from screenshots.clock import ENDS, SteppedClock
from screenshots.looks import MAIN, Look
from screenshots.provider import SHOWN_URL, forwarding_to
from screenshots.quiet import CountingLoop
from screenshots.terminal import terminal

SEED: Final = 7
POLL_EVERY_S: Final = 10.0
LONGEST_S: Final = 600.0
LOOKS_AFTER_S: Final = 3.0
HOLDER: Final = "4711-5ca1ab1e"


class NeverCame(Exception):  # noqa: N818 - it says what happened
    """What a story waits for did not come to pass."""


@dataclasses.dataclass(frozen=True, slots=True)
class Stage:
    """What a story plays on."""

    simulation: Simulation
    engine: Engine
    clock: SteppedClock
    camera: Camera
    folder: Path
    loop: CountingLoop

    def group_id(self, name: str) -> str:
        """The simulator's id of a group."""
        return next(group.id for group in self.simulation.fleet.groups.values() if group.name == name)

    async def let_pass(self, seconds: float, *, step_s: float = POLL_EVERY_S) -> None:
        """Let time pass, with a poll after each step."""
        end = self.clock.now() + timedelta(seconds=seconds)
        while self.clock.now() < end:
            self.clock.advance(min(step_s, (end - self.clock.now()).total_seconds()))
            self.simulation.catch_up()
            await self.loop.quiet()
            await self.engine.poll()
            await self.loop.quiet()

    async def look_up(self) -> None:
        """A person looks at the screen some seconds after the last poll."""
        self.clock.advance(LOOKS_AFTER_S)
        self.simulation.catch_up()
        await self.loop.quiet()

    async def until(self, holds: Callable[[State], bool], *, step_s: float = 2.0) -> None:
        """Let time pass until State is like this. Raises NeverCame."""
        since = self.clock.now()
        while not holds(self.engine.state):
            if self.clock.now() - since > timedelta(seconds=LONGEST_S):
                raise NeverCame(holds.__name__)
            await self.let_pass(step_s, step_s=step_s)

    async def do(self, *keys: str) -> None:
        """Press these keys in a terminal that nobody takes a picture of."""
        async with terminal(self.engine, MAIN, self.clock.now) as window:
            await window.press(*keys)

    async def take(self, name: str, *keys: str, looks: Iterable[Look]) -> None:
        """Take a picture in each of these looks."""
        await self.camera.take(self.engine, self.clock.now, name, keys, looks)


def settings_in(folder: Path) -> Settings:
    """The demo's settings at the pace of a real engine, with everything in a folder that is thrown away."""
    environment = {f"NODESCALER_{name}_DIR": str(folder) for name in ("STATE", "CONFIG", "RUNTIME")}
    settings = demo_settings(load_settings(Sources(environment=environment)))
    return dataclasses.replace(settings, observe=dataclasses.replace(settings.observe, poll_every_s=POLL_EVERY_S))


@asynccontextmanager
async def stage(
    camera: Camera, *, before_s: float, repeats: str = "deduplicates", scenario: str = "calm", past: bool = False
) -> AsyncIterator[Stage]:
    """A fleet, so many seconds before the night's end, and a receiver that treats repeats like this.

    With a past the engine knows what the fleet measured before.
    """
    clock, loop = SteppedClock(ENDS - timedelta(seconds=before_s)), asyncio.get_running_loop()
    assert isinstance(loop, CountingLoop)  # noqa: S101 - the stories run in no other
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_private(folder / "demo")
        time = SimulatedClock(clock.now, clock.monotonic)
        async with Simulation(scenario, seed=SEED, clock=time) as simulation:
            settings = settings_for(settings_in(folder), described(simulation.addresses))
            receiver = dataclasses.replace(settings.receiver, url=SHOWN_URL, repeats=repeats)
            sender = forwarding_to(simulation.addresses.webhook)
            world = World(Clock(clock.now, clock.monotonic), clock.wait, sender, lambda: HOLDER)
            told = DemoPast(simulation.addresses.control) if past else None
            engine = assemble(dataclasses.replace(settings, receiver=receiver), world, told)
            await engine.resume()
            await engine.poll()
            await engine.bring_past()
            try:
                yield Stage(simulation, engine, clock, camera, folder, loop)
            finally:
                await engine.close()
