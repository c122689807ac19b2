"""Folding: readings into bins of lowest, mean, highest and count, and finer bins into coarser ones. Pure.

A bin is closed when the first reading of another one comes in. It then goes up into the next coarser bin as the exact
sum that it is, so that no rounding adds up and no peak can vanish. A clock that jumps back closes a bin early and
opens an older one; whoever stores it joins it with what that bin holds already.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import add
from typing import Final

from nodescaler_tui.record.history.coding import NOTHING, UNKNOWN, BinColumns, Column
from nodescaler_tui.record.history.figures import Figure
from nodescaler_tui.record.history.tiers import ROLLED, Tier

_NEVER_HIGHEST: Final = -1

Blocks = Mapping[int, Sequence[Column]]
"""What one poll measured: for each block of groups a column for each figure."""


@dataclass(slots=True)
class _Fold:
    """One figure of one block: UNKNOWN is no number's better, so it never becomes the lowest."""

    lows: list[int]
    highs: list[int]
    sums: list[int]
    counts: list[int]

    @staticmethod
    def of(column: Column) -> _Fold:
        known = [0 if number == UNKNOWN else 1 for number in column]
        highs, sums = _without_unknown(column)
        return _Fold(list(column), highs, sums, known)

    def add(self, column: Column) -> None:
        if UNKNOWN in column:
            self.merge(_Fold.of(column))
            return
        self.lows = _lower(self.lows, column)
        self.highs = _higher(self.highs, column)
        self.sums = list(map(add, self.sums, column))
        self.counts = [count + 1 for count in self.counts]

    def merge(self, other: _Fold) -> None:
        self.lows = _lower(self.lows, other.lows)
        self.highs = _higher(self.highs, other.highs)
        self.sums = list(map(add, self.sums, other.sums))
        self.counts = list(map(add, self.counts, other.counts))

    def columns(self) -> BinColumns:
        """As it is stored; everything is zero where nothing was known."""
        means = [
            (2 * total + count) // (2 * count) if count else 0
            for total, count in zip(self.sums, self.counts, strict=True)
        ]
        lows = [low if count else 0 for low, count in zip(self.lows, self.counts, strict=True)]
        return lows, means, [max(high, 0) for high in self.highs], self.counts

    @staticmethod
    def from_columns(columns: BinColumns) -> _Fold:
        lows, means, highs, counts = columns
        return _Fold(
            lows=[low if count else UNKNOWN for low, count in zip(lows, counts, strict=True)],
            highs=[high if count else _NEVER_HIGHEST for high, count in zip(highs, counts, strict=True)],
            sums=[mean * count for mean, count in zip(means, counts, strict=True)],
            counts=list(counts),
        )


def _lower(held: Column, added: Column) -> list[int]:
    """The lower of each pair; written out, because calling `min` for each pair costs four times as much."""
    return [one if one < other else other for one, other in zip(held, added, strict=True)]  # noqa: FURB136


def _higher(held: Column, added: Column) -> list[int]:
    return [one if one > other else other for one, other in zip(held, added, strict=True)]  # noqa: FURB136


def _without_unknown(column: Column) -> tuple[list[int], list[int]]:
    highs = [_NEVER_HIGHEST if number == UNKNOWN else number for number in column]
    return highs, [max(number, 0) for number in highs]


class BlockBin:
    """The bins of all groups of one block; figures that no group has are not there."""

    def __init__(self) -> None:
        self._folds: dict[Figure, _Fold] = {}

    def add(self, columns: Sequence[Column]) -> None:
        """Take in one poll."""
        for figure, column in zip(Figure, columns, strict=True):
            if column is NOTHING:
                continue
            held = self._folds.get(figure)
            if held is None:
                self._folds[figure] = _Fold.of(column)
            else:
                held.add(column)

    def merge(self, other: BlockBin) -> None:
        """Take in another bin of the same block."""
        for figure, fold in other._folds.items():
            held = self._folds.get(figure)
            if held is None:
                self._folds[figure] = _Fold(fold.lows, fold.highs, fold.sums, fold.counts)
            else:
                held.merge(fold)

    def columns(self) -> list[BinColumns | None]:
        """As it is stored."""
        folds = (self._folds.get(figure) for figure in Figure)
        return [None if fold is None else fold.columns() for fold in folds]

    @staticmethod
    def from_columns(columns: Sequence[BinColumns | None]) -> BlockBin:
        """What was stored, to be joined with more."""
        found = BlockBin()
        for figure, bins in zip(Figure, columns, strict=True):
            if bins is not None:
                found._folds[figure] = _Fold.from_columns(bins)
        return found


@dataclass(slots=True)
class TierBin:
    """One bin of a tier, of all groups: which one, what is in it, and the newest poll that is."""

    tier: Tier
    index: int
    last_seq: int = 0
    blocks: dict[int, BlockBin] = field(default_factory=dict)

    def block(self, number: int) -> BlockBin:
        """The bins of this block of groups."""
        return self.blocks.setdefault(number, BlockBin())


class RollUp:
    """The open bin of every tier."""

    def __init__(self) -> None:
        self._open: dict[Tier, TierBin] = {}

    def add(self, seq: int, at_s: float, blocks: Blocks, tier: Tier = ROLLED[0]) -> list[TierBin]:
        """Take in one poll; the bins that are closed by it, finest first.

        `tier` is the finest that lacks it: after a restart the finer ones were closed and stored already.
        """

        def into(held: TierBin) -> None:
            for number, columns in blocks.items():
                held.block(number).add(columns)

        return self._enter(ROLLED.index(tier), seq, at_s, into)

    def _enter(self, level: int, seq: int, at_s: float, into: Callable[[TierBin], None]) -> list[TierBin]:
        tier = ROLLED[level]
        index, held, closed = int(at_s // tier.bin_s), self._open.get(tier), list[TierBin]()
        if held is not None and held.index != index:
            closed = [held, *self._pass_on(level + 1, held)]
            held = None
        if held is None:
            held = self._open[tier] = TierBin(tier, index)
        into(held)
        held.last_seq = max(held.last_seq, seq)
        return closed

    def _pass_on(self, level: int, closed: TierBin) -> list[TierBin]:
        if level == len(ROLLED):
            return []

        def into(held: TierBin) -> None:
            for number, block in closed.blocks.items():
                held.block(number).merge(block)

        return self._enter(level, closed.last_seq, closed.index * closed.tier.bin_s, into)
