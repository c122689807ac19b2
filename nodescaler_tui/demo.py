"""`nodescaler-tui demo`: the whole program on a simulated Genesys Cloud and provider, on screen or without one."""

from __future__ import annotations

import argparse
import sys

from nodescaler_tui import first_frame
from nodescaler_tui.engine.order import Order, SimulationOrder
from nodescaler_tui.settings import SettingsError, load_settings
from nodescaler_tui.terminal import (
    MISCONFIGURED,
    add_metrics_option,
    add_settings_options,
    demo_settings,
    show,
    sources_from,
)


def main(arguments: list[str]) -> int:
    """Start the demo; with `--headless` carry one scale-up through without a screen and say how it went."""
    options = _parser().parse_args(arguments)
    try:
        settings = demo_settings(load_settings(sources_from(options)))
    except SettingsError as error:
        first_frame.withdraw()
        sys.stderr.write(f"{error}\n")
        return MISCONFIGURED
    order = SimulationOrder(options.scenario, options.seed, options.speed)
    if options.headless:
        from nodescaler_tui.headless.rehearsal import rehearse  # noqa: PLC0415 - the screen needs none of it

        return rehearse(settings, order)
    from nodescaler_tui.show.run import NOT_A_TERMINAL, unusable_terminal  # noqa: PLC0415

    problem = unusable_terminal()
    if problem:
        sys.stderr.write(f"{problem}\n")
        return NOT_A_TERMINAL
    return show(Order(settings, order))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nodescaler-tui demo",
        description="Watch a simulated fleet; within a minute one group turns critical and a plan is proposed.",
    )
    add_settings_options(parser)
    add_metrics_option(parser)
    parser.add_argument("--scenario", default="surge", help="see `nodescaler-tui simulate --help`")
    parser.add_argument("--seed", type=int, default=1, help="makes a run repeatable")
    parser.add_argument("--speed", type=float, default=1.0, help="how many times faster time passes")
    parser.add_argument("--headless", action="store_true", help="carry one scale-up through without a screen")
    return parser
