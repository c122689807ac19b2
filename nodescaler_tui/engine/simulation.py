"""The simulation beside an engine: a process of its own that ends when the engine does, however the engine ends."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

from nodescaler_tui.engine.order import SimulationOrder
from nodescaler_tui.settings import Settings
from nodescaler_tui.settings.model import ReceiverSettings, StoreSettings

END_WITHIN_S = 5.0


@contextmanager
def simulation(order: SimulationOrder) -> Iterator[dict[str, Any]]:
    """Start one, and give its addresses. It watches its standard input and ends when that closes."""
    command = [sys.executable, "-m", "nodescaler_tui.simulator.command", "--exit-with-parent"]
    command += ["--scenario", order.scenario, "--seed", str(order.seed), "--speed", str(order.speed)]
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own module
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    try:
        assert process.stdout is not None  # noqa: S101 - it was asked for above
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(END_WITHIN_S)


def settings_for(settings: Settings, addresses: dict[str, Any]) -> Settings:
    """The same settings, pointed at a simulation; its provider recognises repeats by our key, and gets no secret.

    What is only played goes into no team's store.
    """
    return replace(
        settings,
        genesys=replace(
            settings.genesys,
            gateway=addresses["gateway"],
            client_id=addresses["client_id"],
            client_secret=addresses["client_secret"],
            status_page=addresses["status_page"],
        ),
        receiver=ReceiverSettings(
            name="simulated provider",
            url=addresses["webhook"],
            token="",
            repeats="deduplicates",
            timeout_s=settings.receiver.timeout_s,
        ),
        store=StoreSettings(),
        demo=True,
    )
