"""What every test gets: folders of its own, and an environment without anybody's credentials."""

from __future__ import annotations

from pathlib import Path

import pytest

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
)


@pytest.fixture(autouse=True)
def _own_folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in VARIABLES:
        monkeypatch.delenv(variable, raising=False)
    for name in ("STATE", "CONFIG", "RUNTIME"):
        monkeypatch.setenv(f"NODESCALER_{name}_DIR", str(tmp_path / name.lower()))


def pytest_addoption(parser: pytest.Parser) -> None:
    """How the pictures of the screens are written anew."""
    parser.addoption("--update-snapshots", action="store_true", help="write tests/show/snapshots anew")
