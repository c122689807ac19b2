"""What a plot costs: the terminal's CPU for painting one that the engine has drawn."""

from __future__ import annotations

import asyncio
import statistics
import time
from datetime import UTC, datetime

from textual.app import App, ComposeResult

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.history import GroupHistory
from nodescaler_tui.engine.plots import Moment, draw
from nodescaler_tui.show.themes import load_themes
from nodescaler_tui.show.widgets.plot import PlotView
from nodescaler_tui.views import Plot, PlotSize

WIDTH, HEIGHT = 60, 12


class Canvas(App[None]):
    """One plot and nothing else."""

    CSS = f"PlotView {{ width: {WIDTH}; height: {HEIGHT}; }}"

    def __init__(self) -> None:
        super().__init__()
        theme = load_themes(None).named("dark")
        self.register_theme(theme)
        self.theme = theme.name

    def compose(self) -> ComposeResult:
        """The plot."""
        yield PlotView(id="plot")


def cpu_for_each_plot(times: int = 300) -> float:
    """CPU milliseconds of the terminal's process for a plot that differs in every row from the one before."""
    return asyncio.run(_painted([_plot(0.0), _plot(0.4)], times))


async def _painted(plots: list[Plot], times: int) -> float:
    app = Canvas()
    async with app.run_test(size=(WIDTH, HEIGHT)) as pilot:
        view, taken = app.query_one(PlotView), []
        for number in range(times):
            begun = time.process_time()
            view.show(plots[number % len(plots)])
            await pilot.pause(0)
            taken.append((time.process_time() - begun) * 1000)
            assert view.render_line(0).text.strip()
        return statistics.median(taken)


def _plot(lift: float) -> Plot:
    history, ends_s = GroupHistory(), 1_790_000_000.0
    for step in range(720):
        cpu = 0.3 + lift + 0.2 * (step % 97) / 97
        history.add(ends_s - 5 * (720 - step), (cpu, cpu + 0.05, 0.4, 0.4, 1.0))
    moment = Moment(datetime.fromtimestamp(ends_s, UTC), 3600, 30.0)
    return draw(PlotSize(SignalName.CPU, WIDTH, HEIGHT), history, ThresholdMatrix(), moment)
