"""Where the history of a test is: in a file, or for what is said of every history, in each of its stores."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.record.history.kept import Kept, kept_in
from tests.record.stores import STORES


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


@pytest.fixture(params=STORES)
def kept(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Kept]:
    with kept_in(request.param, tmp_path, request) as history:
        yield history


@pytest.fixture(params=STORES, scope="module")
def kept_for_all(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kept]:
    """One that all tests of a file look at."""
    with kept_in(request.param, tmp_path_factory.mktemp("history"), request) as history:
        yield history
