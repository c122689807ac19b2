"""One group in full: its plots, its nodes with their own figures, the queues that feed it, and what was done to it."""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize

from nodescaler_tui.engine.client import Update
from nodescaler_tui.intents import WatchGroup
from nodescaler_tui.show.actions import Place, bindings
from nodescaler_tui.show.inked import line
from nodescaler_tui.show.presence_words import first_that_fits, group_company, group_company_in_short
from nodescaler_tui.show.screens.plotting import PlottingScreen
from nodescaler_tui.show.screens.showing import Desk
from nodescaler_tui.show.widgets.freeze_line import FreezeLine
from nodescaler_tui.show.widgets.key_line import KeyLine
from nodescaler_tui.show.widgets.link_line import LinkLine, ProblemLine
from nodescaler_tui.show.widgets.matrix_words import source_words
from nodescaler_tui.show.widgets.nodes import NodesLine, NodeTable
from nodescaler_tui.show.widgets.signals import SignalPanel
from nodescaler_tui.show.widgets.steady import Frame
from nodescaler_tui.show.widgets.surroundings import GroupSurroundings
from nodescaler_tui.show.words import SYMBOLS, ink
from nodescaler_tui.state import GroupState, InFront, Sight, State
from nodescaler_tui.views import GroupDetail

WIDE: Final = 110


class GroupScreen(PlottingScreen):
    """Arranges one group over the whole screen."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.GROUP)]

    def __init__(self, desk: Desk, group_id: str) -> None:
        super().__init__(desk)
        self.group_id = group_id
        self._detail: GroupDetail | None = None

    def compose(self) -> ComposeResult:
        """Link line, plots, nodes, keys."""
        yield LinkLine(id="link")
        yield ProblemLine(id="problem")
        yield FreezeLine(id="freeze")
        with Frame(id="group-box"):
            yield SignalPanel(id="signals")
            with VerticalScroll(id="group-nodes"):
                yield NodesLine(id="nodes")
                yield NodeTable(id="node-table")
                yield GroupSurroundings(id="surroundings")
        yield KeyLine(self.desk, Place.GROUP)

    @property
    def shown_group(self) -> GroupState | None:
        """The group, as long as Genesys lists it."""
        return self.desk.state.group(self.group_id)

    @property
    def in_front(self) -> InFront:
        """This group."""
        return InFront(Sight.GROUP, self.group_id)

    def on_resize(self, _: Resize) -> None:
        """Plots beside the nodes where there is room, above them where there is not."""
        self.query_one("#group-box").set_class(self.app.size.width >= WIDE, "wide")

    def watch_again(self) -> None:
        """Ask for the nodes and for plots that fit."""
        sizes = self.query_one(SignalPanel).sizes()
        self.desk.send(WatchGroup(self.group_id, self.desk.span_s, sizes, self.desk.similar_hours))

    def draw(self) -> None:
        """Draw everything from the desk, as of now."""
        group, now = self.shown_group, self.now
        self.query_one(LinkLine).show(self.desk.state, self.desk.away, self.desk.operator, now)
        self.query_one(ProblemLine).show(self.desk.state, self.desk.away, now)
        self.query_one(FreezeLine).show(self.desk.state, now)
        box = self.query_one("#group-box", Frame)
        box.title_above(self._with_company(_title(self.desk.state, group, now)))
        if group is not None:
            box.title_below(line((str(group.sentence)[: self.size.width - 8], "muted")))
        self.query_one(SignalPanel).show(group, now)
        self.query_one(NodesLine).show(group, self._detail)
        self.query_one(NodeTable).show(self._detail, now)
        self.query_one(GroupSurroundings).show(self.desk.state, group, now)
        self.query_one(KeyLine).hide(*self.pointless)

    def _with_company(self, title: Content) -> Content:
        """Who else looks at this group, after its title where there is room."""
        state, room = self.desk.state, self.size.width - title.cell_length - 10
        ways = (group_company(state, self.group_id), *group_company_in_short(state, self.group_id))
        told = first_that_fits(ways, room)
        return Content.assemble(title, line((f" ─ {told}", "accent"))) if told else title

    def draw_plots(self) -> None:
        """Draw the titles over the plots."""
        self.query_one(SignalPanel).show(self.shown_group, self.now)

    def receive(self, update: Update) -> None:
        """Nodes and plots."""
        if isinstance(update, GroupDetail) and update.group_id == self.group_id:
            self._detail = update
            self.query_one(SignalPanel).show_plots(update.plots)
            self.draw()

    def action_down(self) -> None:
        """Scroll down."""
        self._node_list.scroll_down(animate=False)

    def action_up(self) -> None:
        """Scroll up."""
        self._node_list.scroll_up(animate=False)

    def action_first(self) -> None:
        """To the first node."""
        self._node_list.scroll_home(animate=False)

    def action_last(self) -> None:
        """To the last line."""
        self._node_list.scroll_end(animate=False)

    @property
    def _node_list(self) -> VerticalScroll:
        return self.query_one("#group-nodes", VerticalScroll)

    def action_back(self) -> None:
        """Take the cursor off the plots; when there is none, back to the fleet."""
        panel = self.query_one(SignalPanel)
        if panel.pointing:
            panel.point_at(None)
            self.draw_plots()
        else:
            self.app.pop_screen()


def _title(state: State, group: GroupState | None, now: datetime) -> Content:
    """The group and how it is; in a team also whose word its thresholds are."""
    if group is None:
        return line(("This group is listed no more.", "warning"))
    source = source_words(state, group, now)
    return line(
        (f"{group.name} ─ ", ""),
        (f"{SYMBOLS[group.severity]} {group.severity.value}", ink(group.severity)),
        (f" ─ limits: {source}" if source else "", "muted"),
    )
