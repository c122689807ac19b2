"""Faults: each does on the wire what its words say, where it is meant to, for as long as it was asked for."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import pytest

from nodescaler_tui.simulator.endpoints import DATE, EDGE_GROUPS, EDGE_METRICS, EDGES, QUEUES, TRUNKS
from nodescaler_tui.simulator.faults import ALL_FAULTS, GENESYS_FAULTS, Faults
from nodescaler_tui.simulator.hostile import PAYLOADS
from nodescaler_tui.simulator.simulation import Simulation


def edges(api: httpx.Client) -> list[dict[str, Any]]:
    entities: list[dict[str, Any]] = api.get(EDGES, params={"pageSize": 100}).raise_for_status().json()["entities"]
    return entities


def metrics(api: httpx.Client, *ids: str) -> httpx.Response:
    return api.get(EDGE_METRICS, params={"edgeIds": ",".join(ids)})


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ("http-500", 500, "internal.server.error"),
        ("http-503", 503, "service.unavailable"),
        ("http-504", 504, "request.timeout"),
        ("throttle", 429, "too.many.requests.retry.after"),
        ("forbidden", 403, "missing.any.permissions"),
        ("token-revoked", 401, "bad.credentials"),
    ],
)
def test_a_fault_that_refuses_answers_with_its_status_and_code(
    simulation: Simulation, api: httpx.Client, fault: str, status: int, code: str
) -> None:
    simulation.faults.switch_on({"fault": fault})
    answer = api.get(EDGES)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_throttle_says_for_how_long(simulation: Simulation, api: httpx.Client) -> None:
    simulation.faults.switch_on({"fault": "throttle", "retry_after": 7, "count": 1})
    answer = api.get(DATE)
    assert answer.headers["retry-after"] == "7"
    assert "[7] seconds" in answer.json()["message"]
    assert api.get(DATE).status_code == 200


def test_drop_ends_the_connection_after_the_request_was_read(simulation: Simulation, api: httpx.Client) -> None:
    simulation.faults.switch_on({"fault": "drop", "count": 1})
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        api.get(EDGES)
    assert simulation.genesys.seen[EDGES] == 1
    assert api.get(EDGES).status_code == 200


def test_truncated_breaks_the_body_off(simulation: Simulation, api: httpx.Client) -> None:
    simulation.faults.switch_on({"fault": "truncated"})
    with pytest.raises(httpx.RemoteProtocolError):
        api.get(EDGES)


def test_slow_answers_after_its_delay(simulation: Simulation, api: httpx.Client) -> None:
    simulation.faults.switch_on({"fault": "slow", "delay": 0.3})
    begun = time.monotonic()
    assert api.get(DATE).status_code == 200
    assert 0.3 <= time.monotonic() - begun < 2


def test_html200_is_a_page_where_json_belongs(simulation: Simulation, api: httpx.Client) -> None:
    simulation.faults.switch_on({"fault": "html200"})
    answer = api.get(EDGES)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "text/html")
    assert answer.text.startswith("<html>")


def test_null_enum_puts_null_where_an_enumeration_belongs(simulation: Simulation, api: httpx.Client) -> None:
    simulation.faults.switch_on({"fault": "null-enum"})
    assert [edge["onlineStatus"] for edge in edges(api)].count(None) == 1
    simulation.faults.switch_off("null-enum")
    assert None not in [edge["onlineStatus"] for edge in edges(api)]


def test_a_revoked_token_stays_revoked_and_a_new_one_is_good(
    simulation: Simulation, api: httpx.Client, call: Callable[[Simulation], httpx.Client]
) -> None:
    simulation.faults.switch_on({"fault": "token-revoked"})
    assert [api.get(DATE).status_code for _ in range(2)] == [401, 401]
    assert call(simulation).get(DATE).status_code == 200


def test_bad_credentials_refuses_the_right_client(
    simulation: Simulation, call: Callable[[Simulation], httpx.Client]
) -> None:
    simulation.faults.switch_on({"fault": "bad-credentials"})
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        call(simulation)


def test_forbidden_takes_one_permission_away_and_names_it(simulation: Simulation, api: httpx.Client) -> None:
    simulation.faults.switch_on({"fault": "forbidden", "permission": "routing:queue:view"})
    refused = api.get(QUEUES)
    assert refused.status_code == 403
    assert refused.json()["message"].endswith("assigned: [routing:queue:view]")
    assert [api.get(path).status_code for path in (EDGES, DATE)] == [200, 200]


def test_a_vanished_edge_spoils_one_batch_and_a_fresh_listing_is_without_it(
    simulation: Simulation, api: httpx.Client
) -> None:
    listed = [edge["id"] for edge in edges(api)]
    simulation.faults.switch_on({"fault": "vanished-edge"})
    refused = metrics(api, *listed)
    assert (refused.status_code, refused.json()["code"]) == (400, "general.bad.request")
    fresh = [edge["id"] for edge in edges(api)]
    assert fresh == listed[1:]
    assert metrics(api, *fresh).status_code == 200


def test_a_refused_edge_stays_listed_and_spoils_every_batch_that_it_is_in(
    simulation: Simulation, api: httpx.Client
) -> None:
    simulation.faults.switch_on({"fault": "refused-edge"})
    listed = [edge["id"] for edge in edges(api)]
    assert [metrics(api, *ids).status_code for ids in (listed, listed, listed[:1], listed[1:])] == [400, 400, 400, 200]


def test_stale_metrics_are_ten_minutes_older(simulation: Simulation, api: httpx.Client) -> None:
    first = edges(api)[0]["id"]
    fresh = metrics(api, first).json()[0]
    simulation.faults.switch_on({"fault": "stale-metrics"})
    stale = metrics(api, first).json()[0]
    assert stale["eventTime"] < fresh["eventTime"]


def test_hostile_names_come_in_groups_nodes_and_queues_and_go_again(simulation: Simulation, api: httpx.Client) -> None:
    def names() -> str:
        pages = [api.get(path, params={"pageSize": 100}).json()["entities"] for path in (EDGE_GROUPS, EDGES, QUEUES)]
        return "".join(entity["name"] for page in pages for entity in page)

    before = names()
    simulation.faults.switch_on({"fault": "hostile-names"})
    attacked = names()
    simulation.faults.switch_off()
    assert all(payload in attacked for payload in PAYLOADS)
    assert names() == before
    assert before.isprintable()


def test_hostile_errors_carry_every_payload(simulation: Simulation, api: httpx.Client) -> None:
    simulation.faults.switch_on({"fault": "hostile-errors"})
    answer = api.get(EDGES)
    assert answer.status_code == 500
    assert all(payload in answer.json()["message"] for payload in PAYLOADS)


def test_a_fault_for_one_endpoint_leaves_the_others_alone(simulation: Simulation, api: httpx.Client) -> None:
    simulation.faults.switch_on({"fault": "http-503", "endpoint": "edges"})
    assert [api.get(path).status_code for path in (EDGES, TRUNKS, EDGE_GROUPS, DATE)] == [503, 200, 200, 200]


def test_a_fault_ends_after_its_count_and_after_its_time() -> None:
    faults = Faults()
    faults.switch_on({"fault": "http-500", "count": 2})
    assert [faults.is_on("http-500", DATE) for _ in range(3)] == [True, True, False]
    faults.switch_on({"fault": "http-503", "seconds": 0.05})
    assert faults.is_on("http-503", DATE)
    time.sleep(0.06)
    assert not faults.is_on("http-503", DATE)
    assert faults.names() == []


def test_exactly_one_of_two_like_faults_can_be_ended() -> None:
    faults = Faults()
    one = faults.switch_on({"fault": "http-500"})
    faults.switch_on({"fault": "http-500", "endpoint": "date"})
    faults.end(one)
    assert [fault.endpoint for fault in faults.all_on()] == ["date"]


@pytest.mark.parametrize(
    "request_",
    [
        {},
        {"fault": "earthquake"},
        {"fault": "throttle", "retry_after": "soon"},
        {"fault": "throttle", "count": 1.5},
        {"fault": "throttle", "count": True},
        {"fault": "throttle", "seconds": -1},
        {"fault": "throttle", "seconds": float("nan")},
        {"fault": "throttle", "endpoint": 3},
        {"fault": "throttle", "colour": "red"},
        {"fault": "forbidden", "permission": "platform:status"},
    ],
)
def test_a_fault_that_cannot_be_meant_is_refused(request_: dict[str, object]) -> None:
    faults = Faults()
    with pytest.raises(ValueError, match=r"must be|is not|there are"):
        faults.switch_on(request_)
    assert faults.names() == []


def test_every_fault_can_be_switched_on_and_off_by_its_name() -> None:
    faults = Faults()
    for name, words in ALL_FAULTS.items():
        faults.switch_on({"fault": name})
        assert faults.names() == [name]
        assert words
        faults.switch_off(name)
    assert faults.names() == []
    with pytest.raises(ValueError, match="is not a fault"):
        faults.switch_off("earthquake")


def test_no_fault_of_genesys_touches_the_provider_and_none_of_the_provider_touches_genesys(
    simulation: Simulation, api: httpx.Client, scale: Callable[..., httpx.Response]
) -> None:
    for name in set(ALL_FAULTS) - set(GENESYS_FAULTS) - {"refuse-connection"}:
        simulation.faults.switch_on({"fault": name})
    assert api.get(EDGES).status_code == 200
    simulation.faults.switch_off()
    for name in GENESYS_FAULTS:
        simulation.faults.switch_on({"fault": name})
    assert scale(12).status_code == 202
