"""`python -m benchmarks.reliability [part]`: run the proof, or one part of it, and print its table."""

from __future__ import annotations

import argparse
import sys

from benchmarks.reliability.defects import DEFECTS, RARE_DEFECTS
from benchmarks.reliability.schedule import play
from benchmarks.reliability.simulation import caught, simulated

QUICK = 20_000
LONG = 1_000_000


def main() -> int:
    """0 when every promise held and every defect was noticed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability")
    parts = parser.add_subparsers(dest="part", required=True)
    simulate = parts.add_parser("simulate", help="the production code in a simulated world")
    simulate.add_argument("--schedules", type=int, default=QUICK, help=f"default {QUICK}; {LONG} is the long run")
    simulate.add_argument("--first", type=int, default=0, help="the first seed")
    simulate.add_argument("--workers", type=int, default=2)
    parts.add_parser("defects", help="seeded defects, and how soon each is noticed")
    replay = parts.add_parser("replay", help="one schedule with its trace")
    replay.add_argument("seed", type=int)
    replay.add_argument("--defect", choices=sorted({**DEFECTS, **RARE_DEFECTS}))
    options = parser.parse_args()
    match options.part:
        case "simulate":
            return _simulate(options.first, options.schedules, options.workers)
        case "defects":
            return _defects()
        case _:
            return _replay(options.seed, options.defect)


def _simulate(first: int, schedules: int, workers: int) -> int:
    totals = simulated(first, schedules, workers)
    rate = totals.schedules / totals.seconds
    print("| schedules | steps | kills | approved | deliveries | effects | violations | schedules/s |")
    print("| --- " * 8 + "|")
    print(
        f"| {totals.schedules:,} | {totals.steps:,} | {totals.kills:,} | {totals.operations:,} | {totals.deliveries:,} "
        f"| {totals.effects:,} | {len(totals.violations)} | {rate:.0f} |"
    )
    for seed, problems in totals.violations[:20]:
        print(f"seed {seed}: {'; '.join(problems)}")
    return 1 if totals.violations else 0


def _defects() -> int:
    print("| defect | schedules until noticed | by |\n| --- | --- | --- |")
    found = [caught(name) for name in DEFECTS]
    for each in found:
        print(f"| {each.defect} | {each.schedules or 'not noticed'} | {each.problem} |")
    return 0 if all(each.schedules for each in found) else 1


def _replay(seed: int, defect: str | None) -> int:
    if defect is None:
        outcome = play(seed, tracing=True)
    else:
        with {**DEFECTS, **RARE_DEFECTS}[defect]():
            outcome = play(seed, tracing=True)
    print("\n".join(outcome.trace))
    print("\n".join(outcome.problems) or "every promise held")
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
