"""What the dashboard costs: from outside, on a terminal of its own, beside the smallest Textual app in the same run.

python -m benchmarks.performance            # about four minutes
python -m benchmarks.performance --soak 3600  # an hour of `big` for the memory
python -m benchmarks.performance --write    # and write the table into docs/performance.md
"""

from __future__ import annotations

import argparse
import json
import math
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil

from benchmarks.on_terminal import OnTerminal
from benchmarks.plots import cpu_for_each_plot

ROOT = Path(__file__).parents[1]
REPORT = ROOT / "docs" / "performance.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
SIZE = (120, 36)
CURSOR = "▸"
OTHERS = {"posting": "Collection", "harlequin": "Data Catalog", "dolphie": "Dolphie", "tl": "Tail"}


@dataclass(frozen=True, slots=True)
class Figure:
    """One row of the table."""

    what: str
    measured: str
    goal: str
    met: bool | None


@contextmanager
def simulated(scenario: str, folder: Path, poll_every_s: float) -> Iterator[dict[str, str]]:
    """A simulation over HTTP, and the environment that points the dashboard at it with a store of its own."""
    command = [sys.executable, "-m", "nodescaler_tui.simulator.command", "--exit-with-parent", "--scenario", scenario]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    addresses = json.loads(process.stdout.readline())
    try:
        yield {
            "GENESYS_GATEWAY": addresses["gateway"],
            "GENESYS_CLIENT_ID": addresses["client_id"],
            "GENESYS_CLIENT_SECRET": addresses["client_secret"],
            "EXTERNAL_SCALER_WEBHOOK": addresses["webhook"],
            "NODESCALER_POLL_EVERY": f"{poll_every_s:g}",
            "PYTHONPATH": str(ROOT),
            **{f"NODESCALER_{name}_DIR": str(folder / name.lower()) for name in ("STATE", "CONFIG", "RUNTIME")},
        }
    finally:
        process.terminate()
        process.wait(10)


def dashboard(environment: dict[str, str]) -> OnTerminal:
    """The dashboard as its console command starts it."""
    return OnTerminal([shutil.which("nodescaler-tui") or _beside_python("nodescaler-tui")], environment, SIZE)


def _beside_python(name: str) -> str:
    return str(Path(sys.executable).with_name(name))


def median_of(times: int, measure: Callable[[], float]) -> float:
    """The median of so many measurements."""
    return statistics.median(measure() for _ in range(times))


def first_frame(environment: dict[str, str]) -> Figure:
    """From exec to the last stored State on screen, beside a bare `python -c print`."""

    def bare() -> float:
        with OnTerminal([sys.executable, "-c", "print('ready')"], environment, SIZE) as program:
            return program.until("ready")

    def ours() -> float:
        with dashboard(environment) as program:
            return program.until("ago · starting…")

    bare_ms, ours_ms = median_of(15, bare), median_of(15, ours)
    ratio = ours_ms / bare_ms
    words = f"{ours_ms:.1f} ms, {ratio:.2f} × bare Python ({bare_ms:.1f} ms)"
    return Figure("first useful frame, from exec", words, "≤ 2 × bare Python", ratio <= 2)


def live_frame(environment: dict[str, str]) -> tuple[Figure, Figure]:
    """CPU spent until the live table stands, and how long leaving takes, beside the floor."""
    floor_cpu, floor_exit, our_cpu, our_exit = [], [], [], []
    for _ in range(7):
        with OnTerminal([sys.executable, str(ROOT / "benchmarks/floor_app.py")], environment, SIZE) as floor:
            floor.until("ready")
            floor_cpu.append(floor.cpu_ms())
            floor.drain(0.5)
            floor_exit.append(floor.leave("q"))
        with dashboard(environment) as program:
            program.until(CURSOR)
            our_cpu.append(program.cpu_ms())
            program.drain(1.0)
            our_exit.append(program.leave("q"))
    floor_ms, ours_ms = statistics.median(floor_cpu), statistics.median(our_cpu)
    ratio = ours_ms / floor_ms
    leaving = statistics.median(our_exit)
    return (
        Figure(
            "CPU until the live table with rows",
            f"{ours_ms:.0f} ms, {ratio:.2f} × the floor ({floor_ms:.0f} ms)",
            "≤ 1.35 × the floor",
            ratio <= 1.35,
        ),
        Figure(
            "leaving", f"{leaving:.0f} ms (floor {statistics.median(floor_exit):.0f} ms)", "≤ 300 ms", leaving <= 300
        ),
    )


def keys(environment: dict[str, str], presses: int) -> tuple[Figure, Figure]:
    """Moving through 1,000 groups while they are polled and three plots are drawn."""
    with dashboard(environment) as program:
        program.until("media-")
        program.drain(30)
        program.press("s")
        untouched = program.quiet(15)
        begun, before, times = time.perf_counter(), program.cpu_ms(), []
        for number in range(presses):
            times.append(program.key_to_paint("k" if number % 40 >= 20 else "j", CURSOR))
            program.drain(0.07)
        seconds = time.perf_counter() - begun
        own_cpu = (program.cpu_ms() - before - untouched.cpu_percent * 10 * seconds) / presses
    times.sort()
    p99 = times[int(len(times) * 0.99) - 1]
    words = f"p50 {statistics.median(times):.1f}, p99 {p99:.1f}, most {times[-1]:.1f} ms ({presses} keys)"
    return (
        Figure("key to paint, polling 1,000 groups / 10,000 nodes", words, "p99 < 16 ms", p99 < 16),
        Figure("CPU for each key, the same run", f"{own_cpu:.1f} ms", "≤ 4 ms", own_cpu <= 4),
    )


