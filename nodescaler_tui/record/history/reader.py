"""Reading the history: any stretch of any group, from the coarsest tier that is fine enough, gaps left as gaps."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path

from nodescaler_tui.facts import Lifecycle
from nodescaler_tui.record.history.coding import GROUPS_A_BLOCK, UNKNOWN, DamagedRowError, Row, encode_bins, from_units
from nodescaler_tui.record.history.connection import reading
from nodescaler_tui.record.history.figures import Figure, Figures
from nodescaler_tui.record.history.folding import BlockBin
from nodescaler_tui.record.history.imported import ImportedBins, beside
from nodescaler_tui.record.history.numbering import LIFECYCLES, node_rows
from nodescaler_tui.record.history.schema import BLOCKS
from nodescaler_tui.record.history.spans import Bin, Extent, Piece, in_columns, pieces, tier_for
from nodescaler_tui.record.history.sqlite_rows import SqliteRows
from nodescaler_tui.record.history.stored import Group as Group
from nodescaler_tui.record.history.stored import HistoryRows
from nodescaler_tui.record.history.tiers import READINGS, ROLLED, Tier

Found = dict[Figure, list[Bin]]


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
    """Answers from what one store holds; made by whoever opens the store."""

    def __init__(self, stored: HistoryRows) -> None:
        self._stored = stored
        self._imported = stored.imported()
        self.damaged_rows = 0

    def groups(self) -> list[Group]:
        """Every group that was ever read, in the order in which they were first seen."""
        return self._stored.groups()

    def group(self, group_id: str) -> Group | None:
        """The group of this id, or None."""
        return self._stored.group(group_id)

    def extents(self) -> Mapping[Tier, Extent]:
        """From when to when each tier reaches, of what was measured."""
        ends = self._stored.poll_ends()
        found = {READINGS: Extent() if ends is None else Extent(ends[0] / 1000, (ends[1] + 1) / 1000)}
        for tier in ROLLED:
            ends = self._stored.bin_ends(tier)
            found[tier] = Extent() if ends is None else Extent(ends[0] * tier.bin_s, (ends[1] + 1) * tier.bin_s)
        return found

    def begins_s(self, tiers: Collection[Tier]) -> float | None:
        """From when on any of these tiers holds what was measured or imported; None while none holds anything."""
        extents = [self.extents(), {} if self._imported is None else self._imported.extents()]
        found = (held[tier].begins_s for held in extents for tier in tiers if tier in held)
        return min((begins_s for begins_s in found if begins_s is not None), default=None)

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
        if self._imported is None:
            return found
        return _with_imported(
            found, self._imported, group.number, partial(pieces, begins_s=begins_s, ends_s=ends_s, wanted=wanted)
        )

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
        return frozenset() if self._imported is None else self._imported.groups()

    def _readings(self, block: int, piece: Piece) -> Iterator[tuple[float, Row]]:
        for at_ms, data in self._stored.readings(block, round(piece.begins_s * 1000), round(piece.ends_s * 1000)):
            row = self._row(data)
            if row is not None:
                yield at_ms / 1000, row

    def _bins(self, block: int, piece: Piece) -> Iterator[tuple[float, Row]]:
        bin_s = piece.tier.bin_s
        found = self._stored.bins(piece.tier, block, int(piece.begins_s // bin_s), int(-(-piece.ends_s // bin_s)))
        for number, parts in groupby(found, key=itemgetter(0)):
            rows = [row for _, data in parts for row in (self._row(data),) if row is not None]
            if rows:
                yield (number + 0.5) * bin_s, rows[0] if len(rows) == 1 else _joined(rows)

    def _row(self, data: bytes) -> Row | None:
        """A row, or None for one that is damaged: what it held is unknown, and a gap like any other."""
        try:
            return Row(data)
        except DamagedRowError:
            self.damaged_rows += 1
            return None

    def last_polls(self, since_s: float, most: int) -> Mapping[str, Sequence[tuple[float, Figures]]]:
        """The newest polls since a moment, oldest first, of every group: for what is shown of all of them."""
        groups = self.groups()
        found: dict[str, list[tuple[float, Figures]]] = {group.id: [] for group in groups}
        for seq, at_ms in reversed(self._stored.newest_polls(round(since_s * 1000), most)):
            blocks = self._blocks(seq, at_ms)
            for group in groups:
                block, slot = divmod(group.number, GROUPS_A_BLOCK)
                if block in blocks:  # none is there beyond the last block
                    found[group.id].append((at_ms / 1000, blocks[block][slot]))
        return found

    def node_readings(self, begins_s: float, ends_s: float) -> Iterator[tuple[float, NodeReading]]:
        """Every reading that is kept of a node, oldest first."""
        named = self._stored.nodes()
        for at_ms, data in self._stored.node_readings(round(begins_s * 1000), round(ends_s * 1000)):
            for number, lifecycle, *units in self._nodes(data):
                node = named.get(number)
                if node is not None:
                    values = zip((Figure.CPU, Figure.MEMORY, Figure.SESSIONS), units, strict=True)
                    known = (_known(*value) for value in values)
                    yield at_ms / 1000, NodeReading(node.group_no, node.id, node.name, LIFECYCLES[lifecycle], *known)

    def _nodes(self, data: bytes) -> list[tuple[int, ...]]:
        try:
            return node_rows(zlib.decompress(data))
        except zlib.error:
            self.damaged_rows += 1
            return []

    def _blocks(self, seq: int, at_ms: int) -> dict[int, list[Figures]]:
        found: dict[int, list[Figures]] = {}
        for block, data in self._stored.readings_of(seq, at_ms):
            row = self._row(data)
            if row is not None:
                columns = [
                    [_known(figure, number) for number in column]
                    for figure, column in zip(Figure, row.readings(), strict=True)
                ]
                found[block] = list(zip(*columns, strict=True))
        return found


def _known(figure: Figure, number: int) -> float | None:
    return None if number == UNKNOWN else from_units(figure, number)


def _joined(parts: Sequence[Row]) -> Row:
    """One row of several parts of the same bin, as whoever stores them together would have it."""
    whole = BlockBin()
    for part in parts:
        whole.merge(BlockBin.from_columns(part.bins()))
    return Row(encode_bins(whole.columns()))


def _with_imported(
    found: Found, held: ImportedBins, group_no: int, pieces_of: Callable[[Mapping[Tier, Extent]], list[Piece]]
) -> Found:
    """What was measured, and what was imported beside it."""
    extents = held.extents()
    imports = pieces_of(extents)
    if not imports:
        return found
    return {
        figure: beside(
            measured,
            (entry for piece in imports for entry in held.bins(group_no, figure, piece)),
            partial(held.within, group_no, figure, extents),
        )
        for figure, measured in found.items()
    }


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
        yield HistoryReader(SqliteRows(connection))
