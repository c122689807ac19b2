"""The fleet table: one line a group, worst first, as smooth with a thousand groups as with ten.

It paints only visible lines, and of these only the cells that changed. The selected group stays selected when the
order changes, until then the worst group is the selected one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from nodescaler_tui.show.widgets.fleet_order import Arrangement, FleetLine, SiteHeading, Sort, arranged
from nodescaler_tui.show.widgets.fleet_rows import Cell, Columns, columns_for, header, row, site_row
from nodescaler_tui.state import GroupState

HEADER_LINES = 1


class FleetTable(ScrollView, can_focus=True):
    """Draws groups; tells by a message which one is selected."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"fleet--{name}" for name in ("critical", "warning", "ok", "unknown", "stale", "muted", "bold", "selected")
    }

    class Selected(Message):
        """Another group is selected."""

        def __init__(self, group_id: str) -> None:
            super().__init__()
            self.group_id = group_id

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._groups: Sequence[GroupState] = ()
        self._shown: list[FleetLine] = []
        self._painted: dict[int, tuple[Cell, ...]] = {}
        self._order: list[str] = []
        self._now: datetime | None = None
        self._follows_first = True
        self._arrangement = Arrangement()
        self._styles: dict[tuple[str, bool], Style] = {}
        self.selected_id = ""

    @property
    def arrangement(self) -> Arrangement:
        """How the fleet is sorted, filtered and grouped."""
        return self._arrangement

    @property
    def matching(self) -> int:
        """How many groups the filter lets through."""
        return sum(1 for shown in self._shown if not isinstance(shown, SiteHeading))

    def arrange_by(self, arrangement: Arrangement) -> None:
        """Sort, filter or group another way from now on."""
        self._arrangement = arrangement
        self._lay_out()

    def show(self, groups: Sequence[GroupState], now: datetime) -> None:
        """Draw these groups as of now; only cells that differ are painted again."""
        self._now = now
        if groups is self._groups and self._order:
            self._paint_changes()
            return
        self._groups = groups
        self._lay_out()

    def stay(self) -> None:
        """Keep the selected group from now on, even when another one gets worse."""
        self._follows_first = False

    def _lay_out(self) -> None:
        self._shown = arranged(self._groups, self._arrangement)
        order = ["" if isinstance(line, SiteHeading) else line.id for line in self._shown]
        if self.selected_id not in order or self._follows_first:
            self._select(next((group_id for group_id in order if group_id), ""))
        size = Size(self.size.width, len(order) + HEADER_LINES)
        if size != self.virtual_size:
            self.virtual_size = size
        if order != self._order:
            self._order = order
            self.refresh()
        else:
            self._paint_changes()

    def _paint_changes(self) -> None:
        """Ask for the cells that differ from what was painted last, and for nothing else."""
        for y in range(self.size.height):
            cells, painted, x = self._cells(y), self._painted.get(y), 0
            if painted is None or len(painted) != len(cells):
                self.refresh(Region(0, y, self.size.width, 1))
                continue
            for cell, before in zip(cells, painted, strict=True):
                if cell != before:
                    self.refresh(Region(x, y, len(cell.text), 1))
                x += len(cell.text)

    @property
    def _columns(self) -> Columns:
        return columns_for(self.size.width - (1 if self.show_vertical_scrollbar else 0))

    def _cells(self, y: int) -> tuple[Cell, ...]:
        """What stands in a line of the screen: the header, a site, a group, or nothing."""
        if y == 0:
            return tuple(cell for cell, _ in header(self._columns, self._arrangement))
        index = int(self.scroll_offset.y) + y - HEADER_LINES
        if self._now is None or index >= len(self._shown):
            return ()
        line = self._shown[index]
        if isinstance(line, SiteHeading):
            return site_row(line, self.size.width)
        selected, pinned = line.id == self.selected_id, line.id in self._arrangement.pinned
        return row(line, self._columns, self._now, selected=selected, pinned=pinned)

    def on_resize(self) -> None:
        """Other columns may fit now."""
        self._painted = {}
        self._lay_out()

    def render_line(self, y: int) -> Strip:
        """One line of the screen."""
        cells = self._painted[y] = self._cells(y)
        index = int(self.scroll_offset.y) + y - HEADER_LINES
        selected = y > 0 and index < len(self._order) and bool(cells) and self._order[index] == self.selected_id
        segments = [Segment(cell.text, self._style(cell.ink, selected=selected)) for cell in cells]
        return Strip(segments).adjust_cell_length(self.size.width, self._style("", selected=selected))

    def notify_style_update(self) -> None:
        """The theme is another one, or the focus is elsewhere."""
        super().notify_style_update()
        self._styles.clear()

    def _style(self, ink: str, *, selected: bool) -> Style:
        """Made once for each ink: composing styles was most of what painting a row cost."""
        if (ink, selected) not in self._styles:
            drawn = self.get_component_rich_style(f"fleet--{ink}", partial=True) if ink else Style.null()
            tint = self.get_component_rich_style("fleet--selected").bgcolor if selected else None
            self._styles[ink, selected] = self.rich_style + drawn + Style(bgcolor=tint)
        return self._styles[ink, selected]

    def _select(self, group_id: str) -> None:
        if group_id == self.selected_id:
            return
        before, self.selected_id = self.selected_id, group_id
        for changed in (before, group_id):
            if changed in self._order:
                y = self._order.index(changed) - int(self.scroll_offset.y) + HEADER_LINES
                self.refresh(Region(0, y, self.size.width, 1))
        self.post_message(self.Selected(group_id))

    def move(self, by: int) -> None:
        """Select the group so many lines below, or above when negative; a site's heading is stepped over.

        As long as the first line is selected, the selection stays with the worst group; once an operator has gone
        to another, it stays with that one wherever it moves.
        """
        places = [index for index, group_id in enumerate(self._order) if group_id]
        if not places:
            return
        here = self._order.index(self.selected_id) if self.selected_id in self._order else places[0]
        at = min(max(places.index(here) + by, 0), len(places) - 1)
        self._follows_first = at == 0
        self._select(self._order[places[at]])
        self._reveal(0 if at == 0 else places[at])

    def _reveal(self, index: int) -> None:
        visible, top = max(self.size.height - HEADER_LINES, 1), int(self.scroll_offset.y)
        if index < top:
            self.scroll_to(y=index, animate=False)
        elif index >= top + visible:
            self.scroll_to(y=index - visible + 1, animate=False)

    def on_click(self, event: Click) -> None:
        """Select by mouse; a click on a column's name sorts by it, and once more the other way round."""
        if event.y == 0:
            self._sort_at(event.x)
            return
        index = int(self.scroll_offset.y) + event.y - HEADER_LINES
        if 0 <= index < len(self._order) and self._order[index]:
            self._follows_first = False
            self._select(self._order[index])

    def _sort_at(self, x: int) -> None:
        start = 0
        for cell, by in header(self._columns, self._arrangement):
            if start <= x < start + len(cell.text) and by is not None:
                again = by is self._arrangement.sort and not self._arrangement.reverse
                self.arrange_by(replace(self._arrangement, sort=by, reverse=again))
            start += len(cell.text)

    def next_sort(self) -> None:
        """Sort by the next column."""
        sorts = list(Sort)
        following = sorts[(sorts.index(self._arrangement.sort) + 1) % len(sorts)]
        self.arrange_by(replace(self._arrangement, sort=following, reverse=False))
