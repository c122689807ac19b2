"""The rows of the fleet table: what stands in each column, and which columns a width has room for. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.show.widgets.fleet_order import Arrangement, SiteHeading, Sort
from nodescaler_tui.show.words import (
    RANKS,
    SYMBOLS,
    UNKNOWN,
    change_mark,
    ink,
    is_believed,
    is_known_now,
    nodes_of,
    sessions_per_node,
    severity_word,
    short_age,
    sparkline,
    whole_percent,
)
from nodescaler_tui.state import GroupState, Severity, SignalState

TREND_WIDTH: Final = 5
LEAST_NAME: Final = 10
_ROOM_FOR: Final = {"eta": 52, "trend of cpu": 62, "whole words": 74, "trend of memory": 84, "trend of sessions": 92}
"""In columns. The dashboard gives its fleet 58 or more, so that the ETA is always there."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One piece of a row: its text, padded to its width, and the name of its ink."""

    text: str
    ink: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns a width has room for; a width of 0 leaves one out."""

    name: int
    severity: int
    trends: frozenset[SignalName]
    eta: int


def columns_for(width: int) -> Columns:
    """The name takes what the others leave."""
    trends = frozenset(
        name
        for name, what in (
            (SignalName.CPU, "trend of cpu"),
            (SignalName.MEMORY, "trend of memory"),
            (SignalName.SESSIONS, "trend of sessions"),
        )
        if width >= _ROOM_FOR[what]
    )
    severity = 9 if width >= _ROOM_FOR["whole words"] else 5
    eta = 5 if width >= _ROOM_FOR["eta"] else 0
    fixed = 3 + severity + 7 + 5 + 5 + 6 + eta + 5 + (TREND_WIDTH + 1) * len(trends)
    return Columns(max(width - fixed, LEAST_NAME), severity, trends, eta)


def header(columns: Columns, arrangement: Arrangement) -> tuple[tuple[Cell, Sort | None], ...]:
    """The column names, each with what it sorts by; the one that is sorted by carries a mark."""

    def named(name: str, width: int, by: Sort, *, right: bool = True) -> tuple[Cell, Sort | None]:
        mark = ("▴" if arrangement.reverse else "▾") if by is arrangement.sort else ""
        text = f"{name}{mark}"
        return Cell(f"{text:>{width}}" if right else f"{text:<{width}}", "muted"), by

    def trend(name: SignalName) -> list[tuple[Cell, Sort | None]]:
        return [(Cell(" " * (TREND_WIDTH + 1), "muted"), None)] if name in columns.trends else []

    return (
        (Cell("   "), None),
        named("group", columns.name, Sort.NAME, right=False),
        named(" now", columns.severity, Sort.WORST, right=False),
        named("nodes", 7, Sort.NODES),
        named("cpu", 5, Sort.CPU),
        *trend(SignalName.CPU),
        named("mem", 5, Sort.MEMORY),
        *trend(SignalName.MEMORY),
        named("sess", 6, Sort.SESSIONS),
        *trend(SignalName.SESSIONS),
        *([named("eta", columns.eta, Sort.ETA)] if columns.eta else []),
        named("age", 5, Sort.AGE),
    )


def row(
    group: GroupState, columns: Columns, now: datetime, *, selected: bool = False, pinned: bool = False
) -> tuple[Cell, ...]:
    """One group. A value that is no longer believed is dim, one that was never measured is a dash."""
    colour = ink(group.severity)
    word = severity_word(group.severity)[: columns.severity - 1]
    return (
        Cell(f"{'▸' if selected else ' '}{SYMBOLS[group.severity]}{'★' if pinned else ' '}", colour),
        Cell(_fitted(group, columns.name), "bold" if group.severity is Severity.CRITICAL else ""),
        Cell(f" {word:<{columns.severity - 1}}", colour),
        Cell(f"{nodes_of(group.counts, group.matrix.max_nodes):>7}", "" if is_known_now(group) else "stale"),
        *_signal_cells(group, SignalName.CPU, columns),
        *_signal_cells(group, SignalName.MEMORY, columns),
        *_signal_cells(group, SignalName.SESSIONS, columns),
        *([_eta(group, now, columns.eta)] if columns.eta else []),
        _age(group, now),
    )


def site_row(heading: SiteHeading, width: int) -> tuple[Cell, ...]:
    """The line above a site's groups."""
    begin = f"▾ {heading.site} ─ "
    return (Cell(f"{begin}{totals(heading.groups, width - len(begin))}"[:width].ljust(width), "muted"),)


