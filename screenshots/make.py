"""Make the pictures in this folder: drive the real dashboard on a seeded simulation, and keep a picture of each screen.

    .venv/bin/python screenshots/make.py

The story takes about half a minute; times of day differ from run to run, everything else follows from the seed.
"""

from __future__ import annotations

import asyncio
import dataclasses
import sys
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from textual.pilot import Pilot

from nodescaler_tui.engine.assembly import assemble
from nodescaler_tui.engine.client import Update
from nodescaler_tui.engine.core import LOOKS, Engine
from nodescaler_tui.engine.simulation import settings_for
from nodescaler_tui.intents import Intent, WatchGroup
from nodescaler_tui.settings import Settings, Sources, load_settings
from nodescaler_tui.settings.places import make_private
from nodescaler_tui.show.app import NodescalerApp
from nodescaler_tui.show.preferences import Preferences
from nodescaler_tui.show.themes import load_themes
from nodescaler_tui.simulator.addresses import described
from nodescaler_tui.simulator.simulation import Simulation
from nodescaler_tui.state import OperationPhase, Severity, State
from nodescaler_tui.terminal import demo_settings

FOLDER = Path(__file__).parent
OPERATOR = "jane@laptop"
SPEED = 2.0
SEED = 7


class EngineInProcess:
    """The real engine without the socket between, for a program that shows it once and ends."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._changed = engine.listen()
        self._answers: asyncio.Queue[Update] = asyncio.Queue()
        self._tasks: set[asyncio.Task[None]] = set()
        self._watch: WatchGroup | None = None
        self._requests = 0

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

    async def _forward(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            await self._answers.put(self._engine.state)
            if self._watch is not None:
                await self._handle(self._watch, 0)


def settings_in(folder: Path) -> Settings:
    """The demo's settings, with everything in a folder that is thrown away."""
    environment = {f"NODESCALER_{name}_DIR": str(folder) for name in ("STATE", "CONFIG", "RUNTIME")}
    settings = demo_settings(load_settings(Sources(environment=environment)))
    return dataclasses.replace(settings, observe=dataclasses.replace(settings.observe, poll_every_s=0.5))


async def until(engine: Engine, holds: Callable[[State], bool]) -> None:
    """Wait until State is like this."""
    changed = engine.listen()
    async with asyncio.timeout(90):
        while not holds(engine.state):
            await changed.wait()
            changed.clear()
    engine.stop_listening(changed)


def critical(state: State) -> bool:
    """Whether a group with a plan is critical."""
    return any(group.severity is Severity.CRITICAL and group.plan is not None for group in state.groups)


def in_doubt(state: State) -> bool:
    """Whether nobody knows what became of the scale-up."""
    return any(operation.phase is OperationPhase.IN_DOUBT for operation in state.operations)


def verified(state: State) -> bool:
    """Whether the scale-up is done."""
    return any(operation.phase is OperationPhase.VERIFIED for operation in state.operations)


class Camera:
    """Takes pictures of one app."""

    def __init__(self, app: NodescalerApp, pilot: Pilot[str], suffix: str) -> None:
        self._app = app
        self._pilot = pilot
        self._suffix = suffix

    async def take(self, name: str, *keys: str) -> None:
        """Press these keys, let everything settle, and keep the picture."""
        for key in keys:
            await self._pilot.press(key)
        await self._pilot.pause(1.2)
        path = FOLDER / f"{name}{self._suffix}.svg"
        path.write_text(self._app.export_screenshot(title="nodescaler-tui"), encoding="utf-8")
        sys.stdout.write(f"{path.name}\n")


@dataclasses.dataclass(frozen=True)
class Look:
    """How big and in which colours, and what is added to the pictures' names."""

    size: tuple[int, int]
    theme: str
    suffix: str


LOOKS_TAKEN = (Look((120, 36), "dark", ""), Look((80, 24), "dark", "-80x24"), Look((120, 36), "light", "-light"))


@asynccontextmanager
async def dashboard(engine: Engine, look: Look) -> AsyncIterator[tuple[Camera, Pilot[str]]]:
    """The real app on this engine, with a camera before it."""
    app = NodescalerApp(
        EngineInProcess(engine),
        initial=State.EMPTY,
        operator=OPERATOR,
        themes=load_themes(None),
        preferences=Preferences(theme=look.theme),
        clock=lambda: datetime.now(UTC),
    )
    async with app.run_test(size=look.size) as pilot:
        yield Camera(app, pilot, look.suffix), pilot


async def story(engine: Engine, look: Look) -> None:
    """Breach, plan, approval, operation, and the other screens, each with its picture."""
    async with dashboard(engine, look) as (camera, pilot):
        await until(engine, critical)
        await pilot.pause(1.5)
        await camera.take("dashboard", "g")
        await camera.take("help", "question_mark")
        await camera.take("group", "escape", "enter")
        await camera.take("thresholds", "escape", "t")
        await camera.take("plan", "escape", "a")
        await camera.take("operation", "y")
        await until(engine, verified)
        await camera.take("verified")
        await camera.take("journal", "escape", "l", "enter")


async def doubtful_story(engine: Engine, look: Look) -> None:
    """An attempt whose outcome nobody knows, a question about it, a pause, and the glass that is broken for it."""
    async with dashboard(engine, look) as (camera, pilot):
        await until(engine, critical)
        await pilot.pause(1.5)
        await camera.take("pause", "g", "p", *"30", "tab", *"provider")
        await pilot.press("enter")
        await pilot.pause(0.5)
        await camera.take("break-glass", "R", "a")
        await pilot.press(*"media-eu-prod-01", "tab", *"calls drop", "enter")
        await until(engine, in_doubt)
        await camera.take("doubt")
        await camera.take("send-again", "s")


async def played(
    look: Look, script: Callable[[Engine, Look], Awaitable[None]], repeats: str, fault: Mapping[str, object] | None
) -> None:
    """One story on a simulation of its own."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        make_private(folder / "demo")
        async with Simulation("surge", seed=SEED, speed=SPEED) as simulation:
            if fault is not None:
                simulation.faults.switch_on(fault)
            settings = settings_for(settings_in(folder), described(simulation.addresses))
            receiver = dataclasses.replace(settings.receiver, repeats=repeats)
            engine = await asyncio.to_thread(assemble, dataclasses.replace(settings, receiver=receiver))
            polling = asyncio.create_task(engine.run())
            try:
                await script(engine, look)
            finally:
                polling.cancel()
                await engine.close()


async def main() -> None:
    """Both stories in each size and theme."""
    for look in LOOKS_TAKEN:
        await played(look, story, "deduplicates", None)
        await played(look, doubtful_story, "fires", {"fault": "fail-5xx", "status": 500, "count": 1})


if __name__ == "__main__":
    asyncio.run(main())
