"""The history as a backtest replays it: every signal of a group in bars of five minutes, with its limits."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nodescaler_tui.decide.forecast.bars import BAR_S, BARS_A_DAY, BARS_AHEAD, MOST_BARS, Floats, Indices
from nodescaler_tui.decide.forecast.load import NEEDED_S
from nodescaler_tui.decide.forecast.outlook import NotEnoughHistory
from nodescaler_tui.decide.forecast.retrospect import EVERY_BARS, Limit, Recorded
from nodescaler_tui.decide.forecast.words import history_sentence
from nodescaler_tui.decide.signals import Level, SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.record.history.block_means import BLOCK_OF, BlockMeans, block_means, group_means
from nodescaler_tui.record.history.figures import Figure
from nodescaler_tui.record.history.reader import Group, HistoryReader
from nodescaler_tui.record.history.schema import BLOCKS
from nodescaler_tui.record.history.tiers import DAY_S, READINGS, ROLLED

NEVER_RECORDED: Final = "nothing was recorded"
NODES_NEVER_RECORDED: Final = "the nodes in service were not recorded"
TOO_MANY_GAPS: Final = "too many gaps for a forecast and the hour after it"

FINE_ENOUGH: Final = tuple(tier for tier in (READINGS, *ROLLED) if tier.bin_s <= BAR_S)
"""What is only kept more coarsely is too coarse to be replayed."""

_FIGURE_OF: Final = {
    SignalName.CPU: Figure.CPU,
    SignalName.MEMORY: Figure.MEMORY,
    SignalName.SESSIONS: Figure.SESSIONS,
}
_FIGURES: Final = (*_FIGURE_OF.values(), Figure.NODES)


@dataclass(frozen=True, slots=True)
class Span:
    """What is replayed: the bars from `first_bar` on, and before them as much as a forecast looks back."""

    begins_s: float
    bars: int
    first_bar: int

    @staticmethod
    def ending(now_s: float, days: int) -> Span:
        """The last days up to the newest bar that is complete; bars begin at full quarters of an hour."""
        ends = int(now_s // BAR_S)
        begins = (ends - days * BARS_A_DAY - MOST_BARS) // EVERY_BARS * EVERY_BARS
        return Span(begins * BAR_S, ends - begins, ends - begins - days * BARS_A_DAY)

    @property
    def first_s(self) -> float:
        """When the first replayed bar began."""
        return self.begins_s + self.first_bar * BAR_S

    @property
    def ends_s(self) -> float:
        """When the newest complete bar ended."""
        return self.begins_s + self.bars * BAR_S

    @property
    def days(self) -> int:
        """How many days are replayed."""
        return (self.bars - self.first_bar) // BARS_A_DAY


def days_held(begins_s: float | None, now_s: float) -> int:
    """How many days there are of which anything can be judged, begun ones too, at least one; the first hours teach."""
    return 1 if begins_s is None else max(1, math.ceil((now_s - begins_s - NEEDED_S) / DAY_S))


@dataclass(frozen=True, slots=True)
class GroupHistory:
    """What can be replayed of one group, and for each other signal the reason why it cannot.

    Without nodes in service utilization itself is replayed, as of a group that never changed its size.
    """

    recorded: tuple[Recorded, ...]
    lacking: tuple[tuple[SignalName, str], ...]
    nodes_known: bool


def read_groups(
    reader: HistoryReader, groups: Sequence[Group], matrix: Callable[[str], ThresholdMatrix], span: Span
) -> Iterator[tuple[Group, GroupHistory]]:
    """Everything of these groups, each by its own thresholds. Raises HistoryUnavailable."""
    imported = reader.imported_groups()
    by_block: dict[int, list[Group]] = {}
    for group in groups:
        if group.number in imported or group.number >= BLOCKS * BLOCK_OF:
            (bars,) = _in_bars(group_means(reader, group.id, _FIGURES, span.begins_s, span.ends_s), [0], span)
            yield group, _history(group.id, bars, matrix(group.id))
        else:
            by_block.setdefault(group.number // BLOCK_OF, []).append(group)
    for block, some in by_block.items():
        members = [group.number % BLOCK_OF for group in some]
        found = _in_bars(block_means(reader, block, _FIGURES, span.begins_s, span.ends_s), members, span)
        yield from (
            (group, _history(group.id, bars, matrix(group.id))) for group, bars in zip(some, found, strict=True)
        )


def _history(group_id: str, bars: Mapping[Figure, Floats], matrix: ThresholdMatrix) -> GroupHistory:
    nodes = bars[Figure.NODES]
    nodes_known = bool((nodes > 0).any())
    recorded, lacking = list[Recorded](), list[tuple[SignalName, str]]()
    for signal, figure in _FIGURE_OF.items():
        if not np.isfinite(bars[figure]).any():
            lacking.append((signal, NEVER_RECORDED))
        elif signal is SignalName.SESSIONS and not nodes_known:
            lacking.append((signal, NODES_NEVER_RECORDED))
        else:
            serving = nodes if nodes_known else np.ones(len(nodes))
            value = _per_node(bars[figure], serving) if signal is SignalName.SESSIONS else bars[figure]
            recorded.append(Recorded(group_id, signal, value, serving, limits_of(signal, matrix)))
    return GroupHistory(tuple(recorded), tuple(lacking), nodes_known)


def limits_of(signal: SignalName, matrix: ThresholdMatrix) -> tuple[Limit, ...]:
    """The limits of a signal for each node; sessions have only one."""
    match signal:
        case SignalName.CPU:
            return Limit(Level.WARNING, matrix.cpu_warning), Limit(Level.CRITICAL, matrix.cpu_critical)
        case SignalName.MEMORY:
            return Limit(Level.WARNING, matrix.memory_warning), Limit(Level.CRITICAL, matrix.memory_critical)
        case SignalName.SESSIONS:
            return (Limit(Level.CRITICAL, float(matrix.sessions_limit_per_node)),)


def why_not(recorded: Recorded, span: Span) -> str:
    """Why no forecast of this signal can be judged."""
    known = int(np.isfinite(recorded.load).sum())
    needed_s = NEEDED_S + BARS_AHEAD * BAR_S
    if known * BAR_S < needed_s:
        return history_sentence(NotEnoughHistory(known * BAR_S, needed_s))
    if not np.isfinite(recorded.load[span.first_bar :]).any():
        return f"nothing was recorded in the last {span.days} days"
    return TOO_MANY_GAPS


def _in_bars(means: Iterable[BlockMeans], members: Sequence[int], span: Span) -> list[dict[Figure, Floats]]:
    """The mean of each five minutes, by member; what is only kept more coarsely is too coarse to be replayed."""
    fine = [(int((entry.at_s - span.begins_s) // BAR_S), entry.columns) for entry in means if entry.bin_s <= BAR_S]
    within = [(bar, columns) for bar, columns in fine if 0 <= bar < span.bars]
    at = np.array([bar for bar, _ in within], np.intp)
    values = np.array([columns for _, columns in within]).reshape(len(within), len(_FIGURES), -1)
    return [
        {figure: _mean_by_bar(at, values[:, place, member], span.bars) for place, figure in enumerate(_FIGURES)}
        if len(within)
        else {figure: np.full(span.bars, np.nan) for figure in _FIGURES}
        for member in members
    ]


def _mean_by_bar(at: Indices, values: Floats, bars: int) -> Floats:
    known = np.isfinite(values)
    count = np.bincount(at[known], minlength=bars)
    total = np.bincount(at[known], values[known], minlength=bars)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _per_node(sessions: Floats, nodes: Floats) -> Floats:
    return np.asarray(np.divide(sessions, nodes, out=np.full(len(sessions), np.nan), where=nodes > 0))