def _fitted(group: GroupState, width: int) -> str:
    """The name with what is going on; where there is no room it is the name that is cut, with a mark."""
    marks = " ⚙" if group.operation_id else " ▲" if group.plan is not None else ""
    marks += " ✓seen" if group.acknowledged else ""
    name = f"{group.name}{' (Genesys)' if group.managed else ''}"
    room = max(width - len(marks), 1)
    return f"{f'{name[: room - 1]}…' if len(name) > room else name}{marks}"[:width].ljust(width)


def _signal_cells(group: GroupState, name: SignalName, columns: Columns) -> list[Cell]:
    signal = group.signal(name)
    text, width = _value_text(group, signal, name), 6 if name is SignalName.SESSIONS else 5
    mark = change_mark(signal) if is_believed(signal) and text != UNKNOWN else ""
    cells = [Cell(f"{text:>{width - 1}}{mark or ' '}", _ink_of(signal))]
    if name in columns.trends:
        trend = () if signal is None else signal.trend
        cells.append(Cell(f"{sparkline(trend, TREND_WIDTH)} ", _ink_of(signal) or "muted"))
    return cells


def _value_text(group: GroupState, signal: SignalState | None, name: SignalName) -> str:
    if name is SignalName.SESSIONS:
        ratio = sessions_per_node(group)
        return UNKNOWN if ratio is None else f"{ratio:.2f}"
    return whole_percent(None if signal is None or signal.value is None else float(signal.value))


def _ink_of(signal: SignalState | None) -> str:
    if signal is None or not is_believed(signal):
        return "stale"
    return "" if signal.level.value == "OK" else signal.level.value.lower()


def _eta(group: GroupState, now: datetime, width: int) -> Cell:
    """When it is expected to turn critical: now when it is, dim where forecasts were wrong.

    Blank where nothing is expected, a dash where nothing is known of what comes.
    """
    if group.severity is Severity.CRITICAL:
        return Cell(f"{'now':>{width}}", ink(Severity.CRITICAL))
    if group.outlook is None or not group.outlook.foresees:
        return Cell(f"{UNKNOWN:>{width}}", "muted")
    soonest = group.outlook.soonest
    if soonest is None:
        return Cell(" " * width)
    at, signal = soonest
    text = f"~{short_age(now, at)}" if at > now else "due"
    return Cell(f"{text:>{width}}", "stale" if signal.doubt else "warning")


def _age(group: GroupState, now: datetime) -> Cell:
    """The age of the CPU sample, the number that people look at; the reading's where there is none."""
    signal = group.signal(SignalName.CPU)
    sampled_at = signal.sampled_at if signal is not None else None
    return Cell(f"{short_age(sampled_at or group.read_at, now):>5}", "" if is_believed(signal) else "stale")


def totals(groups: Sequence[GroupState], width: int) -> str:
    """The fleet in one line: how many of each severity, and how many nodes; `+?` when some are not counted."""
    whole = _totals(groups, longest=9)
    return whole if len(whole) <= width else _totals(groups, longest=4)


def _totals(groups: Sequence[GroupState], longest: int) -> str:
    counts = {severity: sum(1 for group in groups if group.severity is severity) for severity in Severity}
    nodes = sum(group.counts.in_service or 0 for group in groups)
    uncounted = sum(1 for group in groups if group.counts.in_service is None)
    words = [
        f"{SYMBOLS[severity]} {counts[severity]} {severity.value.lower()[:longest]}"
        for severity in RANKS
        if counts[severity]
    ]
    return " · ".join([*words, f"{nodes}{'+?' if uncounted else ''} nodes"])
