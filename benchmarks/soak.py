"""What time does to an engine: seven simulated days of `big` through its own parts, and a start with such a week.

python -m benchmarks.soak                # a week, a poll every five simulated minutes: one to two hours
python -m benchmarks.soak --minutes 30   # as many days as that allows; the table says how many
python -m benchmarks.soak --groups 200   # the same of fewer groups, in a fifth of the time
python -m benchmarks.soak --write        # and write the table into docs/performance.md

The polls are made here and not asked for over HTTP, because a real week of them would take a week; what an engine does
with a poll from then on is done in full: it decides, stores, forecasts and makes the State of 1,000 groups. The start
with a week of history is measured over HTTP, on the terminal.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import platform
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil

from benchmarks.history import Fleet
from benchmarks.performance import Figure, dashboard, simulated
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.assessment import Rules
from nodescaler_tui.engine.forecast_desk import ForecastDesk
from nodescaler_tui.engine.gates import Caps, Circumstances
from nodescaler_tui.engine.history_desk import HistoryDesk
from nodescaler_tui.engine.kept_history import kept_in_file
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.picture import Pace
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.facts import (
    GroupKind,
    GroupReading,
    Lifecycle,
    NodeReading,
    Observation,
    Reading,
    RequestBudget,
    WorstNode,
)
from nodescaler_tui.record.history.figures import Figure as Measured
from nodescaler_tui.record.history.figures import GroupFigures
from nodescaler_tui.record.history.tiers import Retention
from nodescaler_tui.record.history.writer import HistoryWriter
from nodescaler_tui.state import Scope

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- soaked: begin -->", "<!-- soaked: end -->"
GROUPS, NODES = 1000, 10
DAY_S = 86_400.0
ENDS_S = 1_790_000_100.0
LOOKS_A_DAY = 4


@dataclass(frozen=True, slots=True)
class Look:
    """How large the engine's process and its files are after so many simulated days."""

    day: float
    rss_mb: float
    disk_mb: float


class Soaked:
    """An engine's own parts on a clock that the polls move on."""

    def __init__(self, folder: Path, poll_every_s: float) -> None:
        self.now = datetime.fromtimestamp(0, UTC)
        self.path = folder / "history.db"
        self.poll_every_s = poll_every_s
        circumstances = Circumstances(None, "", "", read_only=True, dry_run=False, caps=Caps(0, 0))
        self.mind = Mind(
            scope=Scope(),
            rules=Rules(90.0, 300.0),
            book=ThresholdBook({"": ThresholdMatrix()}),
            circumstances=circumstances,
        )
        kept = kept_in_file(self.path, Retention(), lambda: self.now)
        self.history = HistoryDesk(self.mind, kept, poll_every_s=poll_every_s, clock=lambda: self.now)
        self.forecast = ForecastDesk(
            self.mind, kept.stored, kept.memory, poll_every_s=poll_every_s, budget_a_day=1.0, clock=lambda: self.now
        )

    async def poll(self, observation: Observation) -> None:
        """What the engine does after each poll."""
        self.now = observation.taken_at
        self.mind.observe(observation)
        pace = Pace(self.poll_every_s, None)
        state = self.mind.state(self.now, pace)
        await self.history.observed(observation, state)
        if await self.forecast.observed(observation, state):
            self.mind.state(self.now, pace)

    def look(self, day: float) -> Look:
        """How large it is now."""
        disk = sum(part.stat().st_size for part in self.path.parent.iterdir() if part.is_file())
        return Look(day, psutil.Process().memory_info().rss / 1e6, disk / 1e6)

    def close(self) -> None:
        """Let go of the files."""
        self.forecast.close()
        self.history.close()


def observations(fleet: Fleet, days: float) -> Iterator[Observation]:
    """A poll of every group with ten nodes each, up to the end of the week."""
    for poll in fleet.polls(days, ENDS_S):
        at = datetime.fromtimestamp(poll.at_s, UTC)
        groups = tuple(_reading(group, at) for group in poll.groups)
        budget = RequestBudget(300, 60_000, limit_is_live=False)
        yield Observation(at, 300, inventory_read=True, groups=groups, problems=(), budget=budget)


def _reading(group: GroupFigures, at: datetime) -> GroupReading:
    def measured(figure: Measured) -> Reading:
        return Reading(group.figures[figure], "edge metrics", at)

    cpu, memory, sessions = measured(Measured.CPU), measured(Measured.MEMORY), measured(Measured.SESSIONS)
    nodes = tuple(
        NodeReading(
            f"{group.id}-{number}",
            f"{group.name}-{number:02d}",
            group.id,
            Lifecycle.IN_SERVICE,
            cpu,
            memory,
            Reading(1, "edge metrics", at),
            Reading(3.0, "edge metrics", at),
        )
        for number in range(NODES)
    )
    return GroupReading(
        id=group.id,
        name=group.name,
        site="site",
        kind=GroupKind.EDGE,
        managed=False,
        current_nodes=Reading(int(group.figures[Measured.NODES] or 0), "edges", at),
        cpu=cpu,
        memory=memory,
        sessions=sessions,
        cpu_worst=WorstNode(group.figures[Measured.CPU_WORST] or 0.0, nodes[0].name),
        memory_worst=WorstNode(group.figures[Measured.MEMORY_WORST] or 0.0, nodes[0].name),
        fresh_nodes=NODES,
        nodes=nodes,
    )


