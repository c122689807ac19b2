"""A real journal in each of its stores, drafts to write into it, and ways to tamper with it as an intruder would."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nodescaler_tui.events import Draft, Event, EventKind
from nodescaler_tui.record.stored import StoredJournal
from tests.record.stores import SQLITE, STORES, PostgresStore, SqliteStore, Store

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
NOBODY = 65534

Tamper = Callable[[str], None]
Write = Callable[[int], list[Event]]


def draft(number: int) -> Draft:
    return Draft(EventKind.PLAN_REFUSED, NOON, "ana@ops", "group-1", "", {"nodes": number, "ok": True})


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is said of a journal holds in every store; a test that asks for the file's path is about SQLite's alone."""
    if "store" in metafunc.fixturenames:
        stores = (SQLITE,) if "path" in metafunc.fixturenames else STORES
        metafunc.parametrize("store", stores, indirect=True)


@pytest.fixture
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == SQLITE:
        return SqliteStore(tmp_path / "state" / "journal.db")
    return PostgresStore(request.getfixturevalue("database"))


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "journal.db"


@pytest.fixture
def journal(store: Store) -> StoredJournal:
    return store.open(version="1.2.3", clock=lambda: NOON)


@pytest.fixture
def write(journal: StoredJournal) -> Write:
    def several(count: int) -> list[Event]:
        with journal.transaction() as transaction:
            return [transaction.append(draft(number)) for number in range(count)]

    return several


@pytest.fixture
def tamper(store: Store) -> Tamper:
    """Run SQL on the store with every guard removed."""
    return store.tamper


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
