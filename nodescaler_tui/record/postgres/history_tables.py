"""The tables of a history on PostgreSQL: how one poll is taken in there, by inserting and nothing else."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from nodescaler_tui.record.history.coding import encode_bins
from nodescaler_tui.record.history.figures import NodeFigures
from nodescaler_tui.record.history.folding import TierBin
from nodescaler_tui.record.history.stored import Group, Progress
from nodescaler_tui.record.history.tiers import DAY_S, ROLLED, Tier
from nodescaler_tui.record.postgres.connection import Session
from nodescaler_tui.record.postgres.history_rows import PostgresRows, all_of, readings_of, table_of
from nodescaler_tui.record.postgres.schema import SCHEMA_VERSION

_NUMBER_GROUPS: Final = """
    WITH numbered AS (
        INSERT INTO history_group (no, id)
        SELECT (SELECT coalesce(max(no) + 1, 0) FROM history_group) + place - 1, id
        FROM unnest(%s::text[]) WITH ORDINALITY AS fresh(id, place)
        RETURNING no, id)
    INSERT INTO history_group_name (group_no, name)
    SELECT no, name FROM numbered JOIN unnest(%s::text[], %s::text[]) AS fresh(id, name) USING (id) ORDER BY no"""
_ADD_READINGS: Final = """
    INSERT INTO history_reading (at_ms, seq, block, data)
    SELECT %s, %s, block, data FROM unnest(%b::smallint[], %b::bytea[]) AS stored(block, data)"""
_ADD_BINS: Final = """
    INSERT INTO {table} (bin, seq, block, data)
    SELECT %s, %s, block, data FROM unnest(%b::smallint[], %b::bytea[]) AS stored(block, data)"""
_ADD_NODES: Final = """
    INSERT INTO history_node (day, no, group_no, id, name)
    SELECT %s, fresh.* FROM unnest(%s::bigint[], %s::integer[], %s::text[], %s::text[]) AS fresh"""


def take_turn(session: Session) -> Progress:
    """Queue up with everybody else who keeps this history, within a transaction; how far it is."""
    found = all_of(session, "SELECT seq, rolled FROM take_history(%s)", (SCHEMA_VERSION,))
    seq, rolled = found[0] if found else (0, [0] * len(ROLLED))
    return Progress(seq, dict(zip(ROLLED, rolled, strict=True)))


class PostgresTables:
    """The tables of one store, within one transaction after the other."""

    def __init__(self, session: Session, progress: Progress) -> None:
        self.session = session
        self._progress = progress
        self._nodes_of = -1
        self._nodes: dict[tuple[int, str], int] = {}

    def progress(self) -> Progress:
        """How far the store was when this turn began."""
        return self._progress

    def groups(self) -> list[Group]:
        """Every group that has a number."""
        return PostgresRows(self.session).groups()

    def number_groups(self, fresh: Sequence[tuple[str, str]]) -> Mapping[str, int]:
        """Numbers for these ids and names, none of which has one."""
        ids, names = [group_id for group_id, _ in fresh], [name for _, name in fresh]
        self.session.execute(_NUMBER_GROUPS, (ids, ids, names))
        return dict(all_of(self.session, "SELECT id, no FROM history_group WHERE id = ANY(%s)", (ids,)))

    def rename_group(self, number: int, name: str) -> None:
        """The group is called otherwise from now on."""
        self.session.execute("INSERT INTO history_group_name (group_no, name) VALUES (%s, %s)", (number, name))

    def unrolled(self, after: int) -> list[tuple[int, int]]:
        """Number and moment of the polls after this one, in order."""
        return all_of(self.session, "SELECT seq, at_ms FROM history_poll WHERE seq > %s ORDER BY seq", (after,))

    def readings_of(self, seq: int, at_ms: int) -> Iterable[tuple[int, bytes]]:
        """The rows of one poll, with the block of each."""
        return readings_of(self.session, seq, at_ms)

    def number_nodes(self, nodes: Sequence[tuple[int, NodeFigures]], at_s: float) -> list[int]:
        """The numbers of these nodes on that day, each with its group's number."""
        day = int(at_s // DAY_S)
        if self._nodes_of != day:
            found = all_of(self.session, "SELECT group_no, id, no FROM history_node WHERE day = %s", (day,))
            self._nodes_of, self._nodes = day, {(group_no, node_id): no for group_no, node_id, no in found}
        fresh = {(no, node.id): node.name for no, node in nodes if (no, node.id) not in self._nodes}
        if fresh:
            self._add_nodes(day, fresh)
        return [self._nodes[group_no, node.id] for group_no, node in nodes]

    def _add_nodes(self, day: int, fresh: Mapping[tuple[int, str], str]) -> None:
        ((last,),) = all_of(self.session, "SELECT coalesce(max(no), 0) FROM history_node")
        numbers = list(range(last + 1, last + 1 + len(fresh)))
        group_nos, ids = [group_no for group_no, _ in fresh], [node_id for _, node_id in fresh]
        self.session.execute(_ADD_NODES, (day, numbers, group_nos, ids, list(fresh.values())))
        self._nodes |= zip(fresh, numbers, strict=True)

    def add_readings(self, seq: int, at_ms: int, rows: Sequence[tuple[int, bytes]], nodes: bytes | None) -> None:
        """The rows of one poll, with the block of each, and what is kept of nodes."""
        blocks, data = [block for block, _ in rows], [stored for _, stored in rows]
        self.session.execute(_ADD_READINGS, (at_ms, seq, blocks, data))
        if nodes is not None:
            self.session.execute(
                "INSERT INTO history_node_reading (at_ms, seq, data) VALUES (%s, %s, %b)", (at_ms, seq, nodes)
            )

    def add_bin(self, closed: TierBin) -> None:
        """A bin that is over; rows of it that are there already stay, and all of them are parts of it."""
        blocks = sorted(closed.blocks)
        data = [encode_bins(closed.blocks[block].columns()) for block in blocks]
        query = _ADD_BINS.format(table=table_of(closed.tier))
        self.session.execute(query.encode(), (closed.index, closed.last_seq, blocks, data))

    def add_poll(self, seq: int, at_ms: int, rolled: Mapping[Tier, int]) -> None:
        """That there was this poll, and up to which one each tier is rolled up now."""
        self.session.execute(
            "INSERT INTO history_poll (at_ms, seq, rolled) VALUES (%s, %s, %s)",
            (at_ms, seq, [rolled[tier] for tier in ROLLED]),
        )
