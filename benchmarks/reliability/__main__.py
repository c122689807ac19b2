"""`python -m benchmarks.reliability [part]`: run the proof, or one part of it, and print its table."""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from benchmarks.reliability import parts
from benchmarks.reliability.defects import DEFECTS
from benchmarks.reliability.parts import HEADER, Row
from benchmarks.reliability.schedule import play
from benchmarks.reliability.simulation import caught

REPORT: Final = Path(__file__).parents[2] / "docs" / "reliability.md"
BEGIN, END = "<!-- measured -->\n", "<!-- end of what was measured -->\n"
ALL: Final = 1_000_000


def main() -> int:
    """0 when every promise held and every defect was noticed."""
    options = _options()
    if options.part == "replay":
        return _replay(options.seed, options.defect)
    if options.part == "defects":
        return _defects()
    rows = _told(run() for run in _runs(options))
    if options.part == "all":
        _write(rows)
    return 1 if any(row.problems for row in rows) else 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.reliability")
    chosen = parser.add_subparsers(dest="part", required=True)
    everything = chosen.add_parser("all", help="every part, quick; writes docs/reliability.md")
    simulate = chosen.add_parser("simulate", help="the production code in a simulated world")
    everything.add_argument("--power-cuts", type=int, default=100_000, help="states that a power cut could have left")
    for each in (everything, simulate):
        each.add_argument("--schedules", type=int, default=20_000, help="1000000 is the long run")
        each.add_argument("--first", type=int, default=0, help="the first seed")
        each.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    kills = chosen.add_parser("kills", help="a real child, killed or stopped at random times")
    kills.add_argument("--count", type=int, default=1500)
    kills.add_argument("--first", type=int, default=0, help="the first seed")
    calls = chosen.add_parser("system-calls", help="a real child, killed at every writing system call; needs strace")
    calls.add_argument("--most", type=int, default=ALL, help="at most so many of each kind of call")
    race = chosen.add_parser("race", help="two instances approve the same plan")
    race.add_argument("--plans", type=int, default=10_000)
    chosen.add_parser("faults", help="faults of receiver and network")
    chosen.add_parser("defects", help="seeded defects, and how soon each is noticed")
    replay = chosen.add_parser("replay", help="one schedule with its trace")
    replay.add_argument("seed", type=int)
    replay.add_argument("--defect", choices=sorted(DEFECTS))
    return parser.parse_args()


def _runs(options: argparse.Namespace) -> list[Callable[[], Row]]:
    match options.part:
        case "simulate":
            return [lambda: parts.simulation(options.first, options.schedules, options.workers)]
        case "kills":
            return [lambda: parts.random_kills(options.first, options.count)]
        case "system-calls":
            return [lambda: parts.kills_at_system_calls(options.most)]
        case "race":
            return [lambda: parts.race(options.plans)]
        case "faults":
            return [parts.faults]
    return [
        lambda: parts.simulation(options.first, options.schedules, options.workers),
        parts.defects,
        lambda: parts.kills_at_system_calls(ALL),
        lambda: parts.random_kills(options.first, 1500),
        lambda: parts.power_cuts(options.power_cuts),
        lambda: parts.race(10_000),
        parts.faults,
    ]


def _told(rows: Iterable[Row]) -> list[Row]:
    print(HEADER, flush=True)
    kept: list[Row] = []
    for row in rows:
        print(row, flush=True)
        for problem in row.problems[:20]:
            print(f"  {problem}", flush=True)
        kept.append(row)
    return kept


def _write(rows: list[Row]) -> None:
    """Put the table between its marks in docs/reliability.md."""
    before, _, rest = REPORT.read_text(encoding="utf-8").partition(BEGIN)
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {datetime.now(UTC):%Y-%m-%d}"
    table = "\n".join([HEADER, *map(str, rows)])
    after = rest.partition(END)[2]
    REPORT.write_text(f"{before}{BEGIN}{table}\n\nMeasured on {machine}.\n{END}{after}", encoding="utf-8")


def _defects() -> int:
    print("| defect | schedules until noticed | by |\n| --- | ---: | --- |", flush=True)
    noticed = True
    for name in DEFECTS:
        each = caught(name)
        noticed = noticed and each.schedules is not None
        print(f"| {each.defect} | {each.schedules or 'not noticed'} | {each.problem} |", flush=True)
    return 0 if noticed else 1


def _replay(seed: int, defect: str | None) -> int:
    if defect is None:
        outcome = play(seed, tracing=True)
    else:
        with DEFECTS[defect]():
            outcome = play(seed, tracing=True)
    print("\n".join(outcome.trace))
    print("\n".join(outcome.problems) or "every promise held")
    return 1 if outcome.problems else 0


if __name__ == "__main__":
    sys.exit(main())
