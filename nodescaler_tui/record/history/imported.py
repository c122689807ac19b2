"""Imported bins: readings that another program measured, kept apart from ours, with the name of where they are from.

They fill what was not measured here and never stand for it: where a bin of ours knows a figure, ours is read. They are
read from the moment on at which their source is named, so that an import is there as a whole or not at all.
"""

from __future__ import annotations

import sqlite3
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

from nodescaler_tui.record.history.coding import UNITS, UNKNOWN, from_units
from nodescaler_tui.record.history.figures import Figure
from nodescaler_tui.record.history.spans import Bin, Extent, Piece, pieces
from nodescaler_tui.record.history.tiers import READINGS, ROLLED, Tier

ROWS_AT_ONCE: Final = 4000
INSTANT_S: Final = 1e-3

ImportedRow = tuple[int, int, int, int, int, int, int, int, int]
"""Group, figure, seconds of the bin, which bin, source, lowest, mean, highest, count."""


BinKey = tuple[int, int, int, int, int]
"""Group, figure, seconds of the bin, which bin, source."""

BEFORE_ALL: Final[BinKey] = (-1, -1, -1, -1, -1)


@dataclass(slots=True)
class Gathered:
    """One bin while it is gathered from single readings, in the units of its figure."""

    low: int
    high: int
    total: float
    count: int

    def add(self, low: int, mean: float, high: int, count: int) -> None:
        """Take in one more reading, or one more finer bin."""
        self.low, self.high = min(self.low, low), max(self.high, high)
        self.total += mean * count
        self.count += count

    def numbers(self) -> tuple[int, int, int, int]:
        """As it is stored: the mean rounded, and between the other two."""
        mean = min(max(round(self.total / self.count), self.low), self.high)
        return self.low, mean, self.high, self.count


def in_units(figure: Figure, value: float) -> int | None:
    """A value in its figure's unit, None for one that cannot be."""
    number = value * UNITS[figure]
    return round(number) if 0 <= number < UNKNOWN - 1 else None


class ImportedBins:
    """The imported bins of one file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def fresh_source(self) -> int:
        """A number for a source that is not named yet."""
        number: int = self._connection.execute("SELECT coalesce(max(no), 0) + 1 FROM source").fetchone()[0]
        return number

    def store(self, rows: Iterable[ImportedRow]) -> None:
        """Keep these. The caller has a transaction."""
        self._connection.executemany("INSERT INTO imported VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)", rows)

    def name(self, number: int, name: str) -> None:
        """From now on the bins under this number are what the source brought. The caller has a transaction."""
        self._connection.execute(
            "INSERT INTO source (no, name) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET no = excluded.no",
            (number, name),
        )

    def nameless(self, after: BinKey, most: int) -> list[BinKey]:
        """The next bins, in order, of no source: replaced ones, and those of an import that was broken off."""
        return self._connection.execute(
            "SELECT group_no, figure, bin_s, bin, source_no FROM imported"
            " WHERE (group_no, figure, bin_s, bin, source_no) > (?, ?, ?, ?, ?)"
            " AND source_no NOT IN (SELECT no FROM source) ORDER BY group_no, figure, bin_s, bin, source_no LIMIT ?",
            (*after, most),
        ).fetchall()

    def let_go(self, bins: Iterable[BinKey]) -> None:
        """Keep these no longer. The caller has a transaction."""
        self._connection.executemany(
            "DELETE FROM imported WHERE group_no = ? AND figure = ? AND bin_s = ? AND bin = ? AND source_no = ?", bins
        )

    def groups(self) -> frozenset[int]:
        """The numbers of the groups that anything was imported of; found by jumping from one to the next."""
        found: set[int] = set()
        last = -1
        while True:
            row = self._connection.execute("SELECT min(group_no) FROM imported WHERE group_no > ?", (last,)).fetchone()
            if row[0] is None:
                return frozenset(found)
            last = row[0]
            found.add(last)

    def extents(self) -> Mapping[Tier, Extent]:
        """From when to when each tier reaches; nothing at all where nothing was ever imported."""
        found: dict[Tier, Extent] = {READINGS: Extent()}
        for tier in ROLLED:
            low, high = self._connection.execute(
                "WITH named AS (SELECT bin FROM imported WHERE bin_s = :bin_s AND source_no IN (SELECT no FROM source))"
                " SELECT (SELECT bin FROM named ORDER BY bin LIMIT 1),"
                " (SELECT bin FROM named ORDER BY bin DESC LIMIT 1)",
                {"bin_s": tier.bin_s},
            ).fetchone()
            found[tier] = Extent() if low is None else Extent(low * tier.bin_s, (high + 1) * tier.bin_s)
        return found

    def bins(self, group_no: int, figure: Figure, piece: Piece) -> Iterator[Bin]:
        """What was imported within this piece, oldest first; of several sources the one that was imported first."""
        bin_s, last = piece.tier.bin_s, -1
        rows = self._connection.execute(
            "SELECT bin, low, mean, high, count, name FROM imported JOIN source ON no = source_no"
            " WHERE group_no = ? AND figure = ? AND bin_s = ? AND bin >= ? AND bin < ? ORDER BY bin, source_no",
            (group_no, figure, bin_s, int(piece.begins_s // bin_s), int(-(-piece.ends_s // bin_s))),
        )
        for number, low, mean, high, count, name in rows:
            if number != last:
                lowest, middle, highest = (from_units(figure, units) for units in (low, mean, high))
                yield Bin((number + 0.5) * bin_s, lowest, middle, highest, count, float(bin_s), name)
            last = number

    def within(self, group_no: int, figure: Figure, extents: Mapping[Tier, Extent], wide: Bin) -> Iterator[Bin]:
        """The finest bins of the same time that are narrower than this one."""
        begins_s, ends_s = wide.at_s - wide.bin_s / 2, wide.at_s + wide.bin_s / 2
        for piece in pieces(extents, begins_s, ends_s, ROLLED[0]):
            yield from (entry for entry in self.bins(group_no, figure, piece) if entry.bin_s < wide.bin_s)


def beside(measured: list[Bin], imported: Iterable[Bin], finer: Callable[[Bin], Iterable[Bin]]) -> list[Bin]:
    """Both in the order of time; of what was imported only that which no measured bin touches.

    Where something narrower was measured within an imported bin, the `finer` bins of the same time fill what is left;
    where measuring begins within one, the part before that stays.
    """
    ends = [entry.at_s + entry.bin_s / 2 for entry in measured]

    def left_of(entry: Bin) -> Bin | None:
        begins_s, until_s = entry.at_s - entry.bin_s / 2, entry.at_s + entry.bin_s / 2
        after = bisect_left(ends, begins_s + INSTANT_S)
        if after == len(ends) or measured[after].at_s - measured[after].bin_s / 2 >= until_s:
            return entry
        until_s = measured[after].at_s - measured[after].bin_s / 2
        begins_here = until_s > begins_s and (after == 0 or ends[after - 1] < begins_s - entry.bin_s)
        return replace(entry, at_s=(begins_s + until_s) / 2, bin_s=until_s - begins_s) if begins_here else None

    free = []
    for entry in imported:
        left = left_of(entry)
        parts = [left] if left is entry else [left_of(part) for part in finer(entry)] or [left]
        free += [part for part in parts if part is not None]
    return sorted([*measured, *free], key=lambda entry: entry.at_s) if free else measured
