"""Pruning: old rows go a few at a time, with the poll that comes in, so that letting go never holds one up."""

from __future__ import annotations

import sqlite3
from collections.abc import Collection
from typing import Final

from nodescaler_tui.record.history.schema import BLOCKS
from nodescaler_tui.record.history.tiers import ROLLED, Retention, Tier

POLLS_AT_ONCE: Final = 4
ROWS_AT_ONCE: Final = 256


def prune(
    connection: sqlite3.Connection, retention: Retention, now_s: float, rolled_seq: int, closed: Collection[Tier]
) -> None:
    """Let go of some of what is too old; of a tier only when one of its bins was just closed.

    A poll above `rolled_seq` stays whatever its age: an open bin is still made of it.
    """
    _prune_polls(connection, now_s - retention.readings_s, rolled_seq)
    for tier in ROLLED:
        if tier in closed:
            oldest = int((now_s - retention.of(tier)) // tier.bin_s)
            connection.execute(
                f"DELETE FROM {tier.table} WHERE id IN"  # noqa: S608 - one of our own tables
                f" (SELECT id FROM {tier.table} WHERE id < ? ORDER BY id LIMIT {ROWS_AT_ONCE})",
                (oldest * BLOCKS,),
            )
            connection.execute(
                "DELETE FROM imported WHERE (group_no, figure, bin_s, bin, source_no) IN"
                " (SELECT group_no, figure, bin_s, bin, source_no FROM imported WHERE bin_s = ? AND bin < ? LIMIT ?)",
                (tier.bin_s, oldest, ROWS_AT_ONCE),
            )


def _prune_polls(connection: sqlite3.Connection, before_s: float, rolled_seq: int) -> None:
    old = connection.execute(
        "SELECT seq FROM poll WHERE at_ms < ? AND seq <= ? ORDER BY at_ms LIMIT ?",
        (round(before_s * 1000), rolled_seq, POLLS_AT_ONCE),
    ).fetchall()
    for (seq,) in old:
        connection.execute("DELETE FROM reading WHERE id BETWEEN ? AND ?", (seq * BLOCKS, seq * BLOCKS + BLOCKS - 1))
        connection.execute("DELETE FROM node_reading WHERE seq = ?", (seq,))
        connection.execute("DELETE FROM poll WHERE seq = ?", (seq,))
