"""What the dashboard and the group view share: plots of one group over a chosen span, and a cursor that reads them."""

from __future__ import annotations

from typing import Final

from textual.timer import Timer

from nodescaler_tui.intents import Acknowledge
from nodescaler_tui.show.screens.showing import Desk, StateScreen
from nodescaler_tui.show.widgets.signals import SignalPanel

ASK_AFTER_S: Final = 0.04
SPANS_S: Final = (15 * 60, 3600, 6 * 3600, 24 * 3600, 7 * 24 * 3600)


class PlottingScreen(StateScreen):
    """A screen with a SignalPanel of its own. The span is shared with every other screen of this window."""

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._asking: Timer | None = None

    def draw_plots(self) -> None:
        """Draw the titles over the plots; the screen that has them knows of what."""

    def on_signal_panel_refitted(self) -> None:
        """Other plots are shown: title them, and ask for them."""
        self.draw_plots()
        self.ask_soon()

    def ask_soon(self) -> None:
        """Ask for plots, once, when what changes them has come to rest: a window being resized, a cursor that runs."""
        if self._asking is not None:
            self._asking.stop()
        self._asking = self.set_timer(ASK_AFTER_S, self._ask)

    def _ask(self) -> None:
        """A screen under another one asks for nothing: the one above would be sent plots of the wrong size."""
        if self.app.screen is self:
            self.watch_again()

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

    def action_similar_hours(self) -> None:
        """See what came next in the hours that began like this one, or no longer."""
        self.desk.similar_hours = not self.desk.similar_hours
        self.watch_again()

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
