"""What the history costs: 1,000 groups polled every 10 s for seven simulated days, into a real file.

python -m benchmarks.history            # about twenty minutes
python -m benchmarks.history --days 1   # a quick look
python -m benchmarks.history --write    # and write the table into docs/history.md
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import platform
import random
import sqlite3
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.assessment import Rules
from nodescaler_tui.engine.gates import Caps, Circumstances
from nodescaler_tui.engine.history_desk import HistoryDesk
from nodescaler_tui.engine.kept_history import kept_in_file
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.record.history.figures import Figure, GroupFigures, Poll
from nodescaler_tui.record.history.reader import reading_history
from nodescaler_tui.record.history.schema import BLOCKS
from nodescaler_tui.record.history.tiers import DAY_S, READINGS, ROLLED, Retention, Tier
from nodescaler_tui.record.history.writer import HistoryWriter
from nodescaler_tui.state import Scope

REPORT = Path(__file__).parents[1] / "docs" / "history.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
NOISES = 65_521
SPANS = {"15 minutes": 900.0, "1 hour": 3600.0, "6 hours": 6 * 3600.0, "24 hours": DAY_S, "7 days": 7 * DAY_S}
COLUMNS = 240


@dataclass(frozen=True, slots=True)
class Figures:
    """One row of the table."""

    what: str
    measured: str
    goal: str
    met: bool | None


class Fleet:
    """Groups whose figures wander, each with its own level, day and noise: as hard to compress as a real one."""

    def __init__(self, groups: int, every_s: float, seed: int = 1) -> None:
        chance = random.Random(seed)
        self.every_s = every_s
        self._groups = [
            (f"group-{number:04d}", f"media-{number:04d}", chance.uniform(0.2, 0.8), chance.randint(3, 20))
            for number in range(groups)
        ]
        self._noise = [chance.gauss(0, 1) for _ in range(NOISES)]
        self._walks = [0.0] * groups

    def poll(self, number: int, at_s: float) -> Poll:
        """All groups at one moment: CPU, memory and sessions as edges report them, no queue."""
        noise, walks, day = self._noise, self._walks, 2 * math.pi * at_s / DAY_S
        found = []
        for index, (group_id, name, level, nodes) in enumerate(self._groups):
            start = (number * 7919 + index * 31) % (NOISES - 4)
            walks[index] = 0.97 * walks[index] + 0.01 * noise[start]
            cpu = min(max(level + 0.15 * math.sin(day + index) + walks[index], 0.0), 1.0)
            memory = min(max(0.6 * level + 0.3 * walks[index] + 0.003 * noise[start + 1], 0.0), 1.0)
            worst = min(cpu + abs(0.05 + 0.02 * noise[start + 2]), 1.0)
            sessions = int(nodes * cpu * 120)
            figures = (
                cpu, worst, memory, min(memory + abs(0.02 * noise[start + 3]), 1.0),
                sessions, sessions / nodes, nodes, None, None, None, None,
            )  # fmt: skip
            found.append(GroupFigures(group_id, name, figures))
        return Poll(at_s, tuple(found))

    def polls(self, days: float, ends_s: float) -> Iterator[Poll]:
        """So many days up to a moment."""
        count = int(days * DAY_S / self.every_s)
        for number in range(count):
            yield self.poll(number, ends_s - (count - number) * self.every_s)


def written(path: Path, fleet: Fleet, days: float, ends_s: float) -> list[Figures]:
    """Store everything, and time each poll's transaction, with all that happens in it."""
    writer, times, cpu = HistoryWriter(path, Retention(), lambda: datetime.now(UTC)), list[float](), list[float]()
    for poll in fleet.polls(days, ends_s):
        begun, cpu_begun = time.perf_counter(), time.thread_time()
        writer.add(poll)
        times.append((time.perf_counter() - begun) * 1000)
        cpu.append((time.thread_time() - cpu_begun) * 1000)
    writer.close()
    times.sort()
    cpu.sort()
    p50, p99 = statistics.median(times), times[int(len(times) * 0.99) - 1]
    words = f"p50 {p50:.1f}, p99 {p99:.1f}, most {times[-1]:.0f} ms ({len(times):,} polls)"
    cpu_p50, cpu_p99 = statistics.median(cpu), cpu[int(len(cpu) * 0.99) - 1]
    return [
        Figures("storing one poll, in its worker thread", words, "p50 ≤ 10, p99 ≤ 50 ms", p50 <= 10 and p99 <= 50),
        Figures("its CPU", f"p50 {cpu_p50:.1f}, p99 {cpu_p99:.1f} ms", "p50 ≤ 10 ms", cpu_p50 <= 10),
    ]


def on_disk(path: Path) -> list[Figures]:
    """The file as it is, and as it will be when every tier is full."""
    size = sum(part.stat().st_size for part in path.parent.glob(f"{path.name}*"))
    with sqlite3.connect(path) as connection:
        kept = {tier: _bytes_and_days(connection, tier) for tier in (READINGS, *ROLLED)}
    payload = sum(held for held, _ in kept.values())
    full = sum(held * max(Retention().of(tier) / DAY_S / days, 1.0) for tier, (held, days) in kept.items())
    full_gb = full * size / payload / 1e9
    each = ", ".join(f"{tier.word} {held / days / 1e6:.1f}" for tier, (held, days) in kept.items())
    return [
        Figures("file after the run", f"{size / 1e6:.0f} MB (a day of each tier in MB: {each})", "–", None),
        Figures("file when every tier is full, from that", f"{full_gb:.2f} GB", "≤ 1.5 GB", full_gb <= 1.5),
    ]


