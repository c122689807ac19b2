"""The last State on disk: whole or not at all, and nobody else's business."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from nodescaler_tui.record.last_state import keep


def test_it_replaces_the_one_before_and_leaves_nothing_else(tmp_path: Path) -> None:
    path = tmp_path / "last-state.json"
    keep(path, b"a longer first state")
    keep(path, b"second")
    assert path.read_bytes() == b"second"
    assert os.listdir(tmp_path) == ["last-state.json"]  # noqa: PTH208 - the raw names


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    path = tmp_path / "last-state.json"
    keep(path, b"state")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_it_is_replaced_and_not_rewritten_so_that_a_reader_never_sees_half(tmp_path: Path) -> None:
    path = tmp_path / "last-state.json"
    keep(path, b"first")
    with path.open("rb") as reader:
        keep(path, b"second")
        assert reader.read() == b"first"


def test_when_it_cannot_be_replaced_nothing_is_left_behind(tmp_path: Path) -> None:
    path = tmp_path / "last-state.json"
    path.mkdir()
    with pytest.raises(IsADirectoryError):
        keep(path, b"state")
    assert os.listdir(tmp_path) == ["last-state.json"]  # noqa: PTH208 - the raw names
