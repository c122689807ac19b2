"""Numbering: groups and nodes get small numbers by which rows refer to them. Kept in memory by the one who writes."""

from __future__ import annotations

from array import array
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from nodescaler_tui.facts import Lifecycle
from nodescaler_tui.record.history.coding import GROUPS_A_BLOCK, NOTHING, Column, to_units
from nodescaler_tui.record.history.figures import Figure, Figures, GroupFigures, NodeFigures
from nodescaler_tui.record.history.schema import BLOCKS
from nodescaler_tui.record.history.stored import GroupNumbers

LIFECYCLES: Final = tuple(Lifecycle)
NODE_COLUMNS: Final = 5
_NOTHING: Final[Figures] = (None,) * len(Figure)


class Groups:
    """The number of every group that was ever read. Its caller has a transaction."""

    def __init__(self, numbers: GroupNumbers) -> None:
        self._numbers = numbers
        self._known: dict[str, tuple[int, str]] = {group.id: (group.number, group.name) for group in numbers.groups()}

    def number(self, group_id: str, name: str) -> int:
        """The group's number; a new group gets the next one, a new name is kept."""
        if group_id not in self._known:
            self._learn([(group_id, name)])
        number, kept = self._known[group_id]
        if kept != name:
            self._numbers.rename_group(number, name)
            self._known[group_id] = (number, name)
        return number

    def _learn(self, fresh: Sequence[tuple[str, str]]) -> None:
        names = dict(fresh)
        for group_id, number in self._numbers.number_groups(fresh).items():
            self._known[group_id] = (number, names[group_id])

    def known_or_new(self, group_id: str) -> int:
        """The number of a group of which only the id is known; a name that is kept stays."""
        _, name = self._known.get(group_id, (-1, group_id))
        return self.number(group_id, name)

    def blocks(self, groups: Collection[GroupFigures]) -> Mapping[int, Sequence[Column]]:
        """The figures of one poll by block, each figure a column. What is left out: blocks of which nothing is known.

        Groups beyond the last block, the 65,537th that was ever seen and those after it, are not kept.
        """
        rows: dict[int, list[Figures]] = {}
        fresh = [(group.id, group.name) for group in groups if group.id not in self._known]
        if fresh:
            self._learn(fresh)
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
