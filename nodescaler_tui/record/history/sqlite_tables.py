"""The tables of a history that lies in a file: how one poll is taken in there."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from nodescaler_tui.record.history.coding import DamagedRowError, Row, encode_bins
from nodescaler_tui.record.history.figures import NodeFigures
from nodescaler_tui.record.history.folding import BlockBin, TierBin
from nodescaler_tui.record.history.schema import BLOCKS
from nodescaler_tui.record.history.sqlite_rows import readings_of
from nodescaler_tui.record.history.stored import Group, Progress
from nodescaler_tui.record.history.tiers import DAY_S, ROLLED, Tier

_NEW_GROUP: Final = """
    INSERT INTO node_group SELECT coalesce(max(no) + 1, 0), ?, ? FROM node_group WHERE true ON CONFLICT DO NOTHING"""
"""The next number is the file's to give: an import may have added groups meanwhile."""


class SqliteGroups:
    """The numbers of the groups in one file."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def groups(self) -> list[Group]:
        """Every group that has a number."""
        return [Group(*row) for row in self._connection.execute("SELECT no, id, name FROM node_group")]

    def number_groups(self, fresh: Sequence[tuple[str, str]]) -> Mapping[str, int]:
        """Numbers for these ids and names; whoever has one keeps it."""
        self._connection.executemany(_NEW_GROUP, fresh)
        number = "SELECT no FROM node_group WHERE id = ?"
        return {group_id: self._connection.execute(number, (group_id,)).fetchone()[0] for group_id, _ in fresh}

    def rename_group(self, number: int, name: str) -> None:
        """The group is called otherwise from now on."""
        self._connection.execute("UPDATE node_group SET name = ? WHERE no = ?", (name, number))


class SqliteTables(SqliteGroups):
    """The tables of one file, for the one who keeps it."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        super().__init__(connection)
        self._nodes = _Nodes(connection)
        self._rolled: dict[Tier, int] = {}

    def progress(self) -> Progress:
        """How far the file is."""
        newest = self._connection.execute("SELECT max(seq) FROM poll").fetchone()[0]
        words = {tier.word: tier for tier in ROLLED}
        found = self._connection.execute("SELECT tier, seq FROM rolled")
        self._rolled = {words[word]: seq for word, seq in found}
        return Progress(newest or 0, dict(self._rolled))

    def unrolled(self, after: int) -> list[tuple[int, int]]:
        """Number and moment of the polls after this one, in order."""
        return self._connection.execute("SELECT seq, at_ms FROM poll WHERE seq > ? ORDER BY seq", (after,)).fetchall()

    def readings_of(self, seq: int, _: int) -> Iterable[tuple[int, bytes]]:
        """The rows of one poll, with the block of each."""
        return readings_of(self._connection, seq)

    def number_nodes(self, nodes: Sequence[tuple[int, NodeFigures]], at_s: float) -> list[int]:
        """The numbers of these nodes, each with its group's number."""
        return [self._nodes.number(group_no, node, at_s) for group_no, node in nodes]

    def forget_nodes(self, before_s: float) -> None:
        """Let go of nodes that were last read before that day."""
        self._nodes.forget(before_s)

    def add_readings(self, seq: int, _: int, rows: Sequence[tuple[int, bytes]], nodes: bytes | None) -> None:
        """The rows of one poll, with the block of each, and what is kept of nodes."""
        self._connection.executemany(
            "INSERT INTO reading VALUES (?, ?)", [(seq * BLOCKS + block, data) for block, data in rows]
        )
        if nodes is not None:
            self._connection.execute("INSERT INTO node_reading VALUES (?, ?)", (seq, nodes))

    def add_bin(self, closed: TierBin) -> None:
        """A bin that is over, joined with what is stored of it already: a clock that jumped back opens it again."""
        rows = [(closed.index * BLOCKS + block, self._joined(closed, block)) for block in sorted(closed.blocks)]
        self._connection.executemany(
            f"INSERT OR REPLACE INTO {closed.tier.table} VALUES (?, ?)",  # noqa: S608 - one of our own tables
            rows,
        )

    def _joined(self, held: TierBin, block: int) -> bytes:
        fresh = held.blocks[block]
        found = self._connection.execute(
            f"SELECT row FROM {held.tier.table} WHERE id = ?",  # noqa: S608 - one of our own tables
            (held.index * BLOCKS + block,),
        ).fetchone()
        if found is not None:
            try:
                fresh.merge(BlockBin.from_columns(Row(found[0]).bins()))
            except DamagedRowError:
                return encode_bins(fresh.columns())
        return encode_bins(fresh.columns())

    def add_poll(self, seq: int, at_ms: int, rolled: Mapping[Tier, int]) -> None:
        """That there was this poll, and up to which one each tier is rolled up now."""
        self._connection.execute("INSERT INTO poll VALUES (?, ?)", (seq, at_ms))
        for tier, last_seq in rolled.items():
            if last_seq and self._rolled.get(tier) != last_seq:
                self._connection.execute("INSERT OR REPLACE INTO rolled VALUES (?, ?)", (tier.word, last_seq))
                self._rolled[tier] = last_seq


class _Nodes:
    """The number of every node whose readings are still kept."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        found = connection.execute("SELECT group_no, id, no, last_day FROM node")
        self._known: dict[tuple[int, str], tuple[int, int]] = {
            (group_no, node_id): (number, day) for group_no, node_id, number, day in found
        }

    def number(self, group_no: int, node: NodeFigures, at_s: float) -> int:
        """The node's number, and once a day the note that it was read."""
        number, day = self._known.get((group_no, node.id), (-1, -1))
        today = int(at_s // DAY_S)
        if number < 0:
            cursor = self._connection.execute(
                "INSERT INTO node (group_no, id, name, last_day) VALUES (?, ?, ?, ?)",
                (group_no, node.id, node.name, today),
            )
            number = cursor.lastrowid or 0
        elif day < today:
            self._connection.execute("UPDATE node SET name = ?, last_day = ? WHERE no = ?", (node.name, today, number))
        self._known[group_no, node.id] = (number, max(day, today))
        return number

    def forget(self, before_s: float) -> None:
        """Let go of nodes that were last read before that day."""
        day = int(before_s // DAY_S)
        if any(last < day for _, last in self._known.values()):
            self._connection.execute("DELETE FROM node WHERE last_day < ?", (day,))
            self._known = {key: (number, last) for key, (number, last) in self._known.items() if last >= day}
