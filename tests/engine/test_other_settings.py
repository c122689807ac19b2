"""A terminal never quietly shows an engine that watches something else than its own settings say."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import aclosing
from pathlib import Path

import pytest

from nodescaler_tui.engine.attached import AttachedEngine
from nodescaler_tui.engine.order import Order
from nodescaler_tui.settings import Settings, load_settings
from nodescaler_tui.settings.loading import Sources
from nodescaler_tui.settings.places import make_private
from nodescaler_tui.simulator.simulation import Simulation, running_simulation
from nodescaler_tui.state import LinkStatus, State
from nodescaler_tui.views import Answer


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    with running_simulation("calm") as running:
        yield running


def settings(simulation: Simulation, tmp_path: Path, region: str) -> Settings:
    environment = {
        "GENESYS_ENV": region,
        "GENESYS_GATEWAY": simulation.addresses.gateway,
        "GENESYS_CLIENT_ID": simulation.addresses.client_id,
        "GENESYS_CLIENT_SECRET": simulation.addresses.client_secret,
        "NODESCALER_STATE_DIR": str(tmp_path / "state"),
        "NODESCALER_CONFIG_DIR": str(tmp_path / "config"),
        "NODESCALER_RUNTIME_DIR": str(tmp_path / "run"),
    }
    loaded = load_settings(Sources(environment=environment))
    make_private(loaded.paths.state_dir)
    return loaded


async def first_region(settings: Settings, *, awaits_word: bool = False) -> tuple[str, list[str]]:
    """The region of the first State with readings, and what was said unasked before it."""
    engine, told = AttachedEngine(Order(settings), operator="anna@laptop", terminal=""), list[str]()
    async with aclosing(engine.updates()) as updates:
        async for update in updates:
            if isinstance(update, Answer):
                told.append(str(update.sentence))
            if isinstance(update, State) and update.link.status is LinkStatus.OK and (told or not awaits_word):
                return str(update.scope.region), told
    raise AssertionError("the updates ended")


def test_an_engine_that_nobody_needs_makes_way_for_one_with_the_new_settings(
    simulation: Simulation, tmp_path: Path
) -> None:
    async def one_after_the_other() -> str:
        await first_region(settings(simulation, tmp_path, "mypurecloud.ie"))
        engine = AttachedEngine(
            Order(settings(simulation, tmp_path, "mypurecloud.de")), operator="anna@laptop", terminal=""
        )
        async with aclosing(engine.updates()) as updates:
            async for update in updates:
                if isinstance(update, State) and update.scope.region == "mypurecloud.de":
                    return update.link.status
        raise AssertionError("the updates ended")

    assert asyncio.run(asyncio.wait_for(one_after_the_other(), 40))


def test_an_engine_that_others_watch_stays_and_the_window_says_so(simulation: Simulation, tmp_path: Path) -> None:
    async def beside_each_other() -> tuple[str, list[str]]:
        order, ready = Order(settings(simulation, tmp_path, "mypurecloud.ie")), asyncio.Event()

        async def watch() -> None:
            async for update in AttachedEngine(order, operator="anna@laptop", terminal="").updates():
                if isinstance(update, State) and update.link.status is LinkStatus.OK:
                    ready.set()

        first = asyncio.create_task(watch())
        try:
            await ready.wait()
            return await first_region(settings(simulation, tmp_path, "mypurecloud.de"), awaits_word=True)
        finally:
            first.cancel()

    region, told = asyncio.run(asyncio.wait_for(beside_each_other(), 40))
    assert region == "mypurecloud.ie"
    assert ["other settings" in sentence for sentence in told] == [True]
