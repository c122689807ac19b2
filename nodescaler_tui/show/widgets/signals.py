"""The selected group's signals: each with its value, level, age and plot, and a cursor over all of them."""

from __future__ import annotations

from datetime import datetime, timedelta

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.wording import percent
from nodescaler_tui.show.inked import Piece, line
from nodescaler_tui.show.widgets.plot import PlotView
from nodescaler_tui.show.widgets.steady import SteadyText
from nodescaler_tui.show.words import (
    RANKS,
    SIGNAL_NAMES,
    SYMBOLS,
    UNKNOWN,
    age,
    ink,
    level_severity,
    level_word,
    moment_words,
    node_words,
    signal_value,
)
from nodescaler_tui.state import GroupState, SignalState
from nodescaler_tui.views import Plot, PlotSize

LEAST_PLOT_HEIGHT = 5
LEAST_BARE_HEIGHT = 4
"""Of a plot that is alone, so that one line more above or below does not take it away."""


class SignalPanel(Vertical):
    """Three titles, with a plot under as many of them as there is room for: the worst first.

    Where there is room for one plot and for nothing else, its title is left to the frame around the panel.
    """

    class Refitted(Message):
        """Other plots are shown than before, so that others must be asked for."""

    def __init__(self, *, id: str | None = None, limits: bool = True) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._limits = limits
        self._plots: dict[SignalName, Plot] = {}
        self._cursor: int | None = None
        self._plotted: tuple[SignalName, ...] = tuple(SignalName)
        self._group: GroupState | None = None
        self.headline = Content("")

    def compose(self) -> ComposeResult:
        """One title and one plot for each signal."""
        for name in SignalName:
            yield SteadyText(id=f"title-{name.value}", classes="signal-title")
            yield PlotView(id=f"plot-{name.value}")

    def on_resize(self) -> None:
        """Plots of another size must be asked for."""
        self._fit()
        self.post_message(self.Refitted())

    def on_hide(self) -> None:
        """No plot is looked at."""
        self.post_message(self.Refitted())

    def show(self, group: GroupState | None, now: datetime) -> None:
        """Draw the titles as of now, or as of the moment that the cursor points at."""
        self._group = group
        if self._fit():
            self.post_message(self.Refitted())
        titles = {name: self._title(name, now) for name in SignalName}
        for name, title in titles.items():
            self.query_one(f"#title-{name.value}", SteadyText).put(title)
        self.headline = titles[self._plotted[0]] if self._bare else Content("")

    def _title(self, name: SignalName, now: datetime) -> Content:
        plot, width = self._plots.get(name), self.size.width or self.app.size.width
        if plot is not None and self._cursor is not None:
            return title_at(name, plot, self._cursor, now)
        similar = "" if plot is None else str(plot.similar)
        return signal_title(self._group, name, now, width, limits=self._limits, similar=similar)

    @property
    def _bare(self) -> bool:
        return len(self._plotted) == 1 and self.size.height < len(SignalName) + LEAST_PLOT_HEIGHT

    def _fit(self) -> bool:
        """Show what there is room for; whether other plots are shown than before."""
        before = self._plotted
        if self.size.height:
            self._plotted = plotted(self._group, self.size.height)
        for name in SignalName:
            self.query_one(f"#plot-{name.value}", PlotView).display = name in self._plotted
            self.query_one(f"#title-{name.value}", SteadyText).display = not self._bare
        return self._plotted != before

    def show_plots(self, plots: tuple[Plot, ...]) -> None:
        """Paint finished plots."""
        for plot in plots:
            self._plots[plot.signal] = plot
            self.query_one(f"#plot-{plot.signal.value}", PlotView).show(plot)

    def blank(self) -> None:
        """Another group was selected; its plots are not here yet."""
        self._plots = {}
        self.point_at(None)
        for view in self.query(PlotView):
            view.show(None)

    @property
    def pointing(self) -> bool:
        """Whether there is a cursor."""
        return self._cursor is not None

    def move_cursor(self, by: int) -> None:
        """Point at so many columns later; the first move begins at the newest."""
        columns = min((len(plot.means) for plot in self._plots.values()), default=0)
        if columns:
            here = columns if self._cursor is None else self._cursor
            self.point_at(min(max(here + by, 0), columns - 1))

    def point_at(self, column: int | None) -> None:
        """Put the cursor on a column of every plot, or take it away."""
        self._cursor = column
        for view in self.query(PlotView):
            view.point_at(column)

    def sizes(self) -> tuple[PlotSize, ...]:
        """The canvases that there is room for."""
        sizes = [(name, self.query_one(f"#plot-{name.value}", PlotView).size) for name in self._plotted]
        return tuple(
            PlotSize(name, size.width, size.height) for name, size in sizes if size.height >= LEAST_BARE_HEIGHT
        )


