"""The queue endpoints: what is asked for comes, nothing else, and the figures fit together."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from nodescaler_tui.simulator.endpoints import AGGREGATES, OBSERVATIONS, QUEUES
from nodescaler_tui.simulator.simulation import Simulation

Json = dict[str, Any]
HOUR = "2026-11-23T10:00:00.000Z/2026-11-23T11:00:00.000Z"


def predicate(value: str, dimension: str = "queueId") -> Json:
    return {"type": "dimension", "dimension": dimension, "operator": "matches", "value": value}


def observe(api: httpx.Client, *predicates: Json, kind: str = "or", **more: object) -> httpx.Response:
    return api.post(OBSERVATIONS, json={"filter": {"type": kind, "predicates": predicates}, **more})


def figure(results: list[Json], metric: str, qualifier: str = "", media: str | None = None) -> int:
    """The sum of one figure."""
    return sum(
        datum["stats"]["count"]
        for result in results
        if result["group"].get("mediaType") == media
        for datum in result["data"]
        if datum["metric"] == metric and qualifier in {"", datum.get("qualifier")}
    )


def test_the_list_of_queues_begins_with_the_declared_groups(simulation: Simulation, api: httpx.Client) -> None:
    page = api.get(QUEUES).json()
    assert page["total"] == 8
    assert page["entities"][0]["id"] == simulation.addresses.queue_id
    assert len(api.get(QUEUES, params={"name": "Sales"}).json()["entities"]) == 1


def test_occupancy_is_interacting_over_on_queue_and_critical_in_a_surge(
    simulation: Simulation, api: httpx.Client
) -> None:
    occupancies = []
    for _ in range(2):
        results = observe(api, predicate(simulation.addresses.queue_id)).json()["results"]
        on_queue = figure(results, "oOnQueueUsers")
        occupancies.append(figure(results, "oUserRoutingStatuses", "INTERACTING") / on_queue)
        simulation.advance(60)
    assert occupancies[0] < 0.6
    assert occupancies[1] >= 0.9


def test_nodes_for_the_declared_group_relieve_its_queue_once_they_have_come(
    simulation: Simulation, api: httpx.Client, scale: Callable[..., httpx.Response]
) -> None:
    simulation.advance(60)
    queue = predicate(simulation.addresses.queue_id)
    scale(12, group=simulation.addresses.node_group_id)
    busy = []
    for _ in range(2):
        busy.append(figure(observe(api, queue).json()["results"], "oUserRoutingStatuses", "INTERACTING"))
        simulation.advance(20)
    assert busy[0] >= 36 > busy[1]


def test_a_queue_has_one_group_for_its_agents_and_one_for_each_medium(
    simulation: Simulation, api: httpx.Client
) -> None:
    results = observe(api, predicate(simulation.addresses.queue_id)).json()["results"]
    media = [result["group"].get("mediaType") for result in results]
    assert media == [None, "voice", "chat", "message", "email", "callback"]


def test_only_the_metrics_and_media_that_are_asked_for_come(simulation: Simulation, api: httpx.Client) -> None:
    queue = predicate(simulation.addresses.queue_id)
    (voice,) = observe(api, queue, predicate("voice", "mediaType"), kind="and", metrics=["oInteracting"]).json()[
        "results"
    ]
    assert voice["group"]["mediaType"] == "voice"
    assert [datum["metric"] for datum in voice["data"]] == ["oInteracting"]


def test_an_unknown_queue_is_left_out_and_none_at_all_means_every_queue(api: httpx.Client) -> None:
    assert observe(api, predicate("no such queue")).json()["results"] == []
    assert len({result["group"]["queueId"] for result in observe(api).json()["results"]}) == 8


def test_two_queues_at_the_same_time_are_none(simulation: Simulation, api: httpx.Client) -> None:
    one, other = list(simulation.queues.by_id)[:2]
    assert observe(api, predicate(one), predicate(other), kind="and").json()["results"] == []
    assert len(observe(api, predicate(one), predicate(other), metrics=["oOnQueueUsers"]).json()["results"]) == 2


def test_more_than_200_predicates_are_too_many_also_when_they_hide_in_clauses(api: httpx.Client) -> None:
    assert observe(api, *[predicate("x")] * 200).status_code == 200
    assert observe(api, *[predicate("x")] * 201).status_code == 400
    clause = {"type": "or", "predicates": [predicate("x")] * 101}
    body = {"filter": {"type": "or", "clauses": [clause, clause]}}
    assert api.post(OBSERVATIONS, json=body).status_code == 400


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"{}", b'{"filter":[]}', b'{"filter":{"type":"xor"}}', b"\xff"])
def test_what_is_no_query_is_a_bad_request(api: httpx.Client, body: bytes) -> None:
    assert api.post(OBSERVATIONS, content=body).status_code == 400
    assert api.post(AGGREGATES, content=body).status_code == 400


@pytest.mark.parametrize("predicates", [["x"], [{}], [{"dimension": ["queueId"]}], [None]])
def test_a_predicate_that_is_none_is_a_bad_request(api: httpx.Client, predicates: list[Any]) -> None:
    answer = observe(api, *predicates)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid.value")


def test_a_wrong_filter_type_is_answered_with_genesyss_words(api: httpx.Client) -> None:
    expected = "Value [] is not valid for field type [QueryFilterType]. Allowable values are: and, or"
    assert api.post(OBSERVATIONS, json={"filter": {}}).json()["message"] == expected


def test_handle_time_is_a_sum_in_milliseconds_over_a_count(simulation: Simulation, api: httpx.Client) -> None:
    query = {
        "interval": HOUR,
        "groupBy": ["queueId"],
        "filter": {"type": "and", "predicates": [predicate(simulation.addresses.queue_id)]},
        "metrics": ["tHandle"],
    }
    (result,) = api.post(AGGREGATES, json=query).json()["results"]
    assert result["group"] == {"queueId": simulation.addresses.queue_id}
    (interval,) = result["data"]
    (metric,) = interval["metrics"]
    stats = metric["stats"]
    assert (interval["interval"], metric["metric"]) == (HOUR, "tHandle")
    assert stats["count"] > 100
    assert 180_000 <= stats["sum"] / stats["count"] <= 240_000
    assert stats["min"] < stats["sum"] / stats["count"] < stats["max"]


def test_an_interval_is_cut_by_its_granularity_and_grouped_by_medium(api: httpx.Client) -> None:
    query = {"interval": HOUR, "granularity": "PT30M", "groupBy": ["queueId", "mediaType"]}
    results = api.post(AGGREGATES, json=query).json()["results"]
    assert len(results) == 8 * 5
    assert {len(result["data"]) for result in results} == {2}
    assert {len(interval["metrics"]) for result in results for interval in result["data"]} == {3}


@pytest.mark.parametrize("interval", ["", "now-1h", "2026-11-23/yesterday", None])
def test_an_interval_that_is_none_is_a_bad_request(api: httpx.Client, interval: str | None) -> None:
    answer = api.post(AGGREGATES, json={"interval": interval})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid.value")
