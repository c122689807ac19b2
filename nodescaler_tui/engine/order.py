"""The order: what a new engine is told through its standard input; secrets belong in no argument."""

from __future__ import annotations

import msgspec

from nodescaler_tui.settings import Settings


class SimulationOrder(msgspec.Struct, frozen=True):
    """Run a simulation beside the engine, and watch that instead of Genesys Cloud."""

    scenario: str = "surge"
    seed: int = 1
    speed: float = 1.0


class Order(msgspec.Struct, frozen=True):
    """Everything that an engine process needs to know."""

    settings: Settings
    simulation: SimulationOrder | None = None


def encode(order: Order) -> bytes:
    """The order as bytes; secrets included, so it goes through a pipe and nowhere else."""
    return msgspec.json.encode(order, enc_hook=str)


def decode(data: bytes) -> Order:
    """Raises msgspec.DecodeError when this is no order."""
    return msgspec.json.decode(data, type=Order, dec_hook=lambda kind, value: kind(value))
