"""Block means: some figures of all groups of a block at once, as means of five minutes where they are rolled up.

A row holds 64 groups, so reading it once for all of them costs little more than reading it for one.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from nodescaler_tui.record.history.coding import GROUPS_A_BLOCK, UNITS, UNKNOWN, Column
from nodescaler_tui.record.history.figures import Figure
from nodescaler_tui.record.history.reader import HistoryReader
from nodescaler_tui.record.history.schema import BLOCKS
from nodescaler_tui.record.history.spans import pieces
from nodescaler_tui.record.history.tiers import FIVE_MINUTES, READINGS

BLOCK_OF: Final = GROUPS_A_BLOCK
"""Group `number` is member `number % BLOCK_OF` of block `number // BLOCK_OF`."""

MOST_GROUPS: Final = BLOCKS * BLOCK_OF
"""Groups from this number on have no block of their own, and nothing is kept of them."""


@dataclass(frozen=True, slots=True)
class BlockMeans:
    """One stretch of time around `at_s`, `bin_s` long (0: a single reading).

    `columns` has a row for each figure that was asked for, with the mean of each member; NaN where it is not known.
    """

    at_s: float
    bin_s: float
    columns: Sequence[Sequence[float]]


def block_means(
    reader: HistoryReader, block: int, figures: Sequence[Figure], begins_s: float, ends_s: float
) -> Iterator[BlockMeans]:
    """What was measured here between two moments, oldest first."""
    for piece in pieces(reader.extents(), begins_s, ends_s, FIVE_MINUTES):
        for at_s, row in reader.rows(block, piece):
            column = row.reading_column if piece.tier is READINGS else row.mean_column
            yield BlockMeans(at_s, float(piece.tier.bin_s), [_values(figure, column(figure)) for figure in figures])


def _values(figure: Figure, column: Column) -> list[float]:
    unit = UNITS[figure]
    return [math.nan if number == UNKNOWN else number / unit for number in column]


def group_means(
    reader: HistoryReader, group_id: str, figures: Sequence[Figure], begins_s: float, ends_s: float
) -> Iterator[BlockMeans]:
    """The same for a single group, with what was imported of it; each column has one member."""
    at: dict[tuple[float, float], dict[Figure, float]] = {}
    for figure, bins in reader.finest(group_id, figures, begins_s, ends_s, FIVE_MINUTES).items():
        for entry in bins:
            at.setdefault((entry.at_s, entry.bin_s), {})[figure] = entry.mean
    for (at_s, bin_s), means in sorted(at.items()):
        yield BlockMeans(at_s, bin_s, [[means.get(figure, math.nan)] for figure in figures])
