"""A plot: rows of inked characters that the engine drew, painted as they are, and a cursor over them."""

from __future__ import annotations

from itertools import chain
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from nodescaler_tui.views import Ink, Plot, PlotRun

CURSOR = "│"


class PlotView(Widget):
    """Paints one finished plot in the colours of the theme; only what differs is painted again."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"plot--{ink.value}" for ink in Ink} | {"plot--cursor"}

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._plot: Plot | None = None
        self._cursor: int | None = None
        self._styles: dict[str, Style] = {}

    def show(self, plot: Plot | None) -> None:
        """Paint this plot; one for another size is waited out."""
        before, self._plot = self._plot, plot
        if plot is None and before is None:
            return
        if plot is None or before is None or len(before.rows) != len(plot.rows):
            self.refresh()
            return
        regions = [
            region
            for y, (old, new) in enumerate(zip(before.rows, plot.rows, strict=True))
            if old != new
            for region in (_difference(old, new, y),)
        ]
        if regions:
            self.refresh(*regions)

    def point_at(self, column: int | None) -> None:
        """Put the cursor on a column of the curves, or take it away."""
        if column != self._cursor:
            left = 0 if self._plot is None else self._plot.left
            touched = [left + each for each in (self._cursor, column) if each is not None]
            self._cursor = column
            self.refresh(*(Region(x, 0, 1, self.size.height) for x in touched))

    def render_line(self, y: int) -> Strip:
        """One row of the plot."""
        width = self.size.width
        if self._plot is None or y >= len(self._plot.rows):
            return Strip.blank(width, self.rich_style)
        strip = Strip([Segment(run.text, self._style(run.ink.value)) for run in self._plot.rows[y]])
        return self._with_cursor(strip).adjust_cell_length(width, self.rich_style)

    def notify_style_update(self) -> None:
        """The theme is another one."""
        super().notify_style_update()
        self._styles.clear()

    def _style(self, name: str) -> Style:
        if name not in self._styles:
            self._styles[name] = self.rich_style + self.get_component_rich_style(f"plot--{name}", partial=True)
        return self._styles[name]

    def _with_cursor(self, strip: Strip) -> Strip:
        if self._cursor is None or self._plot is None:
            return strip
        x = self._plot.left + self._cursor
        under = strip.crop(x, x + 1).text
        drawn = Segment(CURSOR if under in {"", " "} else under, self._style("cursor"))
        return Strip.join([strip.crop(0, x), Strip([drawn]), strip.crop(x + 1)])


def _difference(old: tuple[PlotRun, ...], new: tuple[PlotRun, ...], y: int) -> Region:
    """From the first to the last character that differs."""
    before, after = _characters(old), _characters(new)
    differing = [
        index for index in range(max(len(before), len(after))) if before[index : index + 1] != after[index : index + 1]
    ]
    return Region(differing[0], y, differing[-1] - differing[0] + 1, 1) if differing else Region(0, y, 1, 1)


def _characters(row: tuple[PlotRun, ...]) -> list[tuple[str, Ink]]:
    return list(chain.from_iterable(((character, run.ink) for character in run.text) for run in row))
