"""Importing: foreign readings become bins of every tier that still reaches back to them, under their source's name."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from nodescaler_tui.record.history.connection import importing, in_words, open_for_writing, turn
from nodescaler_tui.record.history.figures import Figure
from nodescaler_tui.record.history.foreign import ForeignReading, Refused
from nodescaler_tui.record.history.imported import (
    BEFORE_ALL,
    ROWS_AT_ONCE,
    Gathered,
    ImportedBins,
    ImportedRow,
    in_units,
)
from nodescaler_tui.record.history.numbering import Groups
from nodescaler_tui.record.history.sqlite_tables import SqliteGroups
from nodescaler_tui.record.history.tiers import ROLLED, Retention

TOO_OLD: Final = "older than anything that is kept"
TOO_NEW: Final = "from the future"
IMPOSSIBLE: Final = "not possible for the signal"
FUTURE_TOLERANCE_S: Final = 60.0

Key = tuple[str, Figure, int]
"""Group, figure, and which bin of its tier."""

Entry = tuple[int, Key, Gathered]
"""A bin, with its width before it."""


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What came of an import; `replaced` is how many bins the same source had brought before."""

    readings: int
    bins: int
    groups: int
    replaced: int


def import_readings(
    path: Path,
    readings: Iterable[ForeignReading],
    *,
    source: str,
    retention: Retention,
    now_s: float,
    refused: Refused,
) -> ImportOutcome:
    """Store them instead of all that the source brought before; without any, that stays. Raises HistoryUnavailable.

    Everything is written in turns short enough to hold up no poll, and seen when all of it is there.
    """
    gathering = _Gathering(retention, now_s, refused)
    for reading in readings:
        gathering.add(reading)
    with importing(path), _kept_open(path) as connection:
        if not gathering.count:
            return ImportOutcome(0, 0, 0, 0)
        _let_go_nameless(path, connection)
        groups = _store(path, connection, gathering.bins(), source)
        replaced = _let_go_nameless(path, connection)
    return ImportOutcome(gathering.taken, gathering.count, groups, replaced)


@contextmanager
def _kept_open(path: Path) -> Iterator[sqlite3.Connection]:
    """A connection that is opened and closed in our turn, because both write."""
    with turn(path):
        connection = open_for_writing(path)
    try:
        yield connection
    finally:
        with turn(path), in_words(path):
            connection.close()


@contextmanager
def _written(path: Path, connection: sqlite3.Connection) -> Iterator[ImportedBins]:
    """One transaction, in our turn."""
    with turn(path), in_words(path):
        connection.execute("BEGIN IMMEDIATE")
        yield ImportedBins(connection)
        connection.execute("COMMIT")


def _store(path: Path, connection: sqlite3.Connection, bins: Iterator[Entry], source: str) -> int:
    """How many groups they were. They count from the last transaction on, and what they replace does not any more."""
    found = set[str]()
    number = ImportedBins(connection).fresh_source()
    while batch := list(islice(bins, ROWS_AT_ONCE)):
        with _written(path, connection) as held:
            groups = Groups(SqliteGroups(connection))
            numbers = {group_id: groups.known_or_new(group_id) for group_id in {entry[1][0] for entry in batch}}
            held.store(_rows(batch, numbers, number))
        found.update(numbers)
    with _written(path, connection) as held:
        held.name(number, source)
    return len(found)


def _let_go_nameless(path: Path, connection: sqlite3.Connection) -> int:
    """How many bins there were that no source brought, or brings any more."""
    gone, last = 0, BEFORE_ALL
    while True:
        with in_words(path):
            some = ImportedBins(connection).nameless(last, ROWS_AT_ONCE)
        if not some:
            return gone
        with _written(path, connection) as held:
            held.let_go(some)
        gone, last = gone + len(some), some[-1]


def _rows(batch: Iterable[Entry], numbers: Mapping[str, int], source_no: int) -> Iterator[ImportedRow]:
    for bin_s, (group_id, figure, number), gathered in batch:
        yield (numbers[group_id], figure, bin_s, number, source_no, *gathered.numbers())


class _Gathering:
    """The bins of every tier that reaches back to what is read, while they are gathered."""

    def __init__(self, retention: Retention, now_s: float, refused: Refused) -> None:
        self._tiers = [(tier.bin_s, now_s - retention.of(tier), dict[Key, Gathered]()) for tier in ROLLED]
        self._newest_s = now_s + FUTURE_TOLERANCE_S
        self._refused = refused
        self.taken = 0

    @property
    def count(self) -> int:
        """How many bins there are."""
        return sum(len(bins) for _, _, bins in self._tiers)

    def bins(self) -> Iterator[Entry]:
        """All of them, finest first."""
        return ((bin_s, key, gathered) for bin_s, _, bins in self._tiers for key, gathered in bins.items())

    def add(self, reading: ForeignReading) -> None:
        """Put one reading into the bins that it belongs to, or count why it is left out."""
        low = mean = high = in_units(reading.figure, reading.mean)
        if not reading.low == reading.mean == reading.high:
            low, high = in_units(reading.figure, reading.low), in_units(reading.figure, reading.high)
        if low is None or mean is None or high is None:
            self._refused.add(IMPOSSIBLE)
        elif reading.at_s > self._newest_s:
            self._refused.add(TOO_NEW)
        elif self._put(reading, low, mean, high):
            self.taken += 1
        else:
            self._refused.add(TOO_OLD)

    def _put(self, reading: ForeignReading, low: int, mean: int, high: int) -> bool:
        is_kept = False
        for bin_s, since_s, bins in self._tiers:
            if reading.resolution_s > bin_s or reading.at_s <= since_s:
                continue
            is_kept = True
            key = (reading.group_id, reading.figure, int(reading.at_s // bin_s))
            held = bins.get(key)
            if held is None:
                bins[key] = Gathered(low, high, mean * reading.count, reading.count)
            else:
                held.add(low, mean, high, reading.count)
        return is_kept
