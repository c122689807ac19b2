"""The order: what a new engine is told through its standard input; secrets belong in no argument."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import datetime

import msgspec

from nodescaler_tui.settings import Settings
from nodescaler_tui.settings.model import MetricsSettings, ShowSettings


class SimulationOrder(msgspec.Struct, frozen=True):
    """Run a simulation beside the engine, and watch that instead of Genesys Cloud."""

    scenario: str = "surge"
    seed: int = 1
    speed: float = 1.0


class ReplayOrder(msgspec.Struct, frozen=True):
    """Show a recording: its file, and between which moments of it."""

    file: str
    begins: datetime | None = None
    ends: datetime | None = None


class Order(msgspec.Struct, frozen=True):
    """Everything that an engine process needs to know."""

    settings: Settings
    simulation: SimulationOrder | None = None
    replay: ReplayOrder | None = None


def encode(order: Order) -> bytes:
    """The order as bytes; secrets included, so it goes through a pipe and nowhere else."""
    return msgspec.json.encode(order, enc_hook=str)


def fingerprint(order: Order) -> str:
    """What tells engines apart that would watch or send to something else.

    How a terminal looks, and where it wants metrics, is no part of it.
    """
    settings = replace(order.settings, show=ShowSettings(theme=""), metrics=MetricsSettings(), origins=())
    return hashlib.sha256(encode(Order(settings, order.simulation, order.replay))).hexdigest()


def for_every_window(order: Order) -> Order:
    """The engine's part of it: that a window only looks is its own affair, and told to the engine when it attaches."""
    engine = replace(order.settings.engine, read_only=False)
    return Order(replace(order.settings, engine=engine), order.simulation, order.replay)


def decode(data: bytes) -> Order:
    """Raises msgspec.DecodeError when this is no order."""
    return msgspec.json.decode(data, type=Order, dec_hook=lambda kind, value: kind(value))
