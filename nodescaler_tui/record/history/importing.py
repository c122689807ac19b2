"""Importing: foreign readings become bins of every tier that still reaches back to them, under their source's name."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Final

from nodescaler_tui.record.history.connection import in_words, open_for_writing, turn
from nodescaler_tui.record.history.figures import Figure
from nodescaler_tui.record.history.foreign import ForeignReading, Refused
from nodescaler_tui.record.history.imported import ROWS_AT_ONCE, Gathered, ImportedBins, ImportedRow, in_units
from nodescaler_tui.record.history.numbering import Groups
from nodescaler_tui.record.history.tiers import ROLLED, Retention, Tier

TOO_OLD: Final = "older than anything that is kept"
TOO_NEW: Final = "from the future"
IMPOSSIBLE: Final = "not possible for the signal"
FUTURE_TOLERANCE_S: Final = 60.0

Bins = dict[tuple[str, Figure, Tier, int], Gathered]


@dataclass(frozen=True, slots=True)
class ImportOutcome:
    """What came of an import."""

    readings: int
    bins: int
    groups: int


def import_readings(
    path: Path,
    readings: Iterable[ForeignReading],
    *,
    source: str,
    retention: Retention,
    now_s: float,
    refused: Refused,
) -> ImportOutcome:
    """Store them in turns short enough to hold up no poll. Raises HistoryUnavailable."""
    bins, taken = Bins(), 0
    for reading in readings:
        taken += _gather(bins, reading, retention, now_s, refused)
    left = iter(bins.items())
    while batch := list(islice(left, ROWS_AT_ONCE)):
        with turn(path), in_words(path), closing(open_for_writing(path)) as connection:
            connection.execute("BEGIN IMMEDIATE")
            held, groups = ImportedBins(connection), Groups(connection)
            source_no = held.source(source)
            held.store([_row(groups, key, gathered, source_no) for key, gathered in batch])
            connection.execute("COMMIT")
    return ImportOutcome(taken, len(bins), len({group_id for group_id, *_ in bins}))


def _row(groups: Groups, key: tuple[str, Figure, Tier, int], gathered: Gathered, source_no: int) -> ImportedRow:
    group_id, figure, tier, number = key
    return (groups.known_or_new(group_id), figure, tier.bin_s, number, source_no, *gathered.numbers())


def _gather(bins: Bins, reading: ForeignReading, retention: Retention, now_s: float, refused: Refused) -> bool:
    low, high = in_units(reading.figure, reading.low), in_units(reading.figure, reading.high)
    mean = in_units(reading.figure, reading.mean)
    if low is None or mean is None or high is None:
        refused.add(IMPOSSIBLE)
        return False
    if reading.at_s > now_s + FUTURE_TOLERANCE_S:
        refused.add(TOO_NEW)
        return False
    fitting = [
        tier for tier in ROLLED if reading.resolution_s <= tier.bin_s and reading.at_s > now_s - retention.of(tier)
    ]
    for tier in fitting:
        key = (reading.group_id, reading.figure, tier, int(reading.at_s // tier.bin_s))
        held = bins.get(key)
        if held is None:
            bins[key] = Gathered(low, high, mean * reading.count, reading.count)
        else:
            held.add(low, mean, high, reading.count)
    if not fitting:
        refused.add(TOO_OLD)
    return bool(fitting)
