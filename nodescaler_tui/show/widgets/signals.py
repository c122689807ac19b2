"""The selected group's signals: each with its value, its level in words, its limits, its age and its plot."""

from __future__ import annotations

from datetime import datetime

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.wording import percent
from nodescaler_tui.show.inked import Piece, line
from nodescaler_tui.show.widgets.plot import PlotView
from nodescaler_tui.show.widgets.steady import SteadyText
from nodescaler_tui.show.words import (
    SIGNAL_NAMES,
    SYMBOLS,
    age,
    ink,
    level_severity,
    level_word,
    signal_value,
)
from nodescaler_tui.state import GroupState, SignalState
from nodescaler_tui.views import Plot, PlotSize

LEAST_PLOT_HEIGHT = 4


class SignalPanel(Vertical):
    """Three titles with a plot under each."""

    def compose(self) -> ComposeResult:
        """One title and one plot for each signal."""
        for name in SignalName:
            yield SteadyText(id=f"title-{name.value}", classes="signal-title")
            yield PlotView(id=f"plot-{name.value}")

    def show(self, group: GroupState | None, now: datetime) -> None:
        """Draw the titles as of now."""
        for name in SignalName:
            self.query_one(f"#title-{name.value}", SteadyText).put(signal_title(group, name, now))

    def show_plots(self, plots: tuple[Plot, ...]) -> None:
        """Paint finished plots."""
        for plot in plots:
            self.query_one(f"#plot-{plot.signal.value}", PlotView).show(plot)

    def blank(self) -> None:
        """Another group was selected; its plots are not here yet."""
        for view in self.query(PlotView):
            view.show(None)

    def sizes(self) -> tuple[PlotSize, ...]:
        """The canvases that there is room for."""
        sizes = [(name, self.query_one(f"#plot-{name.value}", PlotView).size) for name in SignalName]
        return tuple(
            PlotSize(name, size.width, size.height) for name, size in sizes if size.height >= LEAST_PLOT_HEIGHT
        )


def signal_title(group: GroupState | None, name: SignalName, now: datetime) -> Content:
    """One signal in one line."""
    signal = None if group is None else group.signal(name)
    if group is None or signal is None:
        return line((f"{SIGNAL_NAMES[name]}  ", "bold"), ("not used for this group", "muted"))
    severity = level_severity(signal.level)
    pieces: list[Piece] = [
        (f"{SIGNAL_NAMES[name]} ", "bold"),
        (f"{signal_value(signal, group)} {SYMBOLS[severity]} {level_word(signal.level)}", ink(severity)),
        (f"  {age(signal.sampled_at, now)} old" if signal.sampled_at else f"  {signal.missing}", "muted"),
    ]
    return line(*pieces, *_worst(signal), *_limits(signal, group))


def _worst(signal: SignalState) -> list[Piece]:
    if signal.worst is None:
        return []
    return [(f"  worst {percent(signal.worst)} {signal.worst_node}", "muted")]


def _limits(signal: SignalState, group: GroupState) -> list[Piece]:
    if signal.name is SignalName.SESSIONS:
        limit = float(group.matrix.sessions_limit_per_node)
        return [("  - - ", "critical"), (f"critical {limit:g}", "muted")]
    if signal.warning is None or signal.critical is None:
        return []
    return [
        ("  - - ", "critical"),
        (f"critical {signal.critical * 100:g}", "muted"),
        ("  ·· ", "warning"),
        (f"warning {signal.warning * 100:g}", "muted"),
    ]
