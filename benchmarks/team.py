"""The proof that a team's shared store keeps its promises: real engines, a real PostgreSQL, and all that can go wrong.

python -m benchmarks.team                                                     # about 45 minutes, on two cores
python -m benchmarks.team --minutes 1 --races 100 --instances 2 --groups 50   # a small one
python -m benchmarks.team --write                                             # and write the table into docs/team.md

It stops by itself, and leaves nothing behind however it ends. Exit code 1 when a promise was broken.
"""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import Final

from benchmarks.team_proof.chaos import Chaos, Plan
from benchmarks.team_proof.cuts import broken_off
from benchmarks.team_proof.instances import PEOPLE, World
from benchmarks.team_proof.network import network
from benchmarks.team_proof.processes import keeper
from benchmarks.team_proof.races import Races
from benchmarks.team_proof.server import proof_server
from benchmarks.team_proof.table import Row, rows_of_chaos, rows_of_cuts, rows_of_races, table

REPORT: Final = Path(__file__).parents[1] / "docs" / "team.md"
BEGIN, END = "<!-- proof: begin -->", "<!-- proof: end -->"
OPERATOR: Final = "nodescaler_operator"
FEW_GROUPS: Final = 10
"""For the races and the cuts, which need the receivers only."""


def prove(options: argparse.Namespace) -> tuple[list[Row], str]:
    """Everything, in the order of the table, and the server's version."""
    people = dict.fromkeys(PEOPLE, OPERATOR)
    rows: list[Row] = []
    with keeper() as keeping, proof_server(keeping, people) as server:
        world = World(keeping, FEW_GROUPS, options.seed)
        recognises = world.receivers["deduplicates"]
        if options.races:
            races = Races(keeping, server, recognises, world.notebook)
            rows += told(rows_of_races(races.run(options.races, options.seed)))
        with network(server.server.socket) as between:
            if options.cuts:
                rows += told(rows_of_cuts(broken_off(server, between, recognises, world.notebook, 0)))
            world.close()
            if options.minutes:
                world = World(keeping, options.groups, options.seed)
                plan = Plan(options.minutes, options.instances, options.poll, options.breach, options.seed)
                survived = Chaos(keeping, server, between, world, plan).run()
                rows += told(rows_of_chaos(survived, plan, server_has_a_clock=server.clock.is_there))
                world.close()
        return rows, server.version()


def told(rows: list[Row]) -> list[Row]:
    """The same rows, once they were printed."""
    for row in rows:
        print(row, flush=True)
        for problem in row.problems:
            print(f"  {problem}", flush=True)
    return rows


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--minutes", type=float, default=20.0, help="of trouble; 0 for none")
    parser.add_argument("--races", type=int, default=10_000, help="plans that are raced for; 0 for none")
    parser.add_argument("--cuts", action=argparse.BooleanOptionalAction, default=True, help="cut at each message")
    parser.add_argument("--instances", type=int, default=8, help=f"engines, 2 to {len(PEOPLE)}")
    parser.add_argument("--groups", type=int, default=1000, help="node groups; fewer take less memory and time")
    parser.add_argument("--poll", type=float, default=10.0, help="seconds between two polls")
    parser.add_argument("--breach", type=float, default=3.0, help="about how often a group turns critical, in seconds")
    parser.add_argument("--seed", type=int, default=1, help="decides who suffers what")
    parser.add_argument("--write", action="store_true", help="write the table into docs/team.md")
    options = parser.parse_args()
    if not 2 <= options.instances <= len(PEOPLE):
        parser.error(f"--instances must be 2 to {len(PEOPLE)}")
    return options


def main() -> int:
    """Prove, print, and write the report where that is wanted; 1 when a promise was broken."""
    options = _options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    load = os.getloadavg()[0]
    rows, server = prove(options)
    text = table(rows, options, load, server)
    print(f"\n{text}")
    if options.write:
        before, _, rest = REPORT.read_text(encoding="utf-8").partition(BEGIN)
        REPORT.write_text(f"{before}{BEGIN}\n{text}{END}{rest.partition(END)[2]}", encoding="utf-8")
    return 1 if any(row.problems for row in rows) else 0


if __name__ == "__main__":
    sys.exit(main())
