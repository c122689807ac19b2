"""Spans: which tier answers for which part of a wanted stretch of time, and bins merged into columns. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from nodescaler_tui.record.history.tiers import COARSEST_FIRST, READINGS, Tier

MEASURED: Final = ""
"""The source of what this program measured itself; everything else was imported."""

MEASURED_WORD: Final = "measured"
"""What it is called beside others."""


@dataclass(frozen=True, slots=True)
class Bin:
    """What is known of one figure within a stretch of time around `at_s` (Unix time): never made for an unknown."""

    at_s: float
    low: float
    mean: float
    high: float
    count: int
    bin_s: float = 0.0
    source: str = MEASURED


@dataclass(frozen=True, slots=True)
class Extent:
    """From when to when a tier holds anything; both None when it is empty."""

    begins_s: float | None = None
    ends_s: float | None = None


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a span, and the tier that answers for it; half-open."""

    tier: Tier
    begins_s: float
    ends_s: float


def tier_for(column_s: float) -> Tier:
    """The coarsest tier whose bins are as fine as a column: no peak differs from what the finest would give."""
    return next((tier for tier in COARSEST_FIRST if tier.bin_s <= column_s), READINGS)


def pieces(extents: Mapping[Tier, Extent], begins_s: float, ends_s: float, wanted: Tier) -> list[Piece]:
    """The wanted tier where it reaches; coarser ones before it begins, finer ones for what is not rolled up yet."""
    index, found, cursor_s = COARSEST_FIRST.index(wanted), list[Piece](), begins_s
    for position, tier in enumerate(COARSEST_FIRST):
        extent = extents[tier]
        if extent.begins_s is None or extent.ends_s is None:
            continue
        until_s = min(extent.ends_s, ends_s)
        if position < index:
            finer_s = _begin_of_finer(extents, position, index)
            until_s = min(until_s, _until_finer_begins(extent.begins_s, finer_s, tier.bin_s))
        from_s = max(cursor_s, extent.begins_s)
        if until_s > from_s:
            found.append(Piece(tier, from_s, until_s))
            cursor_s = until_s
    return found


def _begin_of_finer(extents: Mapping[Tier, Extent], position: int, index: int) -> float:
    """From when on a finer tier, down to the wanted one or beyond, has something better to say."""
    finer = [extents[tier].begins_s for tier in COARSEST_FIRST[position + 1 : index + 1]]
    known = [begins_s for begins_s in finer if begins_s is not None]
    later = [extents[tier].begins_s for tier in COARSEST_FIRST[index + 1 :]]
    return min(known or [begins_s for begins_s in later if begins_s is not None], default=float("inf"))


def _until_finer_begins(begins_s: float, finer_s: float, bin_s: int) -> float:
    """Up to where a coarse tier answers: it is never cut within a bin, and needed only for what the finer one lacks."""
    if finer_s == float("inf"):
        return finer_s
    return -(-finer_s // bin_s) * bin_s if begins_s < finer_s // bin_s * bin_s else begins_s


@dataclass(slots=True)
class _Column:
    """A column while bins are merged into it."""

    low: float
    total: float
    high: float
    count: int
    source: str

    def add(self, entry: Bin) -> None:
        self.low, self.high = min(self.low, entry.low), max(self.high, entry.high)
        self.total += entry.mean * entry.count
        self.count += entry.count
        if entry.source != self.source:
            named, word = (self.source or MEASURED_WORD).split(", "), entry.source or MEASURED_WORD
            self.source = ", ".join(named if word in named else [*named, word])


def in_columns(bins: Iterable[Bin], begins_s: float, ends_s: float, columns: int) -> list[Bin]:
    """The bins merged into so many equal columns, each dated in its middle; a column without any is left out.

    A bin that is wider than a column is in every column whose middle it covers: it says as much about each of them.
    """
    column_s = (ends_s - begins_s) / columns
    merged: dict[int, _Column] = {}
    for entry in bins:
        for index in _covered(entry, begins_s, column_s, columns):
            held = merged.get(index)
            if held is None:
                total = entry.mean * entry.count
                merged[index] = _Column(entry.low, total, entry.high, entry.count, entry.source)
            else:
                held.add(entry)
    return [
        Bin(
            at_s=begins_s + (index + 0.5) * column_s,
            low=column.low,
            mean=min(max(column.total / column.count, column.low), column.high),
            high=column.high,
            count=column.count,
            bin_s=column_s,
            source=column.source,
        )
        for index, column in sorted(merged.items())
    ]


def _covered(entry: Bin, begins_s: float, column_s: float, columns: int) -> Sequence[int]:
    """The columns that a bin belongs to: the one that its middle is in, and those whose middles it covers."""
    middle, reach = (entry.at_s - begins_s) / column_s, entry.bin_s / 2 / column_s
    first = min(math.ceil(middle - reach - 0.5), math.floor(middle))
    last = max(math.ceil(middle + reach - 0.5) - 1, math.floor(middle))
    return range(max(first, 0), min(last, columns - 1) + 1)
