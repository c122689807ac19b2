"""`nodescaler-tui simulate`: run a simulation until it is told to stop, and print where it is."""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import sys

from nodescaler_tui.simulator.scenarios import SCENARIOS
from nodescaler_tui.simulator.simulation import Simulation, described


def main(arguments: list[str]) -> int:
    """Print one JSON line with the addresses, then serve until SIGTERM or SIGINT."""
    options = _parser().parse_args(arguments)
    return asyncio.run(_serve(options))


def _parser() -> argparse.ArgumentParser:
    stories = "\n".join(f"  {scenario.name:14} {scenario.story}" for scenario in SCENARIOS.values())
    parser = argparse.ArgumentParser(
        prog="nodescaler-tui simulate",
        description="A simulated Genesys Cloud and provider on loopback.",
        epilog=f"scenarios:\n{stories}\n\nFaults are switched on with POST to the control address, path /faults.",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--scenario", choices=list(SCENARIOS), default="surge", metavar="NAME")
    parser.add_argument("--seed", type=int, default=1, help="makes a run repeatable")
    parser.add_argument("--speed", type=float, default=1.0, help="how many times faster time passes")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--exit-with-parent", action="store_true", help="stop when standard input is closed")
    return parser


async def _serve(options: argparse.Namespace) -> int:
    stop, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    if options.exit_with_parent:
        loop.add_reader(sys.stdin.fileno(), lambda: stop.set() if not os.read(sys.stdin.fileno(), 1) else None)
    async with Simulation(options.scenario, seed=options.seed, speed=options.speed, port=options.port) as simulation:
        sys.stdout.write(json.dumps(described(simulation.addresses)) + "\n")
        sys.stdout.flush()
        await stop.wait()
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
