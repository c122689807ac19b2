"""The plot of a backtest: which share of the breaches was warned of, and how long before."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import plotext

HEIGHT: Final = 12
MINUTES: Final = tuple(range(5, 61, 5))


def ahead_plot(curves: Sequence[tuple[str, str, Sequence[float]]], width: int) -> str:
    """Lines of text: each curve is a name, a marker, and the share warned of at least so many `MINUTES` before."""
    plotext.clear_figure()
    plotext.theme("clear")
    plotext.limit_size(False, False)  # noqa: FBT003 - plotext's own signature
    plotext.plotsize(width, HEIGHT)
    plotext.xlim(MINUTES[0], MINUTES[-1])
    plotext.ylim(0, 100)
    plotext.yticks([0, 50, 100], ["0 %", "50 %", "100 %"])
    plotext.xticks([5, 15, 30, 45, 60], ["5", "15", "30", "45", "60 min"])
    for name, marker, shares in reversed(curves):
        plotext.plot(list(MINUTES), [100 * share for share in shares], marker=marker, label=name)
    return "".join(f"{line.rstrip()}\n" for line in plotext.uncolorize(plotext.build()).splitlines() if line.strip())
