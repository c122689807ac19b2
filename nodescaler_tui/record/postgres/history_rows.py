"""The rows of a history on PostgreSQL: how a reader finds them there. Each question is a transaction of its own.

So a slow reader holds up nobody, least of all a day that is to go. What is written in between is at the newest end.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from nodescaler_tui.record.history.stored import Group, NamedNode
from nodescaler_tui.record.history.tiers import DAY_S, Tier
from nodescaler_tui.record.postgres.connection import Session

Stored = list[tuple[int, bytes]]
DAYS_AT_AN_EDGE: Final = 4
"""Days that are made ahead are empty, and a day may have had no poll: the end of a table is looked for in so many."""

_GROUPS: Final = """
    SELECT no, id, (SELECT name FROM history_group_name WHERE group_no = no ORDER BY entry DESC LIMIT 1)
    FROM history_group"""
_DAYS: Final = "SELECT min(day), max(day) FROM history_days(%s) AS day"
_READINGS: Final = """
    SELECT at_ms, data FROM history_reading WHERE at_ms >= %s AND at_ms < %s AND block = %s ORDER BY at_ms, seq"""
_NODE_READINGS: Final = """
    SELECT at_ms, data FROM history_node_reading WHERE at_ms >= %s AND at_ms < %s ORDER BY at_ms, seq"""
_NEWEST: Final = "SELECT seq, at_ms FROM history_poll WHERE at_ms >= %s ORDER BY at_ms DESC, seq DESC LIMIT %s"


class PostgresRows:
    """What one store holds."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def groups(self) -> list[Group]:
        """Every group that was ever read, by its number."""
        return [Group(*row) for row in self._all(f"{_GROUPS} ORDER BY no")]

    def group(self, group_id: str) -> Group | None:
        """The group of this id, or None."""
        rows = self._all(f"{_GROUPS} WHERE id = %s", group_id)
        return Group(*rows[0]) if rows else None

    def nodes(self) -> Mapping[int, NamedNode]:
        """Every node of each day by its number."""
        found = self._all("SELECT no, group_no, id, name FROM history_node")
        return {number: NamedNode(group_no, node_id, name) for number, group_no, node_id, name in found}

    def imported(self) -> None:
        """A shared history takes no readings of other programs."""

    def poll_ends(self) -> tuple[int, int] | None:
        """When the first and the last poll were."""
        return self._ends("history_poll", "at_ms", round(DAY_S * 1000))

    def bin_ends(self, tier: Tier) -> tuple[int, int] | None:
        """The first and the last bin of a tier."""
        return self._ends(table_of(tier), "bin", round(DAY_S / tier.bin_s))

    def _ends(self, table: str, column: str, a_day: int) -> tuple[int, int] | None:
        """Looked for in a few days first: to ask all of them would have the server open every partition."""
        ((first, last),) = self._all(_DAYS, table)
        if first is None:
            return None
        begins, ends = first * a_day, (last + 1) * a_day
        edge = DAYS_AT_AN_EDGE * a_day
        low = self._extreme("min", table, column, begins, begins + edge)
        if low is None:
            low = self._extreme("min", table, column, begins, ends)
        if low is None:
            return None
        high = self._extreme("max", table, column, ends - edge, ends)
        if high is None:
            high = self._extreme("max", table, column, begins, ends)
        return low, low if high is None else high

    def _extreme(self, which: str, table: str, column: str, begins: int, ends: int) -> int | None:
        query = f"SELECT {which}({column}) FROM {table} WHERE {column} >= %s AND {column} < %s"  # noqa: S608 - our own
        ((found,),) = self._all(query, begins, ends)
        return None if found is None else int(found)

    def readings(self, block: int, begins_ms: int, ends_ms: int) -> Stored:
        """The rows of a block of groups, with the moment of each, oldest first."""
        return self._all(_READINGS, begins_ms, ends_ms, block)

    def bins(self, tier: Tier, block: int, first: int, until: int) -> Stored:
        """The rows of a block, with the number of each bin, in order; several of one bin are parts of it."""
        query = (
            f"SELECT bin, data FROM {table_of(tier)}"  # noqa: S608 - one of our own tables
            " WHERE bin >= %s AND bin < %s AND block = %s ORDER BY bin, seq"
        )
        return self._all(query, first, until, block)

    def newest_polls(self, since_ms: int, most: int) -> list[tuple[int, int]]:
        """Number and moment of the newest polls, the newest first."""
        return self._all(_NEWEST, since_ms, most)

    def readings_of(self, seq: int, at_ms: int) -> Stored:
        """The rows of one poll, with the block of each."""
        return readings_of(self._session, seq, at_ms)

    def node_readings(self, begins_ms: int, ends_ms: int) -> Stored:
        """What is kept of nodes, packed, with the moment of each, oldest first."""
        return self._all(_NODE_READINGS, begins_ms, ends_ms)

    def _all(self, query: str, *values: object) -> list[Any]:
        return all_of(self._session, query, values)


def all_of(session: Session, query: str, values: Sequence[object] = ()) -> list[Any]:
    """Every row of an answer, in the form in which the server has it: text would double what is deflated."""
    return session.execute(query.encode(), values or None, binary=True).fetchall()


def readings_of(session: Session, seq: int, at_ms: int) -> Stored:
    """The rows of one poll, with the block of each."""
    return all_of(session, "SELECT block, data FROM history_reading WHERE at_ms = %s AND seq = %s", (at_ms, seq))


def table_of(tier: Tier) -> str:
    """Where the store keeps a tier."""
    return f"history_{tier.table}"
