"""A read-only window beside one that may act: it sees the same, and the engine refuses whatever it asks to change."""

from __future__ import annotations

import asyncio
import dataclasses
from contextlib import aclosing
from pathlib import Path

from nodescaler_tui.engine.attached import AttachedEngine
from nodescaler_tui.engine.order import Order
from nodescaler_tui.intents import Acknowledge, PauseGroup
from nodescaler_tui.settings import Settings, load_settings
from nodescaler_tui.settings.loading import Sources
from nodescaler_tui.settings.places import make_private
from nodescaler_tui.simulator.simulation import Simulation, running_simulation
from nodescaler_tui.state import LinkStatus, State
from nodescaler_tui.views import Answer


def settings(simulation: Simulation, folder: Path, *, read_only: bool) -> Settings:
    environment = {
        "GENESYS_GATEWAY": simulation.addresses.gateway,
        "GENESYS_CLIENT_ID": simulation.addresses.client_id,
        "GENESYS_CLIENT_SECRET": simulation.addresses.client_secret,
        **{f"NODESCALER_{name}_DIR": str(folder / name.lower()) for name in ("STATE", "CONFIG", "RUNTIME")},
    }
    loaded = load_settings(Sources(environment=environment))
    make_private(loaded.paths.state_dir)
    return dataclasses.replace(loaded, engine=dataclasses.replace(loaded.engine, read_only=read_only))


async def asked(settings: Settings) -> tuple[bool, Answer]:
    """Whether the window is told that it is read-only, and the answer to a pause."""
    engine, shown = AttachedEngine(Order(settings), operator="anna@laptop", terminal=""), False
    async with aclosing(engine.updates()) as updates:
        async for update in updates:
            if isinstance(update, Answer):
                return shown, update
            if isinstance(update, State) and update.link.status is LinkStatus.OK:
                shown = update.scope.read_only
                engine.send(PauseGroup(update.groups[0].id, 5, "looking"))
                engine.send(Acknowledge(update.groups[0].id))
    raise AssertionError("the updates ended")


def test_the_same_engine_obeys_one_window_and_refuses_the_other(tmp_path: Path) -> None:
    async def both(simulation: Simulation) -> tuple[tuple[bool, Answer], tuple[bool, Answer]]:
        looking, acting = (settings(simulation, tmp_path, read_only=flag) for flag in (True, False))
        return await asyncio.wait_for(asked(looking), 40), await asyncio.wait_for(asked(acting), 40)

    with running_simulation("calm") as simulation:
        (read_only, refused), (acts, done) = asyncio.run(both(simulation))
    assert read_only
    assert not refused.done
    assert "read-only" in refused.sentence
    assert not acts
    assert done.done
