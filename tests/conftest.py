"""What every test gets: folders of its own, nobody's credentials, compiled code, and as much time as it needs."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import httpx
import pytest
from hypothesis import settings

if TYPE_CHECKING:
    from tests.postgresql.databases import Database
    from tests.postgresql.server import Server

VARIABLES = (
    "GENESYS_ENV",
    "GENESYS_CLIENT_ID",
    "GENESYS_CLIENT_SECRET",
    "GENESYS_GATEWAY",
    "GENESYS_SCOPES",
    "MEDIA_QUEUE_ID",
    "NODE_GROUP_ID",
    "EXTERNAL_SCALER_WEBHOOK",
    "EXTERNAL_SCALER_TOKEN",
    "CURRENT_NODES",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_COLOR",
    "NODESCALER_STORE_URL",
    "PGHOST",
    "PGPORT",
    "PGUSER",
    "PGDATABASE",
    "PGPASSWORD",
    "PGPASSFILE",
    "PGSERVICE",
    "PGSSLMODE",
    "PGOPTIONS",
)

# Otherwise each worker, and each of the processes that tests start, compiles all of it anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# How long an example takes depends on what else the machine does; what may take only so long is a test of its own.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    for name in ("STATE", "CONFIG", "RUNTIME"):
        monkeypatch.setenv(f"NODESCALER_{name}_DIR", str(tmp_path / name.lower()))


@pytest.fixture(scope="session", autouse=True)
def _authorities_are_read_once() -> Iterator[None]:
    """Otherwise each HTTP client reads all of them anew, for longer than most tests take; nothing here asks them."""
    once = cache(httpx.create_ssl_context)
    with pytest.MonkeyPatch.context() as patch:
        for where in ("httpx", "httpx._transports.default"):
            patch.setattr(f"{where}.create_ssl_context", once)
        yield


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A real PostgreSQL, one for all workers of this run."""
    from tests.postgresql.databases import prepare  # noqa: PLC0415 - most workers of most runs need none
    from tests.postgresql.server import shared_server  # noqa: PLC0415 - as above

    base = tmp_path_factory.getbasetemp()
    folder = (base.parent if os.environ.get("PYTEST_XDIST_WORKER") else base) / "postgresql"
    with shared_server(folder) as server:
        prepare(server, folder)
        yield server


@pytest.fixture
def database(postgresql: Server) -> Iterator[Database]:
    """A store of this test's own, made and not begun."""
    from tests.postgresql.databases import fresh_database  # noqa: PLC0415 - as above

    with fresh_database(postgresql) as database:
        yield database


def pytest_addoption(parser: pytest.Parser) -> None:
    """How the pictures of the screens are written anew."""
    parser.addoption("--update-snapshots", action="store_true", help="write tests/show/snapshots anew")


def pytest_xdist_auto_num_workers() -> int:
    """Half as many again as there are cores: a worker often waits for a process that it has started."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return cores + (cores + 1) // 2
