"""What surrounds one group: what may come, what Genesys scales by itself, and the last operations on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from textual.content import Content
from textual.widgets import Static

from nodescaler_tui.outlook_words import outlook_words
from nodescaler_tui.show.inked import line, lines
from nodescaler_tui.show.words import age, clock, outlook_ink, phase_ink
from nodescaler_tui.state import ContextState, GroupState, OperationState, State

NEWEST: Final = 5


class GroupSurroundings(Static):
    """A few lines under the nodes."""

    def show(self, state: State, group: GroupState | None, now: datetime) -> None:
        """Draw it as of now."""
        self.update(Content("") if group is None else surroundings(state, group, now))


def surroundings(state: State, group: GroupState, now: datetime) -> Content:
    """The next hour of each signal, Genesys's own scaling where it applies, then the newest operations first."""
    mine = [each for each in state.operations if each.group_id == group.id][-NEWEST:]
    return lines(
        *_ahead_rows(group, now),
        *_genesys_rows(state.context, group, now),
        *_operation_rows(list(reversed(mine)), now),
    )


def _ahead_rows(group: GroupState, now: datetime) -> list[Content]:
    if group.outlook is None:
        return []
    told = f"  as of {age(group.outlook.made_at, now)} ago"
    rows = [line((f"  {outlook_words(signal, now)}", outlook_ink(signal))) for signal in group.outlook.signals]
    return [line(("Ahead", "bold"), (told, "muted")), *rows, Content("")]


def _genesys_rows(context: ContextState, group: GroupState, now: datetime) -> list[Content]:
    rows: list[Content] = []
    if group.managed:
        told = str(context.organization_calls) or "what it uses is not known"
        read = f"  {age(context.organization_calls_at, now)} old" if context.organization_calls_at else ""
        rows += [line(("Scaled by Genesys  ", "bold"), (told, ""), (read, "muted"))]
    if context.vendor_status:
        read = f"  {age(context.vendor_status_at, now)} old"
        rows += [line(("Genesys status  ", "bold"), (str(context.vendor_status), ""), (read, "muted"))]
    return [*rows, Content("")] if rows else rows


def _operation_rows(operations: Sequence[OperationState], now: datetime) -> list[Content]:
    if not operations:
        return [line(("Operations  ", "bold"), ("none on this group lately", "muted"))]
    return [line(("Operations", "bold")), *(_operation_row(each, now) for each in operations)]


def _operation_row(operation: OperationState, now: datetime) -> Content:
    same_day = operation.approved_at.astimezone().date() == now.astimezone().date()
    moment = operation.approved_at.astimezone()
    return line(
        (f"  {clock(moment) if same_day else f'{moment:%d %b %H:%M}'}  ", "muted"),
        (f"{operation.from_nodes} → {operation.requested_nodes}  ", ""),
        (operation.phase.value, phase_ink(operation.phase)),
        (f"  by {operation.operator}", "muted"),
    )
