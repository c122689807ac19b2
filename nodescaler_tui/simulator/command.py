"""`nodescaler-tui simulate`: run a simulation until it is told to stop, and print where it is."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Callable
from typing import Final

from nodescaler_tui.simulator.addresses import described
from nodescaler_tui.simulator.scenarios import SCENARIOS
from nodescaler_tui.simulator.simulation import Simulation

CANNOT_LISTEN: Final = 1


def main(arguments: list[str]) -> int:
    """Print one JSON line with the addresses, then serve until SIGTERM or SIGINT; 1 when the port is taken."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        simulation = Simulation(
            options.scenario, seed=options.seed, speed=options.speed, port=options.port, start=options.start
        )
    except ValueError as problem:
        parser.error(str(problem))
    try:
        return asyncio.run(_serve(simulation, exit_with_parent=options.exit_with_parent))
    except OSError as problem:
        sys.stderr.write(f"Cannot listen on port {options.port}: {problem.strerror}.\n")
        return CANNOT_LISTEN


def _parser() -> argparse.ArgumentParser:
    stories = "\n".join(f"  {scenario.name:14} {scenario.story}" for scenario in SCENARIOS.values())
    parser = argparse.ArgumentParser(
        prog="nodescaler-tui simulate",
        description="A simulated Genesys Cloud and provider on loopback.",
        epilog=f"scenarios:\n{stories}\n\nFaults are listed by GET, switched on by POST and off by DELETE at the "
        "control address, path /faults. GET /past tells what the fleet measured before it began, as Prometheus would.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--scenario", choices=list(SCENARIOS), default="surge", metavar="NAME")
    parser.add_argument("--seed", type=int, default=1, help="makes a run repeatable")
    parser.add_argument("--speed", type=float, default=1.0, help="how many times faster time passes")
    parser.add_argument("--start", type=float, default=0.0, help="the share of the day that is over: 0.25 is its peak")
    parser.add_argument("--port", type=int, default=0, help="of the Genesys side; 0 takes a free one")
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when standard input is closed")
    return parser


async def _serve(simulation: Simulation, *, exit_with_parent: bool) -> int:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    async with simulation:
        if exit_with_parent:
            _watch_standard_input(lambda: loop.call_soon_threadsafe(stop.set))
        sys.stdout.write(json.dumps(described(simulation.addresses)) + "\n")
        sys.stdout.flush()
        await stop.wait()
    return 0


def _watch_standard_input(closed: Callable[[], object]) -> None:
    """Say when it is closed. In a thread, because not everything that it may be can be polled."""

    def watch() -> None:
        while os.read(sys.stdin.fileno(), 4096):
            pass
        closed()

    threading.Thread(target=watch, daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
