"""`collect` in a process of its own: it polls for a team, and lets somebody else do so when it ends."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from nodescaler_tui.engine.shared_source import decoded
from nodescaler_tui.headless.collect import main
from nodescaler_tui.record.postgres import observations
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.history import SharedHistory
from nodescaler_tui.simulator.simulation import running_simulation
from tests.postgresql.databases import Database


def test_it_polls_for_all_and_keeps_the_history_until_it_is_told_to_end(database: Database) -> None:
    with running_simulation("calm") as simulation:
        environment = {
            **os.environ,
            "GENESYS_GATEWAY": simulation.addresses.gateway,
            "GENESYS_CLIENT_ID": simulation.addresses.client_id,
            "GENESYS_CLIENT_SECRET": simulation.addresses.client_secret,
            "NODESCALER_STORE_URL": database.url("ana"),
        }
        command = [sys.executable, "-m", "nodescaler_tui", "collect"]
        sessions, lease = Sessions(database.url("vic")), f"poller {simulation.addresses.gateway}"
        with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as collect:
            assert collect.stdout is not None
            try:
                assert collect.stdout.readline().endswith("This program polls for all.\n")
                while (published := observations.newest(sessions, lease)) is None:
                    assert collect.poll() is None
                history = SharedHistory(sessions)
                while not history.contents().tiers[0].rows:
                    assert collect.poll() is None
                collect.send_signal(signal.SIGTERM)
                assert collect.wait(30) == 0
            finally:
                collect.kill()
    assert decoded(published.content).inventory_read
    assert observations.standing_of(sessions, lease).poller == "", "so that nobody has to wait"


def test_without_a_store_there_is_nobody_to_poll_for(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("GENESYS_CLIENT_ID", "id")
    monkeypatch.setenv("GENESYS_CLIENT_SECRET", "secret")
    assert main([]) == 2
    assert "no shared store is named" in capsys.readouterr().err
