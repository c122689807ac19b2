"""The rows of a history that lies in a file: how a reader finds them there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from typing import Final

from nodescaler_tui.record.history.imported import ImportedBins
from nodescaler_tui.record.history.schema import BLOCKS
from nodescaler_tui.record.history.stored import Group, NamedNode
from nodescaler_tui.record.history.tiers import Tier

_READINGS_OF: Final = """
    SELECT poll.at_ms, reading.row FROM poll JOIN reading ON reading.id = poll.seq * :blocks + :block
    WHERE poll.at_ms >= :begins AND poll.at_ms < :ends ORDER BY poll.at_ms"""
_BINS_OF: Final = """
    WITH RECURSIVE wanted(bin) AS (SELECT :begins UNION ALL SELECT bin + 1 FROM wanted WHERE bin + 1 < :ends)
    SELECT wanted.bin, held.row FROM wanted JOIN {table} AS held ON held.id = wanted.bin * :blocks + :block"""


class SqliteRows:
    """What one file holds at this moment."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def groups(self) -> list[Group]:
        """Every group that was ever read, by its number."""
        return [Group(*row) for row in self._connection.execute("SELECT no, id, name FROM node_group ORDER BY no")]

    def group(self, group_id: str) -> Group | None:
        """The group of this id, or None."""
        row = self._connection.execute("SELECT no, id, name FROM node_group WHERE id = ?", (group_id,)).fetchone()
        return None if row is None else Group(*row)

    def nodes(self) -> Mapping[int, NamedNode]:
        """Every node by its number."""
        found = self._connection.execute("SELECT no, group_no, id, name FROM node")
        return {number: NamedNode(group_no, node_id, name) for number, group_no, node_id, name in found}

    def imported(self) -> ImportedBins:
        """What other programs measured."""
        return ImportedBins(self._connection)

    def poll_ends(self) -> tuple[int, int] | None:
        """When the first and the last poll were."""
        return self._ends("poll", "at_ms")

    def bin_ends(self, tier: Tier) -> tuple[int, int] | None:
        """The first and the last bin of a tier."""
        ends = self._ends(tier.table, "id")
        return None if ends is None else (ends[0] // BLOCKS, ends[1] // BLOCKS)

    def _ends(self, table: str, column: str) -> tuple[int, int] | None:
        """The lowest and highest of a column; asked for apart, so that each is one look into an index."""
        query = f"SELECT (SELECT min({column}) FROM {table}), (SELECT max({column}) FROM {table})"  # noqa: S608
        low, high = self._connection.execute(query).fetchone()
        return None if low is None or high is None else (low, high)

    def readings(self, block: int, begins_ms: int, ends_ms: int) -> Iterable[tuple[int, bytes]]:
        """The rows of a block of groups, with the moment of each, oldest first."""
        values = {"blocks": BLOCKS, "block": block, "begins": begins_ms, "ends": ends_ms}
        return self._connection.execute(_READINGS_OF, values)

    def bins(self, tier: Tier, block: int, first: int, until: int) -> Iterable[tuple[int, bytes]]:
        """The rows of a block, with the number of each bin, in order; each bin is one row here."""
        values = {"blocks": BLOCKS, "block": block, "begins": first, "ends": until}
        return self._connection.execute(_BINS_OF.format(table=tier.table), values)

    def newest_polls(self, since_ms: int, most: int) -> list[tuple[int, int]]:
        """Number and moment of the newest polls, the newest first."""
        return self._connection.execute(
            "SELECT seq, at_ms FROM poll WHERE at_ms >= ? ORDER BY at_ms DESC LIMIT ?", (since_ms, most)
        ).fetchall()

    def readings_of(self, seq: int, _: int) -> Iterable[tuple[int, bytes]]:
        """The rows of one poll, with the block of each."""
        return readings_of(self._connection, seq)

    def node_readings(self, begins_ms: int, ends_ms: int) -> Iterable[tuple[int, bytes]]:
        """What is kept of nodes, packed, with the moment of each, oldest first."""
        return self._connection.execute(
            "SELECT at_ms, row FROM poll JOIN node_reading USING (seq) WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms",
            (begins_ms, ends_ms),
        )


def readings_of(connection: sqlite3.Connection, seq: int) -> list[tuple[int, bytes]]:
    """The rows of one poll, with the block of each."""
    rows = connection.execute(
        "SELECT id, row FROM reading WHERE id BETWEEN ? AND ?", (seq * BLOCKS, seq * BLOCKS + BLOCKS - 1)
    )
    return [(row_id % BLOCKS, data) for row_id, data in rows.fetchall()]
