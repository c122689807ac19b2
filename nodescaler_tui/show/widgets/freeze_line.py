"""The freeze line: while somebody has frozen all sending, until when, by whom, and why. One line, hidden otherwise."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from nodescaler_tui.show.inked import line
from nodescaler_tui.show.widgets.steady import SteadyText
from nodescaler_tui.show.words import near_moment
from nodescaler_tui.state import State


class FreezeLine(SteadyText):
    """Under the top line of the dashboard and of a group."""

    def show(self, state: State, now: datetime) -> None:
        """Draw it as of now."""
        content = freeze_content(state, now, self.app.size.width)
        self.display = content is not None
        if content is not None:
            self.put(content)


def freeze_content(state: State, now: datetime, width: int) -> Content | None:
    """When it ends and whose it is come first; the reason has what is left of the line."""
    freeze = state.rules.freeze
    if freeze is None or freeze.until <= now:
        return None
    told = f" ■ frozen until {near_moment(freeze.until, now)} by {freeze.by}: {freeze.reason} "
    return line((told if len(told) <= width else f"{told[: width - 1]}…", "warning"))
