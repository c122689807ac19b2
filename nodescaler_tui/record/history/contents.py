"""Contents: what a history file holds, by tier, and what it takes on disk."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nodescaler_tui.record.history.connection import reading
from nodescaler_tui.record.history.reader import HistoryReader
from nodescaler_tui.record.history.sqlite_rows import SqliteRows
from nodescaler_tui.record.history.tiers import READINGS, ROLLED, Tier

BESIDE: Final = ("", "-wal", "-shm")


@dataclass(frozen=True, slots=True)
class TierContents:
    """One tier: how many moments and rows it holds, in how many bytes, and from when to when."""

    tier: Tier
    rows: int
    row_bytes: int
    begins_s: float | None
    ends_s: float | None


@dataclass(frozen=True, slots=True)
class Contents:
    """All of a file. `sources` names what was imported, each with the number of its bins."""

    tiers: tuple[TierContents, ...]
    groups: int
    nodes: int
    node_readings: int
    sources: tuple[tuple[str, int], ...]
    file_bytes: int


def contents(path: Path) -> Contents:
    """Look through the whole file. Raises HistoryUnavailable."""
    parts = [path.with_name(path.name + suffix) for suffix in BESIDE]
    with reading(path) as connection:
        extents = HistoryReader(SqliteRows(connection)).extents()
        tiers = []
        for tier in (READINGS, *ROLLED):
            rows, size = connection.execute(
                f"SELECT count(*), coalesce(sum(length(row)), 0) FROM {tier.table}"  # noqa: S608 - one of our own tables
            ).fetchone()
            tiers.append(TierContents(tier, rows, size, extents[tier].begins_s, extents[tier].ends_s))
        sources = connection.execute(
            "SELECT name, count(*) FROM imported JOIN source ON no = source_no GROUP BY name ORDER BY name"
        ).fetchall()
        return Contents(
            tiers=tuple(tiers),
            groups=_count(connection, "node_group"),
            nodes=_count(connection, "node"),
            node_readings=_count(connection, "node_reading"),
            sources=tuple(sources),
            file_bytes=sum(part.stat().st_size for part in parts if part.exists()),
        )


def _count(connection: sqlite3.Connection, table: str) -> int:
    number: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - one of our own tables
    return number
