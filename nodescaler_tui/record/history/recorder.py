"""Recording polls: what belongs to each of them, the bins that it closes, and what a dead process left to roll up.

A poll may close a bin of each tier. The next polls store them, the finest first and one each, so that none takes much
longer than another. Which polls are in which tier is stored, so whoever comes after a crash makes the bins that waited
anew from the readings; who reads meanwhile finds the same in the finer tiers.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Sequence
from typing import Final

from nodescaler_tui.record.history.coding import Column, DamagedRowError, Row, encode_readings
from nodescaler_tui.record.history.figures import Poll
from nodescaler_tui.record.history.folding import RollUp, TierBin
from nodescaler_tui.record.history.numbering import Groups, node_columns
from nodescaler_tui.record.history.stored import HistoryTables
from nodescaler_tui.record.history.tiers import ROLLED, Retention, Tier

BEFORE_ALL: Final = 0


class PollRecorder:
    """What the one who keeps a history knows of it. Worth nothing any more after an error, or once others wrote."""

    def __init__(self, tables: HistoryTables, retention: Retention) -> None:
        self._tables = tables
        self._retention = retention
        self._groups = Groups(tables)
        self._roll_up = RollUp()
        self._waiting: list[TierBin] = []
        progress = tables.progress()
        self._rolled: dict[Tier, int] = dict.fromkeys(ROLLED, BEFORE_ALL) | dict(progress.rolled)
        self.seq = max(progress.seq, *self._rolled.values())
        self._awaiting = self.seq > self.rolled_seq

    @property
    def rolled_seq(self) -> int:
        """Up to this poll every tier is rolled up."""
        return min(self._rolled.values())

    def record(self, poll: Poll) -> frozenset[Tier]:
        """Take one poll in, within the caller's transaction; the tiers of which a bin was stored with it."""
        if self._awaiting:
            self._roll_up_what_was_left()
            self._awaiting = False
        self.seq += 1
        seq, at_ms, blocks = self.seq, round(poll.at_s * 1000), self._groups.blocks(poll.groups)
        rows = [(block, encode_readings(columns)) for block, columns in sorted(blocks.items())]
        self._tables.add_readings(seq, at_ms, rows, self._packed_nodes(poll))
        ripe = self._ripe(self._roll_up.add(seq, poll.at_s, blocks))
        self._store_bins(ripe)
        self._tables.add_poll(seq, at_ms, self._rolled)
        return frozenset(held.tier for held in ripe)

    def _ripe(self, closed: Sequence[TierBin]) -> Sequence[TierBin]:
        """What is stored with a poll that closes these: one bin that waits, or all, so that no more than these do."""
        waiting = self._waiting
        ripe = waiting if closed else waiting[:1]
        self._waiting = [*waiting[len(ripe) :], *closed]
        return ripe

    def _packed_nodes(self, poll: Poll) -> bytes | None:
        if not poll.nodes:
            return None
        names = {group.id: group.name for group in poll.groups}
        nodes = [(self._groups.number(node.group_id, names[node.group_id]), node) for node in poll.nodes]
        numbers = self._tables.number_nodes(nodes, poll.at_s)
        return zlib.compress(node_columns(list(zip(numbers, poll.nodes, strict=True))), 1)

    def _store_bins(self, closed: Iterable[TierBin]) -> None:
        for held in closed:
            if self._retention.of(held.tier):
                self._tables.add_bin(held)
            self._rolled[held.tier] = held.last_seq

    def _roll_up_what_was_left(self) -> None:
        """Fold the polls that a dead process stored and did not roll up, each into the tiers that lack it.

        What is closed by that are the bins that waited when it died.
        """
        for seq, at_ms in self._tables.unrolled(self.rolled_seq):
            tier = next((tier for tier in ROLLED if seq > self._rolled[tier]), None)
            if tier is None:
                continue
            rows = self._tables.readings_of(seq, at_ms)
            blocks = {block: columns for block, data in rows for columns in _readable(data)}
            self._waiting += self._roll_up.add(seq, at_ms / 1000, blocks, tier)


def _readable(data: bytes) -> tuple[Sequence[Column], ...]:
    """The columns of a row; none of one that is damaged, so that what it held stays unknown."""
    try:
        return (Row(data).readings(),)
    except DamagedRowError:
        return ()
