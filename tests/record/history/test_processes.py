"""The history among real processes: killed in the middle of writes, two at once, and on a full disk."""

from __future__ import annotations

import random
import sqlite3
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from nodescaler_tui.record.history.tiers import MINUTES, READINGS
from tests.record.history.kept import Kept, KeptInFile, finest_of, kept_in
from tests.record.history.measured import NOON_S, finest, poll, store, stored_bins
from tests.record.stores import POSTGRESQL, SQLITE

KEEPING_ON = Path(__file__).with_name("keeping_on.py")


def keeper(place: str | Path, *, first: int = 0, count: int = 0, largest: int = 0) -> subprocess.Popen[str]:
    command = [sys.executable, str(KEEPING_ON), str(place), str(first), str(count), str(largest)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def whole(path: Path) -> bool:
    with closing(sqlite3.connect(path)) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok")


def test_a_kill_at_any_moment_loses_no_acknowledged_poll_and_no_bin(
    kept: Kept, request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """After all kills it is the same as one that was written in one go."""
    chance, acknowledged = random.Random(20260301), -1
    for _ in range(kept.kills):
        with keeper(kept.place, first=acknowledged + 1) as process:
            assert process.stdout is not None
            acknowledged = int(process.stdout.readline())
            time.sleep(chance.uniform(0.0, 0.12))
            process.kill()
            told = [int(line) for line in process.stdout.read().splitlines() if line.strip()]
        acknowledged = max([acknowledged, *told])
        stored = round((finest_of(kept, "g1", READINGS)[-1].at_s - NOON_S) / 10)
        assert stored in {acknowledged, acknowledged + 1}, "at most the poll that was being written is not told"
        acknowledged = stored
    if isinstance(kept, KeptInFile):
        assert whole(kept.path)
    kind = SQLITE if isinstance(kept, KeptInFile) else POSTGRESQL
    with kept_in(kind, tmp_path_factory.mktemp("in-one-go"), request) as in_one_go:
        with keeper(in_one_go.place, count=acknowledged + 1) as process:
            process.communicate(timeout=60)
        assert kept.everything() == in_one_go.everything()


def test_two_processes_on_one_file_lose_nothing_that_was_acknowledged(path: Path) -> None:
    with keeper(path, count=150) as first, keeper(path, first=1000, count=150) as second:
        told = [process.communicate(timeout=60)[0].splitlines() for process in (first, second)]
    acknowledged = [int(line) for lines in told for line in lines if not line.startswith("refused")]
    refused = [line for lines in told for line in lines if line.startswith("refused")]
    assert len(acknowledged) >= 150
    assert all("Another process keeps" in line for line in refused)
    assert {round((entry.at_s - NOON_S) / 10) for entry in finest(path, "g0", READINGS)} == set(acknowledged)
    assert whole(path)


def test_a_full_disk_is_said_and_writing_goes_on_once_there_is_room(path: Path) -> None:
    with keeper(path, count=250, largest=250_000) as process:
        lines = process.communicate(timeout=60)[0].splitlines()
    stored = [int(line) for line in lines if not line.startswith("refused")]
    assert any("space" in line or "full" in line for line in lines if line.startswith("refused"))
    assert 0 < len(stored) < 250
    assert {round((entry.at_s - NOON_S) / 10) for entry in finest(path, "g0", READINGS)} == set(stored)
    store(path, [poll(NOON_S + 10 * number, {"g0": 0.5}) for number in range(250, 270)])
    assert whole(path)
    assert len(stored_bins(path, MINUTES)) > 0
