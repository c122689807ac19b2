"""The status page is good on a good day and bad in an outage."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from nodescaler_tui.simulator.simulation import Simulation


def summary(simulation: Simulation) -> dict[str, Any]:
    url = f"{simulation.addresses.status_page}/api/v2/summary.json"
    document: dict[str, Any] = httpx.get(url, trust_env=False).raise_for_status().json()
    return document


def test_on_a_good_day_everything_is_operational(simulation: Simulation) -> None:
    page = summary(simulation)
    assert page["status"] == {"indicator": "none", "description": "All Systems Operational"}
    assert {component["status"] for component in page["components"]} == {"operational"}
    assert page["incidents"] == page["scheduled_maintenances"] == []
    assert set(page["page"]) == {"id", "name", "url", "updated_at"}


@pytest.mark.parametrize(
    ("fault", "indicator"),
    [
        ({"fault": "http-503"}, "major"),
        ({"fault": "hang"}, "major"),
        ({"fault": "http-503", "endpoint": "edges"}, "none"),
        ({"fault": "throttle"}, "none"),
        ({"fault": "fail-5xx"}, "none"),
    ],
)
def test_only_an_outage_of_everything_shows(simulation: Simulation, fault: dict[str, object], indicator: str) -> None:
    simulation.faults.switch_on(fault)
    page = summary(simulation)
    assert page["status"]["indicator"] == indicator
    assert bool(page["incidents"]) == (indicator == "major")
