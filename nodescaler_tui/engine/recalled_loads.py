"""Recalled loads: what the history knows of the last eight days, as bars for the load book. Blocks, and needs numpy."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence

import numpy as np

from nodescaler_tui.decide.forecast.bars import Floats, Indices
from nodescaler_tui.decide.forecast.load import busy_nodes
from nodescaler_tui.decide.forecast.outlook import STEP_S
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine.load_book import FIGURES, MOST_BARS, StoredBars
from nodescaler_tui.record.history.block_means import BLOCK_OF, MOST_GROUPS, BlockMeans, block_means, group_means
from nodescaler_tui.record.history.reader import Group, HistoryReader
from nodescaler_tui.record.history.stored import StoredHistory


def recalled_loads(
    history: StoredHistory, group_ids: Collection[str], now_s: float
) -> Iterator[tuple[str, StoredBars]]:
    """The stored loads of these groups; one that the history does not know is left out. Raises HistoryUnavailable."""
    with history.reading() as reader:
        yield from _read(reader, group_ids, now_s)


def _read(reader: HistoryReader, group_ids: Collection[str], now_s: float) -> Iterator[tuple[str, StoredBars]]:
    begins_s = now_s - MOST_BARS * STEP_S
    imported = reader.imported_groups()
    by_block: dict[int, list[Group]] = {}
    for group in reader.groups():
        if group.id not in group_ids or group.number >= MOST_GROUPS:
            continue
        if group.number in imported:
            yield group.id, _stored(group_means(reader, group.id, FIGURES, begins_s, now_s), [0], now_s)[0]
        else:
            by_block.setdefault(group.number // BLOCK_OF, []).append(group)
    for block, groups in by_block.items():
        members = [group.number % BLOCK_OF for group in groups]
        found = _stored(block_means(reader, block, FIGURES, begins_s, now_s), members, now_s)
        yield from zip((group.id for group in groups), found, strict=True)


def _stored(means: Iterable[BlockMeans], members: Sequence[int], now_s: float) -> list[StoredBars]:
    """The bars of these members of the block that are over."""
    over = int(now_s // STEP_S)
    covering = [(index, entry.columns) for entry in means for index in _covered(entry) if index < over]
    if not covering:
        return [{} for _ in members]
    indices = np.array([index for index, _ in covering], np.int64)
    values = np.array([columns for _, columns in covering])[:, :, members]
    cpu, memory, sessions, nodes = (values[:, place] for place in range(len(FIGURES)))
    loads = dict(zip(SignalName, (busy_nodes(cpu, nodes), busy_nodes(memory, nodes), sessions), strict=True))
    return [
        {signal: _means(indices, load[:, place]) for signal, load in loads.items()} for place in range(len(members))
    ]


def _covered(entry: BlockMeans) -> Sequence[int]:
    """Which bars a stretch of time is about: one, or all that it is as long as."""
    first = int((entry.at_s - entry.bin_s / 2) // STEP_S)
    return range(first, first + max(1, round(entry.bin_s / STEP_S)))


def _means(indices: Indices, loads: Floats) -> tuple[array[int], array[float]]:
    """The mean of all that is known within each bar; a bar of which nothing is known is left out."""
    known = np.isfinite(loads)
    bars, place = np.unique(indices[known], return_inverse=True)
    means = np.bincount(place, loads[known]) / np.bincount(place) if len(bars) else np.empty(0)
    return array("q", bars.astype(np.int64).tobytes()), array("f", means.astype(np.float32).tobytes())
