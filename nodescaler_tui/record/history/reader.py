"""Reading the history: any stretch of any group, from the coarsest tier that is fine enough, gaps left as gaps."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final

from nodescaler_tui.facts import Lifecycle
from nodescaler_tui.record.history.coding import GROUPS_A_BLOCK, UNKNOWN, DamagedRowError, Row, from_units
from nodescaler_tui.record.history.connection import reading
from nodescaler_tui.record.history.figures import Figure, Figures
from nodescaler_tui.record.history.imported import ImportedBins, beside
from nodescaler_tui.record.history.numbering import LIFECYCLES, node_rows
from nodescaler_tui.record.history.schema import BLOCKS
from nodescaler_tui.record.history.spans import Bin, Extent, Piece, in_columns, pieces, tier_for
from nodescaler_tui.record.history.tiers import READINGS, ROLLED, Tier

Found = dict[Figure, list[Bin]]

_READINGS_OF: Final = """
    SELECT poll.at_ms, reading.row FROM poll JOIN reading ON reading.id = poll.seq * :blocks + :block
    WHERE poll.at_ms >= :begins AND poll.at_ms < :ends ORDER BY poll.at_ms"""
_BINS_OF: Final = """
    WITH RECURSIVE wanted(bin) AS (SELECT :begins UNION ALL SELECT bin + 1 FROM wanted WHERE bin + 1 < :ends)
    SELECT wanted.bin, held.row FROM wanted JOIN {table} AS held ON held.id = wanted.bin * :blocks + :block"""


@dataclass(frozen=True, slots=True)
class Group:
    """A group that the history knows."""

    number: int
    id: str
    name: str


@dataclass(frozen=True, slots=True)
class NodeReading:
    """One node at one poll."""

    group_no: int
    id: str
    name: str
    lifecycle: Lifecycle
    cpu: float | None
    memory: float | None
    sessions: float | None


class HistoryReader:
    """Answers from one file as it is at this moment; made by `reading_history`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._imported = ImportedBins(connection)
        self.damaged_rows = 0

    def groups(self) -> list[Group]:
        """Every group that was ever read, in the order in which they were first seen."""
        return [Group(*row) for row in self._connection.execute("SELECT no, id, name FROM node_group ORDER BY no")]

    def group(self, group_id: str) -> Group | None:
        """The group of this id, or None."""
        row = self._connection.execute("SELECT no, id, name FROM node_group WHERE id = ?", (group_id,)).fetchone()
        return None if row is None else Group(*row)

    def extents(self) -> Mapping[Tier, Extent]:
        """From when to when each tier reaches, of what was measured."""
        first, last = self._ends("poll", "at_ms")
        found = {READINGS: Extent() if first is None or last is None else Extent(first / 1000, (last + 1) / 1000)}
        for tier in ROLLED:
            low, high = self._ends(tier.table, "id")
            found[tier] = Extent()
            if low is not None and high is not None:
                found[tier] = Extent(low // BLOCKS * tier.bin_s, (high // BLOCKS + 1) * tier.bin_s)
        return found

    def _ends(self, table: str, column: str) -> tuple[int | None, int | None]:
        """The lowest and highest of a column; asked for apart, so that each is one look into an index."""
        query = f"SELECT (SELECT min({column}) FROM {table}), (SELECT max({column}) FROM {table})"  # noqa: S608
        low, high = self._connection.execute(query).fetchone()
        return low, high

    def span(
        self, group_id: str, figures: Sequence[Figure], begins_s: float, ends_s: float, columns: int
    ) -> Mapping[Figure, Sequence[Bin]]:
        """Each figure between two moments in at most so many columns, oldest first; what is unknown is left out."""
        wanted = tier_for((ends_s - begins_s) / columns)
        found = self.finest(group_id, figures, begins_s, ends_s, wanted)
        return {figure: in_columns(bins, begins_s, ends_s, columns) for figure, bins in found.items()}

    def finest(
        self, group_id: str, figures: Sequence[Figure], begins_s: float, ends_s: float, wanted: Tier = READINGS
    ) -> Found:
        """The same in no columns: every bin of the wanted tier where it reaches, and of others where it does not."""
        group, found = self.group(group_id), Found()
        for figure in figures:
            found[figure] = []
        if group is None or group.number >= BLOCKS * GROUPS_A_BLOCK:
            return found
        for piece in pieces(self.extents(), begins_s, ends_s, wanted):
            self._read(group, piece, found)
        extents = self._imported.extents()
        imports = pieces(extents, begins_s, ends_s, wanted)
        if imports:
            for figure, measured in found.items():
                finer = partial(self._imported.within, group.number, figure, extents)
                added = (entry for piece in imports for entry in self._imported.bins(group.number, figure, piece))
                found[figure] = beside(measured, added, finer)
        return found

    def _read(self, group: Group, piece: Piece, into: Found) -> None:
        slot = group.number % GROUPS_A_BLOCK
        for at_s, row in self.rows(group.number // GROUPS_A_BLOCK, piece):
            for figure, bins in into.items():
                entry = _entry(row, figure, slot, at_s, piece.tier)
                if entry is not None:
                    bins.append(entry)

    def rows(self, block: int, piece: Piece) -> Iterator[tuple[float, Row]]:
        """What one tier holds of all groups of a block, oldest first: when, and the row."""
        return self._readings(block, piece) if piece.tier is READINGS else self._bins(block, piece)

    def imported_groups(self) -> frozenset[int]:
        """The numbers of the groups of which anything was imported."""
        return self._imported.groups()

    def _readings(self, block: int, piece: Piece) -> Iterator[tuple[float, Row]]:
        values = {
            "blocks": BLOCKS,
            "block": block,
            "begins": round(piece.begins_s * 1000),
            "ends": round(piece.ends_s * 1000),
        }
        for at_ms, data in self._connection.execute(_READINGS_OF, values):
            row = self._row(data)
            if row is not None:
                yield at_ms / 1000, row

    def _bins(self, block: int, piece: Piece) -> Iterator[tuple[float, Row]]:
        bin_s = piece.tier.bin_s
        values = {
            "blocks": BLOCKS,
            "block": block,
            "begins": int(piece.begins_s // bin_s),
            "ends": int(-(-piece.ends_s // bin_s)),
        }
        query = _BINS_OF.format(table=piece.tier.table)
        for number, data in self._connection.execute(query, values):
            row = self._row(data)
            if row is not None:
                yield (number + 0.5) * bin_s, row

    def _row(self, data: bytes) -> Row | None:
        """A row, or None for one that is damaged: what it held is unknown, and a gap like any other."""
        try:
            return Row(data)
        except DamagedRowError:
            self.damaged_rows += 1
            return None

    def last_polls(self, since_s: float, most: int) -> Mapping[str, Sequence[tuple[float, Figures]]]:
        """The newest polls since a moment, oldest first, of every group: for what is shown of all of them."""
        polls = self._connection.execute(
            "SELECT seq, at_ms FROM poll WHERE at_ms >= ? ORDER BY at_ms DESC LIMIT ?", (round(since_s * 1000), most)
        ).fetchall()
        groups = self.groups()
        found: dict[str, list[tuple[float, Figures]]] = {group.id: [] for group in groups}
        for seq, at_ms in reversed(polls):
            blocks = self._blocks(seq)
            for group in groups:
                block, slot = divmod(group.number, GROUPS_A_BLOCK)
                if block in blocks:  # none is there beyond the last block
                    found[group.id].append((at_ms / 1000, blocks[block][slot]))
        return found

    def node_readings(self, begins_s: float, ends_s: float) -> Iterator[tuple[float, NodeReading]]:
        """Every reading that is kept of a node, oldest first."""
        names = {
            number: (group_no, node_id, name)
            for number, group_no, node_id, name in self._connection.execute("SELECT no, group_no, id, name FROM node")
        }
        rows = self._connection.execute(
            "SELECT at_ms, row FROM poll JOIN node_reading USING (seq) WHERE at_ms >= ? AND at_ms < ? ORDER BY at_ms",
            (round(begins_s * 1000), round(ends_s * 1000)),
        )
        for at_ms, data in rows:
            for number, lifecycle, cpu, memory, sessions in self._nodes(data):
                if number in names:
                    values = zip((Figure.CPU, Figure.MEMORY, Figure.SESSIONS), (cpu, memory, sessions), strict=True)
                    yield (
                        at_ms / 1000,
                        NodeReading(*names[number], LIFECYCLES[lifecycle], *(_known(*value) for value in values)),
                    )

    def _nodes(self, data: bytes) -> list[tuple[int, ...]]:
        try:
            return node_rows(zlib.decompress(data))
        except zlib.error:
            self.damaged_rows += 1
            return []

    def _blocks(self, seq: int) -> dict[int, list[Figures]]:
        rows = self._connection.execute(
            "SELECT id, row FROM reading WHERE id BETWEEN ? AND ?", (seq * BLOCKS, seq * BLOCKS + BLOCKS - 1)
        )
        found: dict[int, list[Figures]] = {}
        for row_id, data in rows.fetchall():
            row = self._row(data)
            if row is not None:
                columns = [
                    [_known(figure, number) for number in column]
                    for figure, column in zip(Figure, row.readings(), strict=True)
                ]
                found[row_id % BLOCKS] = list(zip(*columns, strict=True))
        return found


def _known(figure: Figure, number: int) -> float | None:
    return None if number == UNKNOWN else from_units(figure, number)


def _entry(row: Row, figure: Figure, slot: int, at_s: float, tier: Tier) -> Bin | None:
    if tier is READINGS:
        number = row.reading(figure, slot)
        if number is None:
            return None
        value = from_units(figure, number)
        return Bin(at_s, value, value, value, 1)
    found = row.bin(figure, slot)
    if found is None:
        return None
    low, mean, high, count = found
    return Bin(
        at_s, from_units(figure, low), from_units(figure, mean), from_units(figure, high), count, float(tier.bin_s)
    )


@contextmanager
def reading_history(path: Path) -> Iterator[HistoryReader]:
    """The history in this file. Raises HistoryUnavailable."""
    with reading(path) as connection:
        yield HistoryReader(connection)