def idle(environment: dict[str, str]) -> tuple[Figure, Figure]:
    """Nobody touches it: one poll a second, three plots on screen."""
    with dashboard(environment) as program:
        program.until(CURSOR)
        program.drain(75)
        found = program.quiet(30)
    return (
        Figure(
            "idle CPU, a poll a second, three plots",
            f"{found.cpu_percent:.1f} % of a core",
            "≤ 3 %",
            found.cpu_percent <= 3,
        ),
        Figure(
            "idle output, the same run", f"{found.bytes_per_s / 1000:.1f} kB/s", "≤ 4 kB/s", found.bytes_per_s <= 4000
        ),
    )


def painting() -> Figure:
    """The terminal's own work for a plot that the engine has drawn."""
    paint_ms = cpu_for_each_plot()
    return Figure("CPU of the terminal for a plot of 60 x 12", f"{paint_ms:.1f} ms", "≤ 3 ms", paint_ms <= 3)


def memory(environment: dict[str, str], seconds: float) -> Figure:
    """The terminal's process while `big` is watched, and the engine's beside it."""
    with dashboard(environment) as program:
        program.until("media-")
        program.drain(min(60.0, seconds / 3))
        early, engine_early = program.rss_mb(), engine_rss_mb(environment)
        program.drain(max(seconds - 60.0, 1.0))
        late, engine_late = program.rss_mb(), engine_rss_mb(environment)
    words = (
        f"{late:.0f} MB after {seconds / 60:.0f} minutes of `big` ({early:.0f} MB after one);"
        f" the engine {engine_late:.0f} MB ({engine_early:.0f})"
    )
    return Figure("terminal process", words, "≤ 60 MB, flat", late <= 60 and late - early <= 3)


def engine_rss_mb(environment: dict[str, str]) -> float:
    """The memory of the engine that serves this store; NaN when none does at this moment."""
    folder = environment["NODESCALER_STATE_DIR"]
    for process in psutil.process_iter(["cmdline"]):
        with suppress(psutil.Error):
            is_engine = "nodescaler_tui.engine.process" in (process.info["cmdline"] or [])
            if is_engine and process.environ().get("NODESCALER_STATE_DIR") == folder:
                return float(process.memory_info().rss) / 1e6
    return math.nan


def others() -> list[Figure]:
    """Programs of the same kind, where they are installed: CPU until their first screen."""
    found = []
    for name, token in OTHERS.items():
        path = shutil.which(name)
        if path is None:
            continue
        with suppress(TimeoutError), OnTerminal([path], {}, SIZE) as program:
            program.until(token, 20)
            found.append(Figure(f"{name}: CPU until its first screen", f"{program.cpu_ms():.0f} ms", "–", None))
    return found


def table(figures: list[Figure]) -> str:
    """The figures as Markdown."""
    marks = {True: "yes", False: "**no**", None: "–"}
    rows = [f"| {figure.what} | {figure.measured} | {figure.goal} | {marks[figure.met]} |" for figure in figures]
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    head = f"Measured on {time.strftime('%Y-%m-%d')}, {machine}, load {os.getloadavg()[0]:.1f} at the end."
    return "\n".join([head, "", "| figure | measured | goal | met |", "| --- | --- | --- | --- |", *rows]) + "\n"


def measure(options: argparse.Namespace) -> list[Figure]:
    """Everything, in the order of the table."""
    figures: list[Figure] = []
    if options.memory_only:
        with tempfile.TemporaryDirectory() as name, simulated("big", Path(name), 1.0) as environment:
            return [memory(environment, options.soak)]
    with tempfile.TemporaryDirectory() as name, simulated("surge", Path(name), 1.0) as environment:
        figures += idle(environment)
        figures += [first_frame(environment), *live_frame(environment)]
    with tempfile.TemporaryDirectory() as name, simulated("big", Path(name), 1.0) as environment:
        figures += keys(environment, options.keys)
        figures.append(painting())
        figures.append(memory(environment, options.soak))
    return figures + others()


def main() -> None:
    """Measure, print, and write the report where that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--keys", type=int, default=300, help="how many keys are pressed")
    parser.add_argument("--soak", type=float, default=90.0, help="seconds of `big` for the memory")
    parser.add_argument("--memory-only", action="store_true", help="measure nothing but the memory")
    parser.add_argument("--write", action="store_true", help="write the table into docs/performance.md")
    options = parser.parse_args()
    text = table(measure(options))
    print(text)
    if options.write:
        before, _, rest = REPORT.read_text(encoding="utf-8").partition(BEGIN)
        REPORT.write_text(f"{before}{BEGIN}\n{text}{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
