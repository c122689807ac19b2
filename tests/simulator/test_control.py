"""The control endpoint, as a person with curl uses it."""

from __future__ import annotations

from collections.abc import Iterator

import httpx
import pytest

from nodescaler_tui.simulator.faults import ALL_FAULTS
from nodescaler_tui.simulator.simulation import Simulation


@pytest.fixture
def control(simulation: Simulation) -> Iterator[httpx.Client]:
    with httpx.Client(base_url=simulation.addresses.control, trust_env=False) as client:
        yield client


def test_it_lists_every_fault_with_its_words_and_those_that_are_on(control: httpx.Client) -> None:
    assert control.get("/faults").json() == {"on": [], "all": dict(ALL_FAULTS)}


def test_faults_go_on_and_off(control: httpx.Client) -> None:
    for fault in ("http-500", "text-body"):
        assert control.post("/faults", json={"fault": fault}).status_code == 204
    assert control.get("/faults").json()["on"] == ["http-500", "text-body"]
    assert control.delete("/faults/http-500").status_code == 204
    assert control.get("/faults").json()["on"] == ["text-body"]
    control.delete("/faults")
    assert control.get("/faults").json()["on"] == []


def test_state_shows_groups_deliveries_requests_and_faults(simulation: Simulation, control: httpx.Client) -> None:
    httpx.post(simulation.addresses.webhook, content=b"x", headers={"Idempotency-Key": "once"}, trust_env=False)
    state = control.get("/state").json()
    group = state["groups"][simulation.subject_id]
    assert (group["name"], group["nodes"], group["in_service"]) == ("media-eu-prod-01", 10, 10)
    assert 0.4 < group["cpu"] < 0.7
    assert state["deliveries"] == [{"key": "once", "effect": 0, "body": "x"}]
    assert state["faults"] == []


def test_time_can_be_made_to_pass(simulation: Simulation, control: httpx.Client) -> None:
    before = simulation.fleet.now_s
    assert control.post("/advance", json={"seconds": 600}).status_code == 204
    assert simulation.fleet.now_s >= before + 600


def test_a_surge_can_be_asked_for_by_id_and_by_name(simulation: Simulation, control: httpx.Client) -> None:
    names = ("media-ap-prod-01", simulation.subject_id)
    for name in names:
        assert control.post("/surge", json={"group": name, "factor": 1.9}).status_code == 204
    control.post("/advance", json={"seconds": 40})
    groups = {group["name"]: group["cpu"] for group in control.get("/state").json()["groups"].values()}
    assert groups["media-ap-prod-01"] > 0.6
    assert groups["media-eu-prod-01"] > 0.95


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/faults", b'{"fault":"earthquake"}'),
        ("/faults", b"[]"),
        ("/faults", b"{"),
        ("/surge", b'{"group":"nobody","factor":2}'),
        ("/surge", b'{"group":["x"],"factor":2}'),
        ("/surge", b'{"group":"media-eu-prod-01"}'),
        ("/surge", b'{"group":"media-eu-prod-01","factor":0}'),
        ("/advance", b'{"seconds":-1}'),
        ("/advance", b'{"seconds":true}'),
        ("/advance", b'{"seconds":1e999}'),
        ("/advance", b"{}"),
    ],
)
def test_what_cannot_be_meant_is_refused_with_a_sentence(control: httpx.Client, path: str, body: bytes) -> None:
    answer = control.post(path, content=body)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_what_is_not_there_is_not_found(control: httpx.Client) -> None:
    answers = [control.get("/nothing"), control.post("/state", json={}), control.delete("/faultsandmore")]
    assert [answer.status_code for answer in answers] == [404, 404, 404]
    assert control.delete("/faults/earthquake").status_code == 400
