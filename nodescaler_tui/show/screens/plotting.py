"""What the dashboard and the group view share: plots of one group over a chosen span, and a cursor that reads them."""

from __future__ import annotations

from typing import Final

from nodescaler_tui.intents import Acknowledge
from nodescaler_tui.show.screens.showing import StateScreen
from nodescaler_tui.show.widgets.signals import SignalPanel

SPANS_S: Final = (15 * 60, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600)


class PlottingScreen(StateScreen):
    """A screen with a SignalPanel of its own. The span is shared with every other screen of this window."""

    def draw_plots(self) -> None:
        """Draw the titles over the plots; the screen that has them knows of what."""

    def on_signal_panel_refitted(self) -> None:
        """Other plots are shown: ask for those."""
        self.call_after_refresh(self.watch_again)

    @property
    def pointless(self) -> tuple[str, ...]:
        """Actions that mean nothing for the group as it is, so that the key line leaves them out."""
        group = self.shown_group
        planned = group is not None and group.plan is not None
        operated = group is not None and any(each.group_id == group.id for each in self.desk.state.operations)
        return (*(() if planned else ("approve", "reject")), *(() if operated else ("operation",)))

    def action_shorter_span(self) -> None:
        """Look at less time."""
        self._take_span(-1)

    def action_longer_span(self) -> None:
        """Look further back."""
        self._take_span(1)

    def _take_span(self, by: int) -> None:
        index = min(max(SPANS_S.index(self.desk.span_s) + by, 0), len(SPANS_S) - 1)
        self.desk.span_s = SPANS_S[index]
        self.query_one(SignalPanel).point_at(None)
        self.watch_again()
        self.draw()

    def action_cursor_earlier(self) -> None:
        """Point at an earlier column."""
        self.query_one(SignalPanel).move_cursor(-1)
        self.draw_plots()

    def action_cursor_later(self) -> None:
        """Point at a later column."""
        self.query_one(SignalPanel).move_cursor(1)
        self.draw_plots()

    def action_acknowledge(self) -> None:
        """Say that it was seen: this group rings no more until it gets worse."""
        if self.shown_group is not None:
            self.desk.send(Acknowledge(self.shown_group.id))
