"""Writing the history: one transaction for each poll, with the bins that it closed and the old rows that go."""

from __future__ import annotations

import sqlite3
import zlib
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, closing, suppress
from datetime import datetime
from pathlib import Path
from typing import Final

from nodescaler_tui.record.history.coding import Column, DamagedRowError, Row, encode_bins, encode_readings
from nodescaler_tui.record.history.connection import (
    HistoryDamaged,
    HistoryUnavailable,
    in_words,
    keeping,
    moved_aside,
    open_for_writing,
    turn,
)
from nodescaler_tui.record.history.figures import Poll
from nodescaler_tui.record.history.folding import BlockBin, RollUp, TierBin
from nodescaler_tui.record.history.numbering import Groups, Nodes, node_columns
from nodescaler_tui.record.history.pruning import prune
from nodescaler_tui.record.history.schema import BLOCKS
from nodescaler_tui.record.history.tiers import ROLLED, Retention, Tier

BEFORE_ALL: Final = 0


class HistoryWriter:
    """Keeps the history for as long as it is open. What fails is forgotten: the next poll begins from what is stored.

    It may be called from any thread, but from one at a time.
    """

    def __init__(self, path: Path, retention: Retention, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._retention = retention
        self._clock = clock
        self._held: ExitStack | None = None
        self._session: _Session | None = None

    def add(self, poll: Poll) -> Path | None:
        """Store one poll; where a damaged file was moved to, or None. Raises HistoryUnavailable."""
        if not poll.groups:
            return None
        try:
            self._store(poll)
        except HistoryDamaged:
            self.close()
            with keeping(self._path), turn(self._path):
                aside = moved_aside(self._path, self._clock())
            self._store(poll)
            return aside
        return None

    def _store(self, poll: Poll) -> None:
        try:
            with turn(self._path), in_words(self._path):
                self._opened().store(poll)
        except (HistoryUnavailable, sqlite3.Error):
            self.close()
            raise

    def _opened(self) -> _Session:
        if self._held is None or self._session is None:
            with ExitStack() as stack:
                stack.enter_context(keeping(self._path))
                connection = stack.enter_context(closing(open_for_writing(self._path)))
                self._session = _Session(connection, self._retention)
                self._held = stack.pop_all()
        return self._session

    def close(self) -> None:
        """Let go of the file, in our turn where that can be had: closing it writes too."""
        held, self._held, self._session = self._held, None, None
        if held is not None:
            with ExitStack() as stack:
                stack.callback(held.close)
                with suppress(HistoryUnavailable):
                    stack.enter_context(turn(self._path))
                held.close()


class _Session:
    """What the writer knows while the file is open. Worth nothing any more after an error."""

    def __init__(self, connection: sqlite3.Connection, retention: Retention) -> None:
        self._connection = connection
        self._retention = retention
        self._groups = Groups(connection)
        self._nodes = Nodes(connection)
        self._roll_up = RollUp()
        newest = connection.execute("SELECT max(seq) FROM poll").fetchone()[0]
        self._rolled: dict[Tier, int] = dict.fromkeys(ROLLED, BEFORE_ALL)
        words = {tier.word: tier for tier in ROLLED}
        self._rolled |= {words[word]: seq for word, seq in connection.execute("SELECT tier, seq FROM rolled")}
        self._seq = max(newest or BEFORE_ALL, *self._rolled.values())
        self._awaiting = self._seq > min(self._rolled.values())

    def store(self, poll: Poll) -> None:
        """One transaction. Raises sqlite3.Error, after which nothing of it is stored."""
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._store(poll)
            self._connection.execute("COMMIT")
        except BaseException:
            # SQLite has rolled back on its own when the disk was full; a second rollback would hide that error.
            if self._connection.in_transaction:
                self._connection.execute("ROLLBACK")
            raise

    def _store(self, poll: Poll) -> None:
        if self._awaiting:
            self._roll_up_what_was_left()
            self._awaiting = False
        self._seq += 1
        seq, blocks = self._seq, self._groups.blocks(poll.groups)
        self._connection.execute("INSERT INTO poll VALUES (?, ?)", (seq, round(poll.at_s * 1000)))
        self._connection.executemany(
            "INSERT INTO reading VALUES (?, ?)",
            [(seq * BLOCKS + block, encode_readings(columns)) for block, columns in sorted(blocks.items())],
        )
        self._store_nodes(poll)
        closed = self._roll_up.add(seq, poll.at_s, blocks)
        self._store_bins(closed)
        prune(self._connection, self._retention, poll.at_s, min(self._rolled.values()), {held.tier for held in closed})
        if closed:
            self._nodes.forget(poll.at_s - self._retention.readings_s)

    def _store_nodes(self, poll: Poll) -> None:
        if not poll.nodes:
            return
        names = {group.id: group.name for group in poll.groups}
        numbered = [
            (self._nodes.number(self._groups.number(node.group_id, names[node.group_id]), node, poll.at_s), node)
            for node in poll.nodes
        ]
        packed = zlib.compress(node_columns(numbered), 1)
        self._connection.execute("INSERT INTO node_reading VALUES (?, ?)", (self._seq, packed))

    def _store_bins(self, closed: Iterable[TierBin]) -> None:
        for held in closed:
            if self._retention.of(held.tier):
                rows = [(held.index * BLOCKS + block, self._joined(held, block)) for block in sorted(held.blocks)]
                self._connection.executemany(
                    f"INSERT OR REPLACE INTO {held.tier.table} VALUES (?, ?)",  # noqa: S608 - one of our own tables
                    rows,
                )
            self._rolled[held.tier] = held.last_seq
            self._connection.execute("INSERT OR REPLACE INTO rolled VALUES (?, ?)", (held.tier.word, held.last_seq))

    def _joined(self, held: TierBin, block: int) -> bytes:
        """The row of one block, with what is stored of this bin already: a clock that jumped back opens it again."""
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

    def _roll_up_what_was_left(self) -> None:
        """Fold the polls that a dead process stored and did not roll up, each into the tiers that lack it."""
        polls = self._connection.execute(
            "SELECT seq, at_ms FROM poll WHERE seq > ? ORDER BY seq", (min(self._rolled.values()),)
        ).fetchall()
        for seq, at_ms in polls:
            tier = next((tier for tier in ROLLED if seq > self._rolled[tier]), None)
            if tier is None:
                continue
            rows = self._connection.execute(
                "SELECT id, row FROM reading WHERE id BETWEEN ? AND ?", (seq * BLOCKS, seq * BLOCKS + BLOCKS - 1)
            )
            blocks = {row_id % BLOCKS: columns for row_id, data in rows.fetchall() for columns in _readable(data)}
            self._store_bins(self._roll_up.add(seq, at_ms / 1000, blocks, tier))


def _readable(data: bytes) -> tuple[Sequence[Column], ...]:
    """The columns of a row; none of one that is damaged, so that what it held stays unknown."""
    try:
        return (Row(data).readings(),)
    except DamagedRowError:
        return ()
