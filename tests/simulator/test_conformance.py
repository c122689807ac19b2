"""Every shape that the simulator answers, held against the real SDK: it knows each key, and gives each value back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nodescaler_tui.simulator.endpoints import PATHS, TOKEN
from nodescaler_tui.simulator.simulation import running_simulation

DRIVER = Path(__file__).with_name("sdk_conformance.py")
DRIVEN = (
    *("edgegroups", "edges", "edges/{id}", "edges/metrics", "edges/{id}/metrics", "trunks", "trunks/metrics"),
    *("calls/metrics", "queues", "observations", "aggregates", "limits", "date", "error"),
)


@pytest.fixture(scope="module")
def driven(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What the SDK found, and which endpoints it asked, with nodes in every state there is."""
    home = tmp_path_factory.mktemp("home")
    settings = home / ".genesyscloudpython" / "config"
    settings.parent.mkdir()
    settings.write_text("[general]\nlive_reload_config=false\n")
    with running_simulation("surge", seed=7) as simulation:
        simulation.advance(60)
        group = simulation.fleet.groups[simulation.subject_id]
        simulation.fleet.fail(group.nodes[:1])
        simulation.fleet.add_nodes(group.id, 2, boot_s=600)
        addresses = simulation.addresses
        arguments = [addresses.gateway, addresses.client_id, addresses.client_secret, addresses.queue_id]
        done = subprocess.run(
            [sys.executable, str(DRIVER), *arguments],
            env={**os.environ, "HOME": str(home)},
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        asked = set(simulation.genesys.seen)
    assert asked >= set(PATHS) - {TOKEN}, "an endpoint was not driven"
    found: dict[str, list[str]] = json.loads(done.stdout)
    return found


@pytest.mark.parametrize("endpoint", DRIVEN)
def test_the_sdk_knows_every_key_and_gives_every_value_back(driven: dict[str, list[str]], endpoint: str) -> None:
    assert driven[endpoint] == []


def test_nothing_that_was_driven_is_forgotten_here(driven: dict[str, list[str]]) -> None:
    assert set(driven) == set(DRIVEN)
