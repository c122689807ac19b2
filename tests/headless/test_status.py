"""`status` and `watch --plain` on a simulation over HTTP, each in a process of its own, as a user would run them."""

from __future__ import annotations

import json
import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from nodescaler_tui.engine.demo_past import DemoPast
from nodescaler_tui.record.history.tiers import Retention
from nodescaler_tui.settings.places import make_private
from nodescaler_tui.simulator.simulation import Simulation, running_simulation


@pytest.fixture(scope="module")
def simulation() -> Iterator[Simulation]:
    with running_simulation("calm") as running:
        yield running


def ran(simulation: Simulation, tmp_path: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {
        **os.environ,
        "GENESYS_GATEWAY": simulation.addresses.gateway,
        "GENESYS_CLIENT_ID": simulation.addresses.client_id,
        "GENESYS_CLIENT_SECRET": simulation.addresses.client_secret,
        **{f"NODESCALER_{name}_DIR": str(tmp_path / name.lower()) for name in ("STATE", "CONFIG", "RUNTIME")},
        **variables,
    }
    command = [sys.executable, "-m", "nodescaler_tui", *arguments]
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=90, check=False)


def test_status_reads_the_fleet_and_its_exit_code_is_the_worst_severity(simulation: Simulation, tmp_path: Path) -> None:
    result = ran(simulation, tmp_path, "status", "--json")
    document = json.loads(result.stdout)
    worst = {"ok": 0, "warning": 1, "critical": 2, "unknown": 3}
    assert result.returncode == worst[document["status"]]
    assert document["link"] == "ok"
    assert {group["nodes"] for group in document["groups"]} > {12}


def outlooks(result: subprocess.CompletedProcess[str]) -> list[dict[str, Any] | None]:
    return [group["outlook"] for group in json.loads(result.stdout)["groups"]]


def test_status_without_an_engine_says_what_the_history_lets_expect(simulation: Simulation, tmp_path: Path) -> None:
    history = tmp_path / "state" / "history.db"
    make_private(history.parent)
    DemoPast(simulation.addresses.control).bring_into(history, Retention(), time.time())
    found = outlooks(ran(simulation, tmp_path, "status", "--json", NODESCALER_POLL_EVERY="300"))
    assert found
    for outlook in found:
        assert outlook is not None
        cpu = outlook["signals"]["cpu"]
        assert len(cpu["expected"]) == len(outlook["seconds_ahead"])
        assert "hours" in cpu["why"]
    with closing(sqlite3.connect(history)) as stored:
        polls = stored.execute("SELECT count(*) FROM poll").fetchone()
    assert polls == (1,), "Genesys was asked once"


def test_where_no_history_is_kept_status_expects_nothing_and_does_not_wait(
    simulation: Simulation, tmp_path: Path
) -> None:
    assert set(outlooks(ran(simulation, tmp_path, "status", "--json", NODESCALER_HISTORY="off"))) == {None}


def test_with_a_history_that_is_too_short_status_says_so(simulation: Simulation, tmp_path: Path) -> None:
    for outlook in outlooks(ran(simulation, tmp_path, "status", "--json")):
        assert outlook is not None
        assert outlook["signals"]["cpu"]["why"].startswith("not enough history")
        assert outlook["signals"]["cpu"]["expected"] is None


def test_status_that_cannot_read_says_unknown_within_its_time(simulation: Simulation, tmp_path: Path) -> None:
    result = ran(simulation, tmp_path, "status", "--within", "0.01")
    assert result.returncode == 3
    assert "Nothing could be read within 0.01 s." in result.stderr


def test_watch_plain_is_a_line_for_each_change(simulation: Simulation, tmp_path: Path) -> None:
    result = ran(simulation, tmp_path, "watch", "--plain", "--json", "--seconds", "12")
    lines = [json.loads(line) for line in result.stdout.splitlines()]
    assert result.returncode == 0
    assert "Genesys: ok." in [line["change"] for line in lines]
    assert any(line["change"].startswith("media-ap-prod-01: OK") for line in lines)
    assert not any("does not answer" in line["change"] for line in lines), "an engine that starts is no trouble"


def test_without_credentials_both_say_what_is_needed(tmp_path: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GENESYS")}
    environment |= {f"NODESCALER_{name}_DIR": str(tmp_path) for name in ("STATE", "CONFIG", "RUNTIME")}
    for arguments, code in ((["status"], 3), (["watch", "--plain"], 2)):
        command = [sys.executable, "-m", "nodescaler_tui", *arguments]
        result = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=30, check=False)
        assert result.returncode == code
        assert "GENESYS_CLIENT_ID" in result.stderr
