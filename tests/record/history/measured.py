"""Polls to store, and every number that is stored of them, written out plainly."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from nodescaler_tui.record.history.coding import GROUPS_A_BLOCK, Row
from nodescaler_tui.record.history.figures import Figure, Figures, GroupFigures, NodeFigures, Poll
from nodescaler_tui.record.history.reader import reading_history
from nodescaler_tui.record.history.schema import BLOCKS
from nodescaler_tui.record.history.spans import Bin
from nodescaler_tui.record.history.tiers import ROLLED, Retention, Tier
from nodescaler_tui.record.history.writer import HistoryWriter

NOON: Final = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOON_S: Final = NOON.timestamp()
NOTHING: Final[Figures] = (None,) * len(Figure)


def figures(**known: float | None) -> Figures:
    """What was measured, by the figure's word; everything else is unknown."""
    return tuple(known.get(figure.word) for figure in Figure)


def poll(at_s: float, groups: Mapping[str, float | None], nodes: tuple[NodeFigures, ...] = ()) -> Poll:
    """One poll with the CPU of each group."""
    measured = (GroupFigures(group_id, f"media-{group_id}", figures(cpu=cpu)) for group_id, cpu in groups.items())
    return Poll(at_s, tuple(measured), nodes)


def writer(path: Path, retention: Retention | None = None) -> HistoryWriter:
    return HistoryWriter(path, retention or Retention(), lambda: NOON)


def store(path: Path, polls: Iterable[Poll], retention: Retention | None = None) -> None:
    with closing(writer(path, retention)) as keeping:
        for entry in polls:
            keeping.add(entry)


def finest(path: Path, group_id: str, wanted: Tier, begins_s: float = 0.0, ends_s: float = NOON_S * 2) -> list[Bin]:
    with reading_history(path) as reader:
        return reader.finest(group_id, [Figure.CPU], begins_s, ends_s, wanted)[Figure.CPU]


def stored_bins(path: Path, tier: Tier, group_no: int = 0) -> dict[int, tuple[int, int, int, int]]:
    """What a tier's own table holds of the CPU of a group, by the number of the bin; in units."""
    block, slot = divmod(group_no, GROUPS_A_BLOCK)
    with closing(sqlite3.connect(path)) as connection:
        rows = connection.execute(f"SELECT id, row FROM {tier.table} ORDER BY id").fetchall()
    found = {row_id // BLOCKS: Row(data).bin(Figure.CPU, slot) for row_id, data in rows if row_id % BLOCKS == block}
    return {number: entry for number, entry in found.items() if entry is not None}


def whole_file(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Every row of every table that keeps measurements."""
    tables = ("node_group", "poll", "reading", "rolled", *(tier.table for tier in ROLLED))
    with closing(sqlite3.connect(path)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table} ORDER BY 1").fetchall() for table in tables}
