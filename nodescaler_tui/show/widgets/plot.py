"""A plot: rows of inked characters that the engine drew, painted as they are."""

from __future__ import annotations

from typing import ClassVar

from rich.segment import Segment
from textual.strip import Strip
from textual.widget import Widget

from nodescaler_tui.views import Ink, Plot


class PlotView(Widget):
    """Paints one finished plot in the colours of the theme."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {f"plot--{ink.value}" for ink in Ink}

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._plot: Plot | None = None

    def show(self, plot: Plot | None) -> None:
        """Paint this plot; one for another size is waited out."""
        if plot != self._plot:
            self._plot = plot
            self.refresh()

    def render_line(self, y: int) -> Strip:
        """One row of the plot."""
        width = self.size.width
        if self._plot is None or y >= len(self._plot.rows):
            return Strip.blank(width, self.rich_style)
        segments = [
            Segment(run.text, self.rich_style + self.get_component_rich_style(f"plot--{run.ink.value}", partial=True))
            for run in self._plot.rows[y]
        ]
        return Strip(segments).adjust_cell_length(width, self.rich_style)
