"""The dashboard: the fleet, the selected group beside it where there is room, and what is proposed for it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, ClassVar, Literal

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.events import Resize
from textual.message import Message
from textual.timer import Timer

from nodescaler_tui.engine.client import Update
from nodescaler_tui.intents import StartRecording, StopRecording, WatchGroup
from nodescaler_tui.show.actions import Place, bindings
from nodescaler_tui.show.inked import line
from nodescaler_tui.show.room import FLEET_FRAME, NOTHING_YET, WHOLE, fleet_lines
from nodescaler_tui.show.screens.plotting import PlottingScreen
from nodescaler_tui.show.screens.showing import Desk
from nodescaler_tui.show.widgets.fleet import FleetTable
from nodescaler_tui.show.widgets.fleet_order import row_count
from nodescaler_tui.show.widgets.fleet_rows import totals
from nodescaler_tui.show.widgets.freeze_line import FreezeLine
from nodescaler_tui.show.widgets.key_line import KeyLine
from nodescaler_tui.show.widgets.link_line import LinkLine, ProblemLine
from nodescaler_tui.show.widgets.nodes import NodesLine
from nodescaler_tui.show.widgets.proposal import ROWS, ROWS_IF_TALL, ProposalCard
from nodescaler_tui.show.widgets.signals import SignalPanel
from nodescaler_tui.show.widgets.steady import Frame
from nodescaler_tui.show.words import SYMBOLS, ink
from nodescaler_tui.state import GroupState
from nodescaler_tui.views import Answer, GroupDetail

WIDE: int = 110
AROUND: int = 8
"""Lines of the dashboard that are neither fleet nor detail: link, proposal, keys."""
TALL: int = 28
"""Lines of a narrow screen from which on the card has a row more, for what does not fit beside the projection there."""
ROOM_FOR_NODES: int = 15
"""Lines beside those of the groups from which on the nodes are told under the plots."""
BLANK_AFTER_S: float = 0.15


class DashboardScreen(PlottingScreen):
    """Arranges; everything it shows is in State."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.DASHBOARD)]

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        self._detail: GroupDetail | None = None
        self._blanking: Timer | None = None
        self._fleet_lines = NOTHING_YET
        self._fleet_height: int | None = None

    def compose(self) -> ComposeResult:
        """Link line, fleet and detail, proposal, keys."""
        yield LinkLine(id="link")
        yield ProblemLine(id="problem")
        yield FreezeLine(id="freeze")
        with Horizontal(id="middle"):
            with Frame(id="fleet-box"):
                yield FleetTable(id="fleet")
            with Frame(id="detail-box"):
                yield SignalPanel(id="signals")
                yield NodesLine(id="nodes")
        yield ProposalCard(id="proposal")
        yield KeyLine(self.desk, Place.DASHBOARD)

    def on_mount(self) -> None:
        """Focus the fleet, so that keys work at once."""
        self._arrange()
        super().on_mount()
        self.query_one(FleetTable).focus()

    def on_screen_suspend(self) -> None:
        """Another screen was opened for the selected group: it stays selected for the way back."""
        self.query_one(FleetTable).stay()

    def on_resize(self, _: Resize) -> None:
        """Another size is another beginning."""
        self._fleet_lines = NOTHING_YET
        self._arrange()

    def _arrange(self) -> None:
        """Two columns where they fit; else the selected group under a fleet that is small enough."""
        wide = self.app.size.width >= WIDE
        room = self.app.size.height - AROUND - (self._card_rows - ROWS)
        self.query_one("#proposal").set_class(self._card_rows > ROWS, "tall")
        rows = row_count(self.desk.state.groups, by_site=self.query_one(FleetTable).arrangement.by_site)
        self._fleet_lines = fleet_lines(rows, room, self._fleet_lines)
        stacked = not wide and self._fleet_lines not in {NOTHING_YET, WHOLE}
        self.query_one("#middle").set_class(stacked, "stacked")
        self._give_fleet(self._fleet_lines + FLEET_FRAME if stacked else None)
        self.query_one("#detail-box").display = wide or stacked
        self.query_one("#nodes").display = wide or room - self._fleet_lines >= ROOM_FOR_NODES

    def _give_fleet(self, height: int | None) -> None:
        """Give the fleet so many rows; Textual lays all out and paints all anew even where None follows None."""
        if height != self._fleet_height:
            self._fleet_height = height
            self.query_one("#fleet-box").styles.height = height

    @property
    def _card_rows(self) -> int:
        """By the size of the screen alone, so that nothing moves when a plan comes or goes."""
        return ROWS_IF_TALL if self.app.size.width < WIDE and self.app.size.height >= TALL else ROWS

    @property
    def shown_group(self) -> GroupState | None:
        """The selected group."""
        return self.desk.state.group(self.query_one(FleetTable).selected_id)

    def draw(self) -> None:
        """Draw everything from the desk, as of now."""
        state, now = self.desk.state, self.now
        self._arrange()
        self.query_one(LinkLine).show(state, self.desk.away, self.desk.operator, now)
        self.query_one(ProblemLine).show(state, self.desk.away, now)
        self.query_one(FreezeLine).show(state, now)
        self.query_one(FleetTable).show(state.groups, now)
        box = self.query_one("#fleet-box", Frame)
        box.title_above(Content(totals(state.groups, box.size.width - 6) if state.groups else "Node groups"))
        self._draw_filter()
        self._draw_selected()

    def _draw_filter(self) -> None:
        """How many groups the filter lets through, so that nobody takes the rest for healthy."""
        table = self.query_one(FleetTable)
        wanted = table.arrangement.wanted
        told = f"filter “{wanted}”: {table.matching} of {len(self.desk.state.groups)} groups" if wanted else ""
        self.query_one("#fleet-box", Frame).title_below(line((told, "warning")))

    def _draw_selected(self) -> None:
        group, now = self.shown_group, self.now
        self.query_one(ProposalCard).show(self.desk.state, group, now, self._card_rows)
        self.query_one(KeyLine).hide(*self.pointless)
        if not self.query_one("#detail-box").display:
            return
        self.draw_plots()
        self.query_one(NodesLine).show(group, self._detail)

    def draw_plots(self) -> None:
        """Draw the titles over the plots; that of a plot which is alone stands in the frame."""
        group, panel = self.shown_group, self.query_one(SignalPanel)
        panel.show(group, self.now)
        self.query_one("#detail-box", Frame).title_above(panel.headline or _detail_title(group))

    def receive(self, update: Update) -> None:
        """Nodes and plots of the watched group, and answers to what was asked here."""
        if isinstance(update, GroupDetail) and update.group_id == self.query_one(FleetTable).selected_id:
            self._detail = update
            self.query_one(SignalPanel).show_plots(update.plots)
            self.query_one(NodesLine).show(self.shown_group, update)
        elif isinstance(update, Answer) and update.sentence:
            kind: Literal["information", "warning"] = "information" if update.done else "warning"
            self.notify(str(update.sentence), severity=kind, markup=False)

    def on_fleet_table_selected(self, _: FleetTable.Selected) -> None:
        """Another group: its line is here at once, its plots as soon as the engine has drawn them.

        Whoever goes through many groups asks for the plots of none of them; what is of another group goes soon.
        """
        self._detail = None
        self._draw_selected()
        self.ask_soon()
        if self._blanking is None:
            self._blanking = self.set_timer(BLANK_AFTER_S, self._blank)

    def _blank(self) -> None:
        self._blanking = None
        if self._detail is None:
            self.query_one(SignalPanel).blank()

    def watch_again(self) -> None:
        """Ask for the nodes and for plots that fit."""
        group_id = self.query_one(FleetTable).selected_id
        if group_id:
            sizes = self.query_one(SignalPanel).sizes() if self.query_one("#detail-box").display else ()
            self.desk.send(WatchGroup(group_id, self.desk.span_s, sizes, self.desk.similar_hours))

    async def action_filter(self) -> None:
        """Type a filter; enter keeps it, escape clears it."""
        from nodescaler_tui.show.widgets.filter_line import FilterLine  # noqa: PLC0415 - not on the first paint

        if not self.query(FilterLine):
            await self.mount(FilterLine(), before="#proposal")
        self.query_one(FilterLine).begin()

    def on_filter_line_changed(self, event: Message) -> None:
        """Filter while typing."""
        self._arrange_fleet(wanted=getattr(event, "value", ""))

    def on_filter_line_left(self) -> None:
        """Back to the fleet."""
        self.query_one(FleetTable).focus()

    def action_sort(self) -> None:
        """Sort by the next column."""
        self.query_one(FleetTable).next_sort()

    def action_reverse_sort(self) -> None:
        """Sort the other way round."""
        self._arrange_fleet(reverse=not self.query_one(FleetTable).arrangement.reverse)

    def action_pin(self) -> None:
        """Pin the selected group to the top, or let go of it."""
        table = self.query_one(FleetTable)
        table.stay()
        self._arrange_fleet(pinned=table.arrangement.pinned ^ {table.selected_id})

    def action_by_site(self) -> None:
        """Group by site, or not."""
        self._arrange_fleet(by_site=not self.query_one(FleetTable).arrangement.by_site)

    def _arrange_fleet(self, **changes: Any) -> None:  # noqa: ANN401 - the fields of an Arrangement
        table = self.query_one(FleetTable)
        table.arrange_by(replace(table.arrangement, **changes))
        self._arrange()
        self._draw_filter()

    def action_record(self) -> None:
        """Record this session to a file, or stop."""
        self.desk.send(StopRecording() if self.desk.state.recording else StartRecording())

    def action_clear(self) -> None:
        """Take the cursor off the plots; when there is none, clear the filter."""
        panel = self.query_one(SignalPanel)
        if panel.pointing:
            panel.point_at(None)
            self.draw_plots()
        else:
            self._arrange_fleet(wanted="")

    def action_down(self) -> None:
        """Next line."""
        self.query_one(FleetTable).move(1)

    def action_up(self) -> None:
        """Line before."""
        self.query_one(FleetTable).move(-1)

    def action_first(self) -> None:
        """First line."""
        self.query_one(FleetTable).move(-(10**6))

    def action_last(self) -> None:
        """Last line."""
        self.query_one(FleetTable).move(10**6)


def _detail_title(group: GroupState | None) -> Content:
    if group is None:
        return Content("")
    word = group.severity.value
    return line(
        (f"{group.name} ─ ", ""),
        (f"{SYMBOLS[group.severity]} {word}", ink(group.severity)),
        (f" ─ {group.site or 'no site'}", "muted"),
    )
