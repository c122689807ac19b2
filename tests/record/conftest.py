"""A real journal on a real disk, drafts to write into it, and a way to tamper with its file as an intruder would."""

from __future__ import annotations

import os
import shutil
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nodescaler_tui.events import Draft, Event, EventKind
from nodescaler_tui.record.sqlite import SqliteJournal

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOBODY = 65534

Tamper = Callable[[str], None]
Write = Callable[[int], list[Event]]


def draft(number: int) -> Draft:
    return Draft(EventKind.PLAN_REFUSED, NOON, "ana@ops", "group-1", "", {"nodes": number, "ok": True})


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def journal(path: Path) -> SqliteJournal:
    return SqliteJournal.open(path, version="1.2.3", clock=lambda: NOON)


@pytest.fixture
def write(journal: SqliteJournal) -> Write:
    def several(count: int) -> list[Event]:
        with journal.transaction() as transaction:
            return [transaction.append(draft(number)) for number in range(count)]

    return several


@pytest.fixture
def tamper(path: Path) -> Tamper:
    """Run SQL on the file with every guard removed: what the file's owner can always do."""

    def run(script: str) -> None:
        with closing(sqlite3.connect(path)) as connection:
            for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
                connection.execute(f'DROP TRIGGER "{name}"')
            connection.executescript(script)
            connection.commit()

    return run


@pytest.fixture
def unprivileged() -> Iterator[Path]:
    """A folder of our own, as a user whom file rights hold back: root is not."""
    root = os.geteuid() == 0
    if root:
        os.seteuid(NOBODY)
    folder = Path(tempfile.mkdtemp())
    yield folder
    folder.chmod(0o700)
    if root:
        os.seteuid(0)
    shutil.rmtree(folder)
