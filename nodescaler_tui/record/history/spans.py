"""Spans: which tier answers for which part of a wanted stretch of time, and bins merged into columns. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from nodescaler_tui.record.history.tiers import COARSEST_FIRST, READINGS, Tier

MEASURED: Final = ""
"""The source of what this program measured itself; everything else was imported."""


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


def in_columns(bins: Iterable[Bin], begins_s: float, ends_s: float, columns: int) -> list[Bin]:
    """The bins merged into so many equal columns, each dated in its middle; a column without any is left out."""
    column_s = (ends_s - begins_s) / columns
    merged: dict[int, Bin] = {}
    for entry in bins:
        index = int((entry.at_s - begins_s) / column_s)
        if 0 <= index < columns:
            middle_s = begins_s + (index + 0.5) * column_s
            held = merged.get(index)
            merged[index] = _joined(held, entry, middle_s, column_s)
    return [merged[index] for index in sorted(merged)]


def _joined(held: Bin | None, entry: Bin, at_s: float, bin_s: float) -> Bin:
    if held is None:
        return Bin(at_s, entry.low, entry.mean, entry.high, entry.count, bin_s, entry.source)
    count = held.count + entry.count
    return Bin(
        at_s=at_s,
        low=min(held.low, entry.low),
        mean=(held.mean * held.count + entry.mean * entry.count) / count,
        high=max(held.high, entry.high),
        count=count,
        bin_s=bin_s,
        source=held.source if held.source == entry.source else f"{held.source or 'measured'}, {entry.source}",
    )