async def soak(folder: Path, options: argparse.Namespace) -> tuple[list[Look], list[float]]:
    """So many simulated days; how large it was on the way, and how long each poll took in milliseconds."""
    poll_every_s, ends = options.every, time.monotonic() + 60 * options.minutes
    soaked, looks, took = Soaked(folder, poll_every_s), list[Look](), list[float]()
    every = int(DAY_S / LOOKS_A_DAY / poll_every_s)
    for number, observation in enumerate(observations(Fleet(options.groups, poll_every_s), options.days), start=1):
        begun = time.perf_counter()
        await soaked.poll(observation)
        took.append((time.perf_counter() - begun) * 1000)
        if number % every == 0:
            looks.append(soaked.look(number * poll_every_s / DAY_S))
            found = looks[-1]
            print(f"day {found.day:.2f}: {found.rss_mb:.0f} MB, {found.disk_mb:.0f} MB on disk", flush=True)
            if time.monotonic() > ends:
                break
    soaked.close()
    return looks, took


def soaked_figures(looks: list[Look], took: list[float]) -> list[Figure]:
    """Memory is flat when the last day adds less than a twentieth; the first day fills what is kept of a day."""
    last = looks[-1]
    before = next((look for look in reversed(looks) if look.day <= last.day - 1), looks[0])
    grown = last.rss_mb / before.rss_mb - 1
    days = [look for look in looks if look.day == int(look.day)]
    memory = ", ".join(f"{look.rss_mb:.0f}" for look in days)
    disk = ", ".join(f"{look.disk_mb:.0f}" for look in days)
    took = sorted(took)
    p99 = took[int(len(took) * 0.99) - 1]
    return [
        Figure("the engine's memory after each simulated day", f"{memory} MB", "flat: < 5 % on the last", grown < 0.05),
        Figure("its files after each simulated day", f"{disk} MB", "bounded by the limits of docs/history.md", None),
        Figure(
            "one poll: decided, stored, forecast, shown",
            f"p50 {statistics.median(took):.0f}, p99 {p99:.0f}, most {took[-1]:.0f} ms ({len(took):,} polls)",
            "–",
            None,
        ),
    ]


def start(folder: Path, history: Path | None) -> tuple[float, float]:
    """The first start of an engine on `big`: milliseconds until its first rows, and the terminal's CPU until then."""
    with simulated("big", folder, 10.0) as environment:
        if history is not None:
            state = Path(environment["NODESCALER_STATE_DIR"])
            state.mkdir(mode=0o700, parents=True)
            shutil.copy(history, state / "history.db")
        with dashboard(environment) as program:
            shown_ms = program.until("media-", 60)
            return shown_ms, program.cpu_ms()


def starts(times: int) -> list[Figure]:
    """The same start with a week of another fleet's history and with none, in turns."""
    taken: dict[bool, list[float]] = {True: [], False: []}
    with tempfile.TemporaryDirectory() as name:
        week = Path(name) / "history.db"
        writer = HistoryWriter(week, Retention(), lambda: datetime.now(UTC))
        for poll in Fleet(GROUPS, 300.0).polls(7, time.time()):
            writer.add(poll)
        writer.close()
        for number in range(2 * times):
            with_week = number % 2 == 0
            with tempfile.TemporaryDirectory() as folder:
                taken[with_week].append(start(Path(folder), week if with_week else None)[0])
    with_it, without = statistics.median(taken[True]), statistics.median(taken[False])
    words = f"{with_it:.0f} ms with a week of history, {without:.0f} ms with none (medians of {times})"
    return [Figure("start on `big` until its rows are shown", words, "as fast", with_it <= 1.1 * without)]


def table(figures: list[Figure], days: float, options: argparse.Namespace) -> str:
    """The figures as Markdown."""
    marks = {True: "yes", False: "**no**", None: "–"}
    rows = [f"| {figure.what} | {figure.measured} | {figure.goal} | {marks[figure.met]} |" for figure in figures]
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    head = (
        f"Measured on {time.strftime('%Y-%m-%d')}, {machine}, load {os.getloadavg()[0]:.1f} at the end:"
        f" {days:g} days of {options.groups:,} groups, a poll every {options.every:g} simulated seconds."
    )
    return "\n".join([head, "", "| figure | measured | goal | met |", "| --- | --- | --- | --- |", *rows]) + "\n"


def main() -> None:
    """Measure, print, and write the report where that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--days", type=float, default=7.0, help="simulated days")
    parser.add_argument("--groups", type=int, default=GROUPS, help="how many node groups, with ten nodes each")
    parser.add_argument("--every", type=float, default=300.0, help="simulated seconds between two polls")
    parser.add_argument("--minutes", type=float, default=600.0, help="stop after so many real minutes")
    parser.add_argument("--starts", type=int, default=5, help="how often each start is measured")
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        looks, took = asyncio.run(soak(Path(name), options))
    text = table(soaked_figures(looks, took) + starts(options.starts), looks[-1].day, options)
    print(text)
    if options.write:
        before, _, rest = REPORT.read_text(encoding="utf-8").partition(BEGIN)
        REPORT.write_text(f"{before}{BEGIN}\n{text}{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