def _bytes_and_days(connection: sqlite3.Connection, tier: Tier) -> tuple[int, float]:
    held = connection.execute(f"SELECT sum(length(row)) FROM {tier.table}").fetchone()[0]  # noqa: S608
    if tier is READINGS:
        first, last = connection.execute("SELECT min(at_ms), max(at_ms) FROM poll").fetchone()
        return held, (last - first) / 1000 / DAY_S
    query = f"SELECT min(id) / {BLOCKS}, max(id) / {BLOCKS} + 1 FROM {tier.table}"  # noqa: S608
    first, last = connection.execute(query).fetchone()
    return held, (last - first) * tier.bin_s / DAY_S


def read(path: Path, group_id: str, ends_s: float) -> list[Figures]:
    """One curve of one group, from opening the file to the finished columns; and the five that are drawn."""
    found = []
    for words, span_s in SPANS.items():
        one = _median(9, lambda span_s=span_s: _span(path, group_id, [Figure.CPU], ends_s, span_s))  # type: ignore[misc]
        five = _median(9, lambda span_s=span_s: _span(path, group_id, list(Figure)[:5], ends_s, span_s))  # type: ignore[misc]
        said = f"{one:.1f} ms ({five:.1f} ms for five curves)"
        found.append(Figures(f"reading {words} of one group, {COLUMNS} columns", said, "< 50 ms", one < 50))
    return found


def _span(path: Path, group_id: str, figures: Sequence[Figure], ends_s: float, span_s: float) -> None:
    with reading_history(path) as reader:
        found = reader.span(group_id, figures, ends_s - span_s, ends_s, COLUMNS)
    assert all(found.values())


def _median(times: int, measure: Callable[[], object]) -> float:
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        measure()
        taken.append((time.perf_counter() - begun) * 1000)
    return statistics.median(taken)


def start_up(path: Path, group_id: str, fleet: Fleet, ends_s: float) -> list[Figures]:
    """What a new engine spends on the history: beside its first poll, at the first look, and with its first write."""
    trends = _median(5, lambda: asyncio.run(_desk(path, ends_s).recall_trends()))
    none = _median(5, lambda: asyncio.run(_desk(path.with_name("none.db"), ends_s).recall_trends()))
    look = _median(5, lambda: asyncio.run(_desk(path, ends_s).recall(group_id)))
    writer = HistoryWriter(path, Retention(), lambda: datetime.now(UTC))
    poll, begun = fleet.poll(0, ends_s + fleet.every_s), time.perf_counter()
    writer.add(poll)
    first = (time.perf_counter() - begun) * 1000
    writer.close()
    return [
        Figures(
            "trends of all groups, beside the first poll",
            f"{trends:.0f} ms ({none:.1f} without)",
            "≤ 200 ms",
            trends <= 200,
        ),
        Figures("all curves of a group, at the first look at it", f"{look:.0f} ms", "≤ 250 ms", look <= 250),
        Figures("first write, with the open bins worked out anew", f"{first:.0f} ms", "≤ 2 s", first <= 2000),
    ]


def _desk(path: Path, now_s: float) -> HistoryDesk:
    circumstances = Circumstances(
        receiver=None, receiver_problem="", store_problem="", read_only=True, dry_run=False, caps=Caps(0, 0)
    )
    mind = Mind(
        scope=Scope(),
        rules=Rules(90.0, 300.0),
        book=ThresholdBook({"": ThresholdMatrix()}),
        circumstances=circumstances,
    )

    def clock() -> datetime:
        return datetime.fromtimestamp(now_s, UTC)

    return HistoryDesk(mind, kept_in_file(path, Retention(), clock), poll_every_s=10.0, clock=clock)


def table(figures: Sequence[Figures], groups: int, days: float) -> str:
    """The figures as Markdown."""
    marks = {True: "yes", False: "**no**", None: "–"}
    rows = [f"| {figure.what} | {figure.measured} | {figure.goal} | {marks[figure.met]} |" for figure in figures]
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}"
    load = f"load {os.getloadavg()[0]:.1f} at the end"
    head = f"Measured on {time.strftime('%Y-%m-%d')}: {groups:,} groups, {days:g} simulated days; {machine}, {load}."
    return "\n".join([head, "", "| figure | measured | goal | met |", "| --- | --- | --- | --- |", *rows]) + "\n"


def measure(options: argparse.Namespace) -> list[Figures]:
    """Everything, in the order of the table."""
    ends_s = float(int(time.time() // 900 * 900))
    fleet = Fleet(options.groups, options.every)
    group_id = f"group-{options.groups // 2:04d}"
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "history.db"
        figures = written(path, fleet, options.days, ends_s)
        figures += on_disk(path)
        figures += read(path, group_id, ends_s)
        figures += start_up(path, group_id, fleet, ends_s)
    return figures


def main() -> None:
    """Measure, print, and write the report where that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--groups", type=int, default=1000)
    parser.add_argument("--days", type=float, default=7.0, help="simulated days")
    parser.add_argument("--every", type=float, default=10.0, help="seconds between two polls")
    parser.add_argument("--write", action="store_true", help="write the table into docs/history.md")
    options = parser.parse_args()
    text = table(measure(options), options.groups, options.days)
    print(text)
    if options.write:
        before, _, rest = REPORT.read_text(encoding="utf-8").partition(BEGIN)
        REPORT.write_text(f"{before}{BEGIN}\n{text}{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
