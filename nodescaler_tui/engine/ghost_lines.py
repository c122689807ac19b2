"""Ghost lines: what came next in the past hours that began like this one, drawn ahead of now. Pure.

They are the evidence of a forecast: "7 of 20 similar hours crossed 90 %" can be counted on the plot.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

from nodescaler_tui.display_text import DisplayText, display_text
from nodescaler_tui.engine.curves import Axis
from nodescaler_tui.engine.fan import Ahead, curves_of
from nodescaler_tui.engine.history import Bin

DOTS_A_COLUMN: Final = 2
"""They are drawn as dots, so that one does not hide another; a cell holds two beside each other."""


@dataclass(frozen=True, slots=True)
class GhostLines:
    """Those of one plot, and which hours they are in words."""

    curves: list[list[Bin]] = field(default_factory=list)
    words: DisplayText = field(default=DisplayText(""))


def ghost_lines(ahead: Ahead | None, axis: Axis, columns: int, now_s: float) -> GhostLines:
    """What is drawn of them where it was asked for; where nothing can be, the words say why."""
    if ahead is None:
        return GhostLines(words=display_text("no similar hours without a forecast"))
    if not axis.ahead_s:
        return GhostLines(words=display_text("similar hours: only where a plot looks ahead"))
    paths = [path for _, path in ahead.forecast.similar_hours()]
    if not paths:
        return GhostLines(words=display_text("no similar hour is known yet"))
    dots = columns * DOTS_A_COLUMN
    lines = [ahead.in_columns(path, axis, dots, now_s) for path in paths]
    return GhostLines(curves_of(lines, axis, dots), display_text(f"{len(paths)} similar hours"))