def plotted(group: GroupState | None, height: int) -> tuple[SignalName, ...]:
    """Which signals get a plot in so many rows, titles counted where they fit; when not all do, the worst ones."""
    room = (height - len(SignalName)) // LEAST_PLOT_HEIGHT or int(height >= LEAST_BARE_HEIGHT)
    ranked = sorted(SignalName, key=lambda name: _rank(group, name))[: max(room, 0)]
    return tuple(name for name in SignalName if name in ranked)


def _rank(group: GroupState | None, name: SignalName) -> int:
    signal = None if group is None else group.signal(name)
    return len(RANKS) if signal is None else RANKS[level_severity(signal.level)]


def title_at(name: SignalName, plot: Plot, column: int, now: datetime) -> Content:
    """What a plot says at the column under the cursor: when, the mean, the worst node, and what was done then."""
    if plot.starts_at is None or column >= len(plot.means):
        return line((f"{SIGNAL_NAMES[name]}  ", "bold"), ("nothing is drawn there", "muted"))
    at = plot.starts_at + timedelta(seconds=column * plot.column_s)
    mean, worst = plot.means[column], plot.worsts[column]
    done = "; ".join(str(mark.words) for mark in plot.marks if mark.column == column)
    return line(
        (f"{SIGNAL_NAMES[name]} ", "bold"),
        (f"{moment_words(at, now)}  ", "accent"),
        _expected(name, plot, column) or _measured(name, mean),
        ("" if worst is None else f"  worst {_pointed(name, worst)}", "muted"),
        (f"  {done}" if done else "", "accent"),
    )


def _measured(name: SignalName, mean: float | None) -> Piece:
    return (f"{UNKNOWN} not measured", "unknown") if mean is None else (_pointed(name, mean), "")


def _expected(name: SignalName, plot: Plot, column: int) -> Piece | None:
    """What a forecast expects at a column that lies ahead, and between what; None where there is none."""
    if column >= len(plot.expected):
        return None
    point, lowest, highest = plot.expected[column], plot.lowest[column], plot.highest[column]
    if point is None or lowest is None or highest is None:
        return None
    band = f"{_pointed(name, lowest)} to {_pointed(name, highest)}"
    return f"expected {_pointed(name, point)}, 90 % sure of {band}", "accent"


def _pointed(name: SignalName, value: float) -> str:
    return f"{value:.2f}" if name is SignalName.SESSIONS else percent(value)


def signal_title(
    group: GroupState | None, name: SignalName, now: datetime, width: int, *, limits: bool = True, similar: str = ""
) -> Content:
    """One signal in one line; what there is no room for is left out whole, the limits first: the plot names them."""
    signal = None if group is None else group.signal(name)
    if group is None:
        return Content("")
    if signal is None:
        return line((f"{SIGNAL_NAMES[name]}  ", "bold"), ("not used for this group", "muted"))
    severity = level_severity(signal.level)
    pieces: list[Piece] = [
        (f"{SIGNAL_NAMES[name]} ", "bold"),
        (f"{signal_value(signal, group)} {SYMBOLS[severity]} {level_word(signal.level)}", ink(severity)),
        (f"  {age(signal.sampled_at, now)} old" if signal.sampled_at else f"  {signal.missing}", "muted"),
    ]
    drawn = f"  {similar}" if similar else ""
    for extra in (drawn, _worst(signal, group), _limits(signal, group) if limits else ""):
        if extra and sum(len(text) for text, _ in pieces) + len(extra) <= width:
            pieces.append((extra, "muted"))
    return line(*pieces)


def _worst(signal: SignalState, group: GroupState) -> str:
    if signal.worst is None:
        return ""
    return f"  worst {percent(signal.worst)} {node_words(signal.worst_node, group)}"


def _limits(signal: SignalState, group: GroupState) -> str:
    if signal.name is SignalName.SESSIONS:
        return f"  critical {float(group.matrix.sessions_limit_per_node):g}"
    if signal.warning is None or signal.critical is None:
        return ""
    return f"  critical {signal.critical * 100:g} warning {signal.warning * 100:g}"
