"""The two stores of a history, as the contract that both keep needs them: kept in, looked into, and damaged."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import pytest

from nodescaler_tui.record.history.coding import GROUPS_A_BLOCK
from nodescaler_tui.record.history.figures import Figure, Poll
from nodescaler_tui.record.history.file import HistoryFile
from nodescaler_tui.record.history.spans import Bin, Piece
from nodescaler_tui.record.history.stored import PollWriter, StoredHistory
from nodescaler_tui.record.history.tiers import DAY_S, READINGS, ROLLED, Retention, Tier
from tests.record.history.measured import NOON_S, whole_file, writer
from tests.record.stores import POSTGRESQL, SQLITE

if TYPE_CHECKING:
    from tests.postgresql.databases import Database

Tables = dict[str, list[tuple[object, ...]]]


class Kept(Protocol):
    """Where one history is kept. `place` is how another process names it; `kills` how many crashes are worth trying."""

    place: str
    kills: int
    history: StoredHistory

    def writer(self, retention: Retention | None = None) -> PollWriter:
        """Somebody who keeps it."""

    def everything(self) -> Tables:
        """Every row of every table that keeps measurements."""

    def damage(self, tier: Tier, moment: int) -> None:
        """Turn the rows of one bin, or of one poll, into something that nobody wrote."""

    def number_a_group(self, number: int, group_id: str) -> None:
        """A group has this number."""


class KeptInFile:
    """A history in one file."""

    kills = 8

    def __init__(self, path: Path) -> None:
        self.path = path
        self.place = str(path)
        self.history: StoredHistory = HistoryFile(path)

    def writer(self, retention: Retention | None = None) -> PollWriter:
        return writer(self.path, retention)

    def everything(self) -> Tables:
        return whole_file(self.path)

    def damage(self, tier: Tier, moment: int) -> None:
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute(f"UPDATE {tier.table} SET row = zeroblob(length(row)) WHERE id / 1024 = ?", (moment,))
            connection.commit()

    def number_a_group(self, number: int, group_id: str) -> None:
        with closing(sqlite3.connect(self.path)) as connection:
            connection.execute("INSERT INTO node_group VALUES (?, ?, ?)", (number, group_id, group_id))
            connection.commit()


class KeptInStore:
    """A history in a database of its own, kept by an operator who is the only one."""

    kills = 3

    def __init__(self, database: Database) -> None:
        from nodescaler_tui.record.postgres.address import Timeouts  # noqa: PLC0415 - the other needs no driver
        from nodescaler_tui.record.postgres.connection import Sessions  # noqa: PLC0415 - as above
        from nodescaler_tui.record.postgres.history import SharedHistory  # noqa: PLC0415 - as above

        self.database = database
        self.place = database.url()
        self.sessions = Sessions(self.place, Timeouts(statement_s=60, idle_in_transaction_s=60))
        self.history: StoredHistory = SharedHistory(self.sessions)

    def writer(self, retention: Retention | None = None) -> PollWriter:
        from nodescaler_tui.record.postgres.history import SharedHistoryWriter  # noqa: PLC0415 - as above

        kept = retention or Retention()
        days = {tier.word: -int(-kept.of(tier) // DAY_S) for tier in (READINGS, *ROLLED)}
        self.database.run(
            *(f"UPDATE history_retention SET days = {n} WHERE tier = '{word}'" for word, n in days.items())
        )
        return SharedHistoryWriter(self.sessions, lambda _: None)

    def everything(self) -> Tables:
        names = ("group", "group_name", "poll", *(tier.table for tier in (READINGS, *ROLLED)))
        with self.database.connect() as connection:
            return {
                name: connection.execute(f"SELECT held FROM history_{name} AS held ORDER BY 1".encode()).fetchall()
                for name in names
            }

    def damage(self, tier: Tier, moment: int) -> None:
        column = "seq" if tier is READINGS else "bin"
        self.database.run(f"UPDATE history_{tier.table} SET data = '\\x00' WHERE {column} = {moment}")

    def number_a_group(self, number: int, group_id: str) -> None:
        self.database.run(
            f"INSERT INTO history_group VALUES ({number}, '{group_id}')",
            f"INSERT INTO history_group_name (group_no, name) VALUES ({number}, '{group_id}')",
        )


@contextmanager
def kept_in(store: str, folder: Path, request: pytest.FixtureRequest) -> Iterator[Kept]:
    """A new history in this kind of store."""
    if store == SQLITE:
        yield KeptInFile(folder / "history.db")
        return
    assert store == POSTGRESQL
    from tests.postgresql.databases import fresh_database  # noqa: PLC0415 - the other needs no driver

    with fresh_database(request.getfixturevalue("postgresql")) as database:
        kept = KeptInStore(database)
        yield kept
        kept.sessions.close()


def keep(kept: Kept, polls: Iterable[Poll], retention: Retention | None = None) -> None:
    """Store these polls, one after the other."""
    with closing(kept.writer(retention)) as keeping:
        for entry in polls:
            keeping.add(entry)


def finest_of(kept: Kept, group_id: str, wanted: Tier) -> list[Bin]:
    """All of the CPU of one group."""
    with kept.history.reading() as reader:
        return reader.finest(group_id, [Figure.CPU], 0.0, NOON_S * 2, wanted)[Figure.CPU]


def bins_of(kept: Kept, tier: Tier, group_no: int = 0) -> dict[int, tuple[int, int, int, int]]:
    """What a tier holds of the CPU of a group, by the number of the bin; in units."""
    block, slot = divmod(group_no, GROUPS_A_BLOCK)
    with kept.history.reading() as reader:
        extent = reader.extents()[tier]
        if extent.begins_s is None or extent.ends_s is None:
            return {}
        rows = list(reader.rows(block, Piece(tier, extent.begins_s, extent.ends_s)))
    found = {int(at_s // tier.bin_s): row.bin(Figure.CPU, slot) for at_s, row in rows}
    return {number: entry for number, entry in found.items() if entry is not None}
