"""The fleet table: one line a group, worst first, as smooth with a thousand groups as with ten.

It paints only visible lines, and of these only those that changed. The selected group stays selected when the order
changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.events import Click
from textual.geometry import Region, Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from nodescaler_tui.show.widgets.fleet_rows import Cell, Columns, Sort, columns_for, header, ordered, row
from nodescaler_tui.state import GroupState

HEADER_LINES = 1


class FleetTable(ScrollView, can_focus=True):
    """Draws groups; tells by a message which one is selected."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"fleet--{name}" for name in ("critical", "warning", "ok", "unknown", "stale", "muted", "bold", "selected")
    }

    sort: reactive[Sort] = reactive(Sort.WORST)
    wanted: reactive[str] = reactive("")

    class Selected(Message):
        """Another group is selected."""

        def __init__(self, group_id: str) -> None:
            super().__init__()
            self.group_id = group_id

    def __init__(self, *, id: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id)
        self._groups: Sequence[GroupState] = ()
        self._shown: list[GroupState] = []
        self._lines: dict[str, tuple[Cell, ...]] = {}
        self._order: list[str] = []
        self._now: datetime | None = None
        self._follows_first = True
        self.selected_id = ""

    def show(self, groups: Sequence[GroupState], now: datetime) -> None:
        """Draw these groups as of now; only lines that differ are painted again."""
        self._groups, self._now = groups, now
        self._arrange()

    def stay(self) -> None:
        """Keep the selected group from now on, even when another one gets worse."""
        self._follows_first = False

    def watch_sort(self) -> None:
        """The order changed."""
        self._arrange()

    def watch_wanted(self) -> None:
        """The filter changed."""
        self._arrange()

    def _arrange(self) -> None:
        self._shown = ordered(self._groups, self.sort, self.wanted)
        order = [group.id for group in self._shown]
        if self.selected_id not in order or self._follows_first:
            self._select(order[0] if order else "")
        size = Size(self.size.width, len(order) + HEADER_LINES)
        if size != self.virtual_size:
            self.virtual_size = size
        if order != self._order:
            self._order, self._lines = order, {}
            self.refresh()
            return
        self._paint_changes()

    def _paint_changes(self) -> None:
        columns, top = self._columns, int(self.scroll_offset.y)
        for line in range(HEADER_LINES, self.size.height):
            index = top + line - HEADER_LINES
            if index < len(self._shown):
                group = self._shown[index]
                if self._lines.get(group.id) != self._cells(group, columns):
                    self.refresh(Region(0, line, self.size.width, 1))

    @property
    def _columns(self) -> Columns:
        return columns_for(self.size.width - (1 if self.show_vertical_scrollbar else 0))

    def _cells(self, group: GroupState, columns: Columns) -> tuple[Cell, ...]:
        return row(group, columns, self._now) if self._now is not None else ()

    def on_resize(self) -> None:
        """Other columns may fit now."""
        self._lines = {}
        self._arrange()

    def render_line(self, y: int) -> Strip:
        """One line: the header, or the group that is scrolled there."""
        columns, width = self._columns, self.size.width
        if y == 0:
            return self._strip(header(columns, self.sort), width, selected=False)
        index = int(self.scroll_offset.y) + y - HEADER_LINES
        if index >= len(self._shown):
            return Strip.blank(width, self.rich_style)
        group = self._shown[index]
        cells = self._cells(group, columns)
        self._lines[group.id] = cells
        return self._strip(cells, width, selected=group.id == self.selected_id)

    def _strip(self, cells: tuple[Cell, ...], width: int, *, selected: bool) -> Strip:
        base = self.rich_style
        under = self.get_component_rich_style("fleet--selected") if selected else base
        segments = [Segment(cell.text, base + self._ink(cell.ink) + _background(under)) for cell in cells]
        return Strip(segments).adjust_cell_length(width, base + _background(under))

    def _ink(self, name: str) -> Style:
        return self.get_component_rich_style(f"fleet--{name}", partial=True) if name else Style.null()

    def _select(self, group_id: str) -> None:
        if group_id == self.selected_id:
            return
        before, self.selected_id = self.selected_id, group_id
        for changed in (before, group_id):
            self._lines.pop(changed, None)
        self.post_message(self.Selected(group_id))
        self._paint_changes()

    def move(self, by: int) -> None:
        """Select the line so many below, or above when negative.

        As long as the first line is selected, the selection stays with the worst group; once an operator has gone
        to another, it stays with that one wherever it moves.
        """
        if not self._order:
            return
        index = self._order.index(self.selected_id) if self.selected_id in self._order else 0
        index = min(max(index + by, 0), len(self._order) - 1)
        self._follows_first = index == 0
        self._select(self._order[index])
        visible = max(self.size.height - HEADER_LINES, 1)
        top = int(self.scroll_offset.y)
        if index < top:
            self.scroll_to(y=index, animate=False)
        elif index >= top + visible:
            self.scroll_to(y=index - visible + 1, animate=False)

    def on_click(self, event: Click) -> None:
        """Select by mouse; a click on the header sorts by the next column."""
        if event.y == 0:
            self.next_sort()
            return
        index = int(self.scroll_offset.y) + event.y - HEADER_LINES
        if 0 <= index < len(self._order):
            self._follows_first = False
            self._select(self._order[index])

    def next_sort(self) -> None:
        """Sort by the next column."""
        sorts = list(Sort)
        self.sort = sorts[(sorts.index(self.sort) + 1) % len(sorts)]


def _background(style: Style) -> Style:
    return Style(bgcolor=style.bgcolor)
