"""Numbering: groups and nodes get small numbers by which rows refer to them. Kept in memory by the one who writes."""

from __future__ import annotations

import sqlite3
from array import array
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from nodescaler_tui.facts import Lifecycle
from nodescaler_tui.record.history.coding import GROUPS_A_BLOCK, NOTHING, Column, to_units
from nodescaler_tui.record.history.figures import Figure, Figures, GroupFigures, NodeFigures
from nodescaler_tui.record.history.schema import BLOCKS
from nodescaler_tui.record.history.tiers import DAY_S

LIFECYCLES: Final = tuple(Lifecycle)
NODE_COLUMNS: Final = 5
_NEW_GROUP: Final = """
    INSERT INTO node_group SELECT coalesce(max(no) + 1, 0), ?, ? FROM node_group WHERE true ON CONFLICT DO NOTHING"""
"""The next number is the file's to give: an import may have added groups meanwhile."""

_NOTHING: Final[Figures] = (None,) * len(Figure)


class Groups:
    """The number of every group that was ever read."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._known: dict[str, tuple[int, str]] = {
            group_id: (number, name)
            for number, group_id, name in connection.execute("SELECT no, id, name FROM node_group")
        }

    def number(self, group_id: str, name: str) -> int:
        """The group's number; a new group gets the next one, a new name is kept."""
        number, kept = self._known.get(group_id, (-1, ""))
        if number < 0:
            self._connection.execute(_NEW_GROUP, (group_id, name))
            number = self._connection.execute("SELECT no FROM node_group WHERE id = ?", (group_id,)).fetchone()[0]
        elif kept != name:
            self._connection.execute("UPDATE node_group SET name = ? WHERE no = ?", (name, number))
        else:
            return number
        self._known[group_id] = (number, name)
        return number

    def known_or_new(self, group_id: str) -> int:
        """The number of a group of which only the id is known; a name that is kept stays."""
        _, name = self._known.get(group_id, (-1, group_id))
        return self.number(group_id, name)

    def blocks(self, groups: Iterable[GroupFigures]) -> Mapping[int, Sequence[Column]]:
        """The figures of one poll by block, each figure a column. What is left out: blocks of which nothing is known.

        Groups beyond the last block, the 65,537th that was ever seen and those after it, are not kept.
        """
        rows: dict[int, list[Figures]] = {}
        for group in groups:
            block, slot = divmod(self.number(group.id, group.name), GROUPS_A_BLOCK)
            if block >= BLOCKS:
                continue
            if block not in rows:
                rows[block] = [_NOTHING] * GROUPS_A_BLOCK
            rows[block][slot] = group.figures
        found = {
            block: [to_units(figure, values) for figure, values in enumerate(zip(*members, strict=True))]
            for block, members in rows.items()
        }
        return {block: columns for block, columns in found.items() if any(column is not NOTHING for column in columns)}


class Nodes:
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


def node_columns(numbered: Sequence[tuple[int, NodeFigures]]) -> bytes:
    """All nodes of one poll: number, lifecycle, CPU, memory and sessions, column by column."""
    columns = array("I")
    columns.extend(number for number, _ in numbered)
    columns.extend(LIFECYCLES.index(node.lifecycle) for _, node in numbered)
    columns.extend(to_units(Figure.CPU, [node.cpu for _, node in numbered]))
    columns.extend(to_units(Figure.MEMORY, [node.memory for _, node in numbered]))
    columns.extend(to_units(Figure.SESSIONS, [node.sessions for _, node in numbered]))
    return columns.tobytes()


def node_rows(data: bytes) -> list[tuple[int, ...]]:
    """The same, row by row."""
    numbers = array("I", data)
    length = len(numbers) // NODE_COLUMNS
    return list(zip(*(numbers[part * length : (part + 1) * length] for part in range(NODE_COLUMNS)), strict=True))
