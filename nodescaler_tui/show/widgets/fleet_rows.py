"""The rows of the fleet table: which groups, in which order, and what stands in each column. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.show.words import (
    RANKS,
    SYMBOLS,
    UNKNOWN,
    ink,
    is_believed,
    nodes_of,
    sessions_per_node,
    severity_word,
    short_age,
    sparkline,
    whole_percent,
)
from nodescaler_tui.state import GroupState, Severity

TREND_WIDTH: Final = 5
WIDE_ENOUGH_FOR_WHOLE_WORDS: Final = 68
WIDE_ENOUGH_FOR_TREND: Final = 52
LEAST_NAME: Final = 10


class Sort(StrEnum):
    """By which column the fleet is sorted; worst first is the default."""

    WORST = "worst"
    NAME = "name"
    NODES = "nodes"
    CPU = "cpu"
    MEMORY = "memory"
    SESSIONS = "sessions"


@dataclass(frozen=True, slots=True)
class Cell:
    """One piece of a row: its text, padded to its width, and the name of its ink."""

    text: str
    ink: str = ""


@dataclass(frozen=True, slots=True)
class Columns:
    """Which columns a width has room for."""

    name: int
    severity: int
    trend: bool


def columns_for(width: int) -> Columns:
    """The name takes what the others leave."""
    trend = width >= WIDE_ENOUGH_FOR_TREND
    severity = 9 if width >= WIDE_ENOUGH_FOR_WHOLE_WORDS else 5
    fixed = 3 + severity + 7 + 5 + 5 + 6 + 5 + (TREND_WIDTH + 1 if trend else 0)
    return Columns(max(width - fixed, LEAST_NAME), severity, trend)


def ordered(groups: Sequence[GroupState], sort: Sort, wanted: str) -> list[GroupState]:
    """The groups that match the filter, sorted; ties by name, so that nothing jumps about."""
    return sorted((group for group in groups if _matches(group, wanted)), key=lambda group: _key(group, sort))


def _matches(group: GroupState, wanted: str) -> bool:
    """Part of the name, the site or the severity; a leading ! inverts."""
    text = f"{group.name} {group.site} {group.severity}".lower()
    if wanted.startswith("!"):
        return wanted[1:].lower() not in text or wanted == "!"
    return wanted.lower() in text


def _key(group: GroupState, sort: Sort) -> tuple[float, float, str]:
    name = str(group.name).lower()
    match sort:
        case Sort.WORST:
            return (RANKS[group.severity], -(_value(group, SignalName.CPU) or 0.0), name)
        case Sort.NAME:
            return (0, 0, name)
        case Sort.NODES:
            return (0, -(group.counts.in_service or 0), name)
        case Sort.CPU:
            return (0, -(_value(group, SignalName.CPU) or 0.0), name)
        case Sort.MEMORY:
            return (0, -(_value(group, SignalName.MEMORY) or 0.0), name)
        case Sort.SESSIONS:
            return (0, -(sessions_per_node(group) or 0.0), name)


def _value(group: GroupState, name: SignalName) -> float | None:
    signal = group.signal(name)
    return None if signal is None or signal.value is None else float(signal.value)


def header(columns: Columns, sort: Sort) -> tuple[Cell, ...]:
    """The column names; the one that is sorted by carries a mark."""

    def named(name: str, width: int, by: Sort | None, *, right: bool = True) -> Cell:
        text = f"{name}▾" if by is sort else name
        return Cell(f"{text:>{width}}" if right else f"{text:<{width}}", "muted")

    cells = [
        Cell("   "),
        named("group", columns.name, Sort.NAME, right=False),
        named(" now", columns.severity, Sort.WORST, right=False),
        named("nodes", 7, Sort.NODES),
        named("cpu", 5, Sort.CPU),
    ]
    if columns.trend:
        cells.append(Cell(" " * (TREND_WIDTH + 1)))
    cells += [named("mem", 5, Sort.MEMORY), named("sess", 6, Sort.SESSIONS), named("age", 5, None)]
    return tuple(cells)


def row(group: GroupState, columns: Columns, now: datetime) -> tuple[Cell, ...]:
    """One group. A value that is no longer believed is dim, one that was never measured is a dash."""
    colour = ink(group.severity)
    cells = [
        Cell(f" {SYMBOLS[group.severity]} ", colour),
        Cell(_fitted(_named(group), columns.name), "bold" if group.severity is Severity.CRITICAL else ""),
    ]
    cells.append(Cell(f" {severity_word(group.severity)[: columns.severity - 1]:<{columns.severity - 1}}", colour))
    cells.append(Cell(f"{nodes_of(group.counts, group.matrix.max_nodes):>7}"))
    cells.append(_utilization(group, SignalName.CPU))
    if columns.trend:
        cells.append(Cell(f" {sparkline(group.cpu_trend, TREND_WIDTH)}", colour))
    cells += [_utilization(group, SignalName.MEMORY), _sessions(group), _age(group, now)]
    return tuple(cells)


def _named(group: GroupState) -> str:
    marks = " ⚙" if group.operation_id else " ▲" if group.plan is not None else ""
    return f"{group.name}{' (Genesys)' if group.managed else ''}{marks}"


def _fitted(text: str, width: int) -> str:
    return f"{text[: width - 1]}…" if len(text) > width else text.ljust(width)


def _utilization(group: GroupState, name: SignalName) -> Cell:
    signal = group.signal(name)
    text = whole_percent(None if signal is None or signal.value is None else float(signal.value))
    return Cell(f"{text:>5}", _ink_of(group, name))


def _sessions(group: GroupState) -> Cell:
    ratio = sessions_per_node(group)
    return Cell(f"{UNKNOWN if ratio is None else f'{ratio:.2f}':>6}", _ink_of(group, SignalName.SESSIONS))


def _ink_of(group: GroupState, name: SignalName) -> str:
    signal = group.signal(name)
    if signal is None or not is_believed(signal):
        return "stale"
    return "" if signal.level.value == "OK" else signal.level.value.lower()


def _age(group: GroupState, now: datetime) -> Cell:
    """The age of the CPU sample, the number that people look at; the reading's where there is none."""
    signal = group.signal(SignalName.CPU)
    sampled_at = signal.sampled_at if signal is not None else None
    return Cell(f"{short_age(sampled_at or group.read_at, now):>5}", "" if is_believed(signal) else "stale")


def totals(groups: Sequence[GroupState]) -> str:
    """The fleet in one line: how many of each severity, and how many nodes."""
    counts = {severity: sum(1 for group in groups if group.severity is severity) for severity in Severity}
    nodes = sum(group.counts.in_service or 0 for group in groups)
    words = [
        f"{SYMBOLS[severity]} {counts[severity]} {severity.value.lower()}" for severity in RANKS if counts[severity]
    ]
    return " · ".join([*words, f"{nodes} nodes"])
