"""How good the forecast is on real traces, next to what on-call engineers use today.

python -m benchmarks.forecast                  # about two minutes
python -m benchmarks.forecast --elsewhere      # the learned voice taught anew without the source that it is scored on
python -m benchmarks.forecast --data FOLDER    # other traces of the same format (see benchmarks/traces/README.md)
python -m benchmarks.forecast --elsewhere --write  # and write the table into docs/forecast.md
"""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from benchmarks.forecast_rivals import RIVALS, Forecaster, product
from benchmarks.forecast_scoring import HORIZONS_S, Score, mean_over_sources, relative, score
from benchmarks.forecast_teaching import Lessons
from benchmarks.forecast_traces import SHIPPED, WINDOWS, Trace, Window, cut, read_traces
from nodescaler_tui.decide.forecast.batch import forecast_many

REPORT = Path(__file__).parents[1] / "docs" / "forecast.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
OURS, REFERENCE = "this forecast", "last value"
SERIES: Final = 3000

Choice = Callable[[str], Forecaster]
Board = dict[str, dict[str, Score]]
"""Scores by forecaster and trace."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One window and horizon with everybody's scores."""

    window: Window
    horizon_s: int
    board: Board


def measure(traces: list[Trace], ours: Choice, every: int) -> list[Cell]:
    """Every forecaster on every trace, cut at every so-manyth sample."""
    cells = []
    for window in WINDOWS:
        boards: dict[int, Board] = {horizon: {} for horizon in HORIZONS_S}
        for trace in traces:
            seen = cut(trace, window, every)
            if seen is None:
                continue
            for name, forecaster in {OURS: ours(trace.source), **RIVALS}.items():
                answer = forecaster(seen)
                if answer is None:
                    continue
                for horizon in HORIZONS_S:
                    boards[horizon].setdefault(name, {})[trace.name] = score(seen, answer, horizon)
        cells += [Cell(window, horizon, board) for horizon, board in boards.items() if board]
    return cells


def rows(cell: Cell) -> list[str]:
    """One cell as rows of the table, the smallest error first."""
    reference = cell.board[REFERENCE]
    found = []
    for name, by_trace in cell.board.items():
        scores, base = list(by_trace.values()), [reference[trace] for trace in by_trace]
        error = relative(scores, base, lambda one: one.error)
        worse = sum(one.error > 1.05 * other.error for one, other in zip(scores, base, strict=True))
        figures = [
            f"{error:.3f}",
            f"{relative(scores, base, lambda one: one.pinball):.3f}",
            f"{mean_over_sources(scores, lambda one: one.covered):.2f}",
            f"{mean_over_sources(scores, lambda one: one.precision):.3f}",
            f"{worse} of {len(scores)}",
        ]
        alert = ["–", "–"]
        if cell.horizon_s == HORIZONS_S[-1]:
            warned = mean_over_sources(scores, lambda one: one.warned)
            pages = mean_over_sources(scores, lambda one: one.false_pages)
            alert = [f"{warned:.2f}", f"{pages:.2f}"]
        label = f"**{name}**" if name == OURS else name
        where = f"{cell.window.name} / {cell.horizon_s // 60} min"
        found.append((error, f"| {where} | {label} | {' | '.join(figures + alert)} |"))
    return [row for _, row in sorted(found)]


def seconds_for_all() -> float:
    """How long 3,000 series of a week each take, best of three."""
    values = np.cumsum(np.random.default_rng(0).normal(size=(SERIES, 2016)), axis=1)
    times = np.broadcast_to(np.arange(2016) * 300.0, values.shape)
    took = []
    for _ in range(3):
        began = time.perf_counter()
        forecast_many(times, values, 3600, 300)
        took.append(time.perf_counter() - began)
    return min(took)


def table(cells: list[Cell], taught: str) -> str:
    """The figures as Markdown."""
    machine = f"{os.cpu_count()} cores, Python {platform.python_version()}, numpy {np.__version__}"
    head = f"Measured on {time.strftime('%Y-%m-%d')}, {machine}, load {os.getloadavg()[0]:.1f} at the end. {taught}"
    speed = f"{SERIES:,} series of a week each: {seconds_for_all():.2f} s in one thread."
    titles = "| history / ahead | forecaster | error | pinball | covered | precision | 5 % worse | warned | false/day |"
    lines = [head, speed, "", titles, f"|{' --- |' * 9}", *(row for cell in cells for row in rows(cell))]
    return "\n".join(lines) + "\n"


def chosen(traces: list[Trace], *, elsewhere: bool) -> tuple[Choice, str]:
    """Which forecaster is asked about the traces of a source, and how its voice was taught."""
    shipped = product()
    if not elsewhere:
        return lambda _source: shipped, "The learned voice is the shipped one."
    lessons = Lessons.of(list(read_traces(SHIPPED)))
    apart = {source: product(lessons.voices(source)) for source in {trace.source for trace in traces}}
    return apart.__getitem__, "For each source the learned voice was taught anew without that source."


def main() -> None:
    """Score, print, and write the report where that is wanted."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--data", type=Path, default=SHIPPED, help="the folder with the traces")
    parser.add_argument("--every", type=int, default=4, help="forecast at every so-manyth sample")
    parser.add_argument("--elsewhere", action="store_true", help="teach the voice without the source it is scored on")
    parser.add_argument("--write", action="store_true", help="write the table into docs/forecast.md")
    options = parser.parse_args()
    traces = list(read_traces(options.data))
    ours, taught = chosen(traces, elsewhere=options.elsewhere)
    text = table(measure(traces, ours, options.every), taught)
    print(text)
    if options.write:
        before, _, rest = REPORT.read_text(encoding="utf-8").partition(BEGIN)
        REPORT.write_text(f"{before}{BEGIN}\n{text}{END}{rest.partition(END)[2]}", encoding="utf-8")


if __name__ == "__main__":
    main()
