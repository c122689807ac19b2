"""The provider: it really adds nodes, once for each key, and says what became of it."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.simulator.hostile import PAYLOADS
from nodescaler_tui.simulator.http import Request
from nodescaler_tui.simulator.provider import idempotency_key
from nodescaler_tui.simulator.simulation import Simulation

Scale = Callable[..., httpx.Response]


def nodes(simulation: Simulation) -> int:
    return simulation.fleet.size(simulation.subject_id)


def effects(simulation: Simulation) -> list[int]:
    return [delivery.effect for delivery in simulation.provider.deliveries]


def job_of(simulation: Simulation, answer: httpx.Response) -> dict[str, Any]:
    """The status document that an answer points to."""
    url = httpx.URL(simulation.addresses.webhook).join(answer.headers["location"])
    document: dict[str, Any] = httpx.get(url, trust_env=False).raise_for_status().json()
    return document


def test_an_accepted_request_adds_nodes_that_boot_and_come_into_service(simulation: Simulation, scale: Scale) -> None:
    answer = scale(12)
    assert (answer.status_code, answer.json()["status"], answer.json()["nodes_added"]) == (202, "accepted", 2)
    group = simulation.fleet.groups[simulation.subject_id]
    assert [node.booting(simulation.fleet.now_s) for node in group.nodes[10:]] == [True, True]
    simulation.advance(simulation.scenario.boot_s * 1.2)
    assert all(node.weight(simulation.fleet.now_s) for node in group.nodes)


def test_the_job_runs_until_the_nodes_are_there(simulation: Simulation, scale: Scale) -> None:
    answer = scale(12)
    assert answer.json()["status_url"] == answer.headers["location"]
    assert job_of(simulation, answer) == {"id": "job-1", "status": "Running", "wanted": 2, "nodes": []}
    simulation.advance(simulation.scenario.boot_s + 1)
    assert job_of(simulation, answer)["nodes"] == ["media-eu-prod-01-11"]
    simulation.advance(simulation.scenario.boot_s)
    done = job_of(simulation, answer)
    assert (done["status"], done["nodes"]) == ("Succeeded", ["media-eu-prod-01-11", "media-eu-prod-01-12"])


def test_an_unknown_job_and_an_unknown_path_are_not_found(simulation: Simulation) -> None:
    for path in ("/provider/jobs/job-77", "/provider/elsewhere", "/provider/scale"):
        url = httpx.URL(simulation.addresses.webhook).join(path)
        assert httpx.get(url, trust_env=False).status_code == 404


def test_requested_nodes_is_a_desired_number_so_a_repeat_adds_nothing(simulation: Simulation, scale: Scale) -> None:
    assert [scale(12).json()["nodes_added"] for _ in range(2)] == [2, 0]
    assert scale(3).json()["nodes_added"] == 0
    assert nodes(simulation) == 12


def test_the_same_key_and_body_get_the_stored_answer_without_a_second_effect(
    simulation: Simulation, scale: Scale
) -> None:
    first = scale(12, key='"once"')
    simulation.fleet.fail(simulation.fleet.groups[simulation.subject_id].nodes[:1])
    again = scale(12, key='"once"')
    assert again.content == first.content
    assert again.headers["location"] == first.headers["location"]
    assert effects(simulation) == [2, 0]


def test_a_key_is_the_same_quoted_and_bare(simulation: Simulation, scale: Scale) -> None:
    assert scale(12, key='"once"').content == scale(12, key="once").content
    assert {delivery.key for delivery in simulation.provider.deliveries} == {"once"}


def test_the_same_key_with_another_body_is_refused(simulation: Simulation, scale: Scale) -> None:
    scale(12, key="once")
    assert scale(13, key="once").status_code == 422
    assert effects(simulation) == [2, 0]
    assert nodes(simulation) == 12


@given(st.text(st.characters(min_codepoint=33, max_codepoint=126), min_size=1).filter(lambda key: key[0] != '"'))
def test_a_key_survives_being_written_as_a_structured_string(key: str) -> None:
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    written = Request("POST", "/", {}, {"idempotency-key": f'"{escaped}"'}, b"")
    assert idempotency_key(written) == key
    assert idempotency_key(Request("POST", "/", {}, {"idempotency-key": key}, b"")) == key


def test_a_body_that_does_not_match_its_digest_is_refused(simulation: Simulation) -> None:
    body = b'{"node_group_id":"x"}'
    headers = {"X-Payload-SHA256": hashlib.sha256(b"other").hexdigest()}
    answer = httpx.post(simulation.addresses.webhook, content=body, headers=headers, trust_env=False)
    assert (answer.status_code, "SHA-256" in answer.json()["error"]) == (400, True)
    assert effects(simulation) == [0]


@pytest.mark.parametrize(
    "changes",
    [
        {"requested_nodes": "12"},
        {"requested_nodes": True},
        {"requested_nodes": 12.5},
        {"requested_nodes": 0},
        {"current_nodes": -1},
        {"auto_provision": "yes"},
        {"node_group_id": None},
        {"cpu_threshold": "high"},
        {"eighth_field": 1},
    ],
)
def test_a_body_that_is_not_the_seven_fields_is_refused(
    simulation: Simulation, scale: Scale, changes: dict[str, object]
) -> None:
    assert scale(**{"requested": 12, **changes} if "requested_nodes" not in changes else changes).status_code == 400
    assert effects(simulation) == [0]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"null", b"\xff\xfe", b"{}"])
def test_a_body_that_is_no_object_is_refused(simulation: Simulation, body: bytes) -> None:
    assert httpx.post(simulation.addresses.webhook, content=body, trust_env=False).status_code == 400
    assert effects(simulation) == [0]


def test_every_delivery_is_kept_as_it_came(simulation: Simulation, scale: Scale) -> None:
    scale(12, key='"once"')
    (delivery,) = simulation.provider.deliveries
    assert json.loads(delivery.body)["requested_nodes"] == 12
    assert delivery.headers["idempotency-key"] == '"once"'
    assert (delivery.key, delivery.effect) == ("once", 2)


def test_a_declared_group_is_counted_from_what_the_first_request_says(simulation: Simulation, scale: Scale) -> None:
    group = simulation.addresses.node_group_id
    answer = scale(12, group=group)
    assert answer.json()["nodes_added"] == 2
    assert scale(12, group=group, current_nodes=3).json()["nodes_added"] == 0
    assert simulation.provider.declared == {group: 12}
    assert job_of(simulation, answer)["status"] == "Running"
    simulation.advance(simulation.scenario.boot_s + 1)
    assert job_of(simulation, answer)["status"] == "Succeeded"


@pytest.mark.parametrize(
    ("fault", "status", "body"),
    [
        ("accept-status-url", 202, None),
        ("plain-200", 200, '{"status":"done"}'),
        ("empty-204", 204, ""),
        ("text-body", 200, "ok"),
        ("list-body", 200, '[{"status":"accepted"}]'),
        ("error-500", 500, None),
    ],
)
def test_a_fault_of_the_answer_leaves_the_effect_as_it_is(
    simulation: Simulation, scale: Scale, fault: str, status: int, body: str | None
) -> None:
    simulation.faults.switch_on({"fault": fault})
    answer = scale(12)
    assert answer.status_code == status
    assert body in {None, answer.text}
    assert effects(simulation) == [2]


@pytest.mark.parametrize(
    ("fault", "status"),
    [
        ({"fault": "reject-4xx"}, 403),
        ({"fault": "reject-4xx", "status": 410}, 410),
        ({"fault": "fail-5xx"}, 503),
        ({"fault": "fail-5xx", "status": 502}, 502),
        ({"fault": "duplicate-conflict"}, 409),
    ],
)
def test_a_fault_that_refuses_has_no_effect(
    simulation: Simulation, scale: Scale, fault: dict[str, object], status: int
) -> None:
    simulation.faults.switch_on({**fault, "count": 1})
    assert scale(12, key="once").status_code == status
    assert effects(simulation) == [0]
    assert scale(12, key="once").status_code == 202


@pytest.mark.parametrize("fault", ["act-then-timeout", "act-then-drop"])
def test_an_answer_that_never_comes_hides_an_effect_that_a_repeat_finds(simulation: Simulation, fault: str) -> None:
    simulation.faults.switch_on({"fault": fault, "count": 1})
    with pytest.raises(httpx.TransportError), httpx.Client(trust_env=False, timeout=0.3) as impatient:
        impatient.post(simulation.addresses.webhook, content=_body(simulation), headers={"Idempotency-Key": "once"})
    assert effects(simulation) == [2]
    again = httpx.post(
        simulation.addresses.webhook,
        content=_body(simulation),
        headers={"Idempotency-Key": "once"},
        trust_env=False,
    )
    assert (again.status_code, again.json()["nodes_added"]) == (202, 2)
    assert effects(simulation) == [2, 0]


def _body(simulation: Simulation) -> bytes:
    return json.dumps(
        {
            "node_group_id": simulation.subject_id,
            "current_nodes": 10,
            "requested_nodes": 12,
            "cpu_threshold": 0.9,
            "memory_threshold": 0.95,
            "auto_provision": True,
            "load_balancer_reconfigure": True,
        }
    ).encode()


@pytest.mark.parametrize(("fault", "coming"), [("job-fails", 0), ("job-partial", 1)])
def test_a_job_that_fails_brings_fewer_nodes_than_were_wanted(
    simulation: Simulation, scale: Scale, fault: str, coming: int
) -> None:
    simulation.faults.switch_on({"fault": fault})
    answer = scale(12)
    simulation.advance(simulation.scenario.boot_s * 3)
    assert job_of(simulation, answer)["status"] == "Failed"
    assert nodes(simulation) == 10 + coming


def test_a_hostile_answer_carries_raw_controls_or_every_payload(simulation: Simulation, scale: Scale) -> None:
    simulation.faults.switch_on({"fault": "hostile-text", "count": 1})
    assert b"\x1b]52" in scale(12).content
    simulation.faults.switch_on({"fault": "hostile-json"})
    assert scale(12).json()["note"] == list(PAYLOADS)


def test_refuse_connection_refuses_at_the_webhook_only_and_ends(
    simulation: Simulation, api: httpx.Client, scale: Scale
) -> None:
    scale(11)
    simulation.faults.switch_on({"fault": "refuse-connection"})
    assert until(lambda: refuses(scale))
    assert api.get("/api/v2/date").status_code == 200
    simulation.faults.switch_off("refuse-connection")
    assert until(lambda: not refuses(scale))
    assert scale(13).status_code == 202


def refuses(scale: Scale) -> bool:
    """Whether nobody listens; the first request afterwards may still meet the end of a kept connection."""
    try:
        return scale(11).status_code < 0
    except (httpx.ConnectError, httpx.ReadError, httpx.RemoteProtocolError) as error:
        return isinstance(error, httpx.ConnectError)


def until(holds: Callable[[], bool]) -> bool:
    deadline = time.monotonic() + 5
    while not holds():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True
