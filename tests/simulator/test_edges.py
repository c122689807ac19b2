"""The telephony endpoints: paging, filters, limits, and the quirks of the real ones."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from nodescaler_tui.simulator.endpoints import (
    EDGE_GROUPS,
    EDGE_METRICS,
    EDGES,
    TRUNK_METRICS,
    TRUNKS,
)
from nodescaler_tui.simulator.simulation import Simulation

Json = dict[str, Any]


def all_of(api: httpx.Client, path: str, **filters: str) -> list[Json]:
    """Every entity of a listing, page by page, by its own next addresses."""
    entities: list[Json] = []
    number = 1
    while True:
        page = api.get(path, params={"pageSize": "20", "pageNumber": str(number), **filters}).json()
        entities += page["entities"]
        if "nextUri" not in page:
            assert len(entities) == page["total"]
            return entities
        number += 1


def metrics_of(api: httpx.Client, *ids: str) -> list[Json]:
    answer = api.get(EDGE_METRICS, params={"edgeIds": ",".join(ids)}).raise_for_status()
    documents: list[Json] = answer.json()
    return documents


def sampled(document: Json) -> datetime:
    return datetime.fromisoformat(document["eventTime"])


def subject(simulation: Simulation) -> str:
    return simulation.fleet.groups[simulation.subject_id].nodes[0].id


@pytest.mark.parametrize("path", [EDGE_GROUPS, EDGES, TRUNKS])
def test_a_page_has_25_entities_unless_asked_otherwise_and_never_more_than_100(
    run: Callable[..., Simulation], call: Callable[[Simulation], httpx.Client], path: str
) -> None:
    api = call(run("big"))
    sizes = [
        len(api.get(path, params=params).json()["entities"]) for params in ({}, {"pageSize": 7}, {"pageSize": 999})
    ]
    assert sizes == [25, 7, 100]


def test_the_pages_hold_every_node_once_and_know_their_neighbours(simulation: Simulation, api: httpx.Client) -> None:
    found = [edge["id"] for edge in all_of(api, EDGES)]
    assert found == [node.id for _, node in simulation.fleet.visible_nodes()]
    first, middle, beyond = (
        api.get(EDGES, params={"pageSize": 20, "pageNumber": number}).json() for number in (1, 2, 9)
    )
    assert "previousUri" not in first
    assert (middle["previousUri"], middle["pageCount"]) == (first["selfUri"], 3)
    assert middle["nextUri"] == first["lastUri"]
    assert beyond["entities"] == []


def test_nodes_can_be_narrowed_by_group_site_name_and_who_runs_them(simulation: Simulation, api: httpx.Client) -> None:
    counts = [
        len(all_of(api, EDGES, **filters))
        for filters in (
            {"edgeGroup.id": simulation.subject_id},
            {"site.id": "site-Sydney"},
            {"name": "media-uk-stage-02"},
            {"managed": "true"},
            {"edgeGroup.id": "no such group"},
        )
    ]
    assert counts == [10, 12, 1, 4, 0]
    assert [group["name"] for group in all_of(api, EDGE_GROUPS, managed="true")] == ["genesys-cloud-media"]
    assert len(all_of(api, TRUNKS, **{"edge.id": subject(simulation)})) == 1
    assert all_of(api, TRUNKS, trunkType="PHONE") == []


def test_a_node_has_no_status_code_unless_it_boots(simulation: Simulation, api: httpx.Client) -> None:
    (new,) = simulation.fleet.add_nodes(simulation.subject_id, 1, boot_s=30)
    listed = {edge["id"]: edge for edge in all_of(api, EDGES)}
    assert (listed[new.id]["statusCode"], listed[new.id]["onlineStatus"]) == ("INITIALIZING", "OFFLINE")
    assert not any("statusCode" in edge for identity, edge in listed.items() if identity != new.id)
    simulation.advance(31)
    edge = api.get(f"{EDGES}/{new.id}").json()
    assert edge["onlineStatus"] == "ONLINE"
    assert "statusCode" not in edge
    assert {one["id"]: one["onlineStatus"] for one in all_of(api, EDGES)}[new.id] == "ONLINE"


def test_a_booting_node_has_metrics_without_any_figure(simulation: Simulation, api: httpx.Client) -> None:
    (new,) = simulation.fleet.add_nodes(simulation.subject_id, 1, boot_s=30)
    (document,) = metrics_of(api, new.id)
    assert document["processors"] == document["memory"] == []
    assert "eventTime" not in document


def test_a_failed_node_stays_listed_with_the_metrics_it_had(simulation: Simulation, api: httpx.Client) -> None:
    node = simulation.fleet.groups[simulation.subject_id].nodes[0]
    (before,) = metrics_of(api, node.id)
    simulation.fleet.fail([node])
    simulation.advance(120)
    (after,) = metrics_of(api, node.id)
    assert api.get(f"{EDGES}/{node.id}").json()["onlineStatus"] == "OFFLINE"
    assert after["processors"] == before["processors"]
    assert sampled(before) - sampled(after) == pytest.approx(timedelta(seconds=120), abs=timedelta(seconds=1))


def test_a_draining_node_has_conversations_left(api: httpx.Client) -> None:
    draining = [edge for edge in all_of(api, EDGES) if edge["callDrainingState"] != "NONE"]
    assert [edge["conversationCount"] > 0 for edge in draining] == [True]


def test_percentages_are_whole_and_processor_times_add_up_to_99(simulation: Simulation, api: httpx.Client) -> None:
    (document,) = metrics_of(api, subject(simulation))
    rows = document["processors"]
    assert [row["cpuId"] for row in rows] == ["cpu0", "cpu1", "total"]
    assert all(row["activeTimePct"] + row["idleTimePct"] == 99 for row in rows)
    assert all(isinstance(row["activeTimePct"], int) for row in rows)


def test_media_wait_longer_on_a_loaded_node(simulation: Simulation, api: httpx.Client) -> None:
    delays = []
    for _ in range(2):
        (document,) = metrics_of(api, subject(simulation))
        services = next(row for row in document["subsystems"] if row["processName"] == "ininedgeservices")
        delays.append(services["mediaSubsystem"]["delayMs"])
        simulation.advance(60)
    assert delays[0] < delays[1]


def test_virtual_memory_is_zero_of_zero(simulation: Simulation, api: httpx.Client) -> None:
    (document,) = metrics_of(api, subject(simulation))
    physical, virtual = document["memory"]
    assert virtual == {"type": "virtual", "availableBytes": 0, "totalBytes": 0}
    assert 0 < physical["availableBytes"] < physical["totalBytes"]


def test_a_sample_keeps_its_time_however_often_it_is_read(
    run: Callable[..., Simulation], call: Callable[[Simulation], httpx.Client]
) -> None:
    simulation = run("surge", seed=1, speed=0.01)
    api = call(simulation)
    read = [metrics_of(api, subject(simulation))[0] for _ in range(3)]
    assert read[0] == {**read[1], "upTimeMsec": read[0]["upTimeMsec"]}
    assert read[1]["eventTime"] == read[2]["eventTime"]


def test_a_sample_is_never_from_the_future_and_a_new_one_comes_in_time(
    run: Callable[..., Simulation], call: Callable[[Simulation], httpx.Client]
) -> None:
    simulation = run("surge", seed=1, speed=40)
    api = call(simulation)
    times: set[str] = set()
    until = time.monotonic() + 10
    while len(times) < 5 and time.monotonic() < until:
        (document,) = metrics_of(api, subject(simulation))
        assert sampled(document) <= datetime.now(UTC) + timedelta(milliseconds=1)
        times.add(document["eventTime"])
        time.sleep(0.05)
    assert len(times) == 5


def test_every_advance_gives_a_newer_sample_with_a_newer_time(
    run: Callable[..., Simulation], call: Callable[[Simulation], httpx.Client]
) -> None:
    simulation = run("surge", seed=7)
    api = call(simulation)
    times = []
    for _ in range(5):
        time.sleep(0.002)
        simulation.advance(10)
        times.append(sampled(metrics_of(api, subject(simulation))[0]))
    assert times == sorted(set(times))
    assert times[-1] <= datetime.now(UTC)


def test_more_than_100_ids_are_too_many_for_one_request(simulation: Simulation, api: httpx.Client) -> None:
    many = ",".join([subject(simulation)] * 101)
    for path, name in ((EDGE_METRICS, "edgeIds"), (TRUNK_METRICS, "trunkIds")):
        answer = api.get(path, params={name: many})
        assert (answer.status_code, answer.json()["code"]) == (400, "general.bad.request")
    assert api.get(EDGE_METRICS, params={"edgeIds": many[: many.rindex(",")]}).status_code == 200


@pytest.mark.parametrize("ids", ["{known},gone", "gone", ""])
def test_one_unknown_id_spoils_the_batch(simulation: Simulation, api: httpx.Client, ids: str) -> None:
    answer = api.get(EDGE_METRICS, params={"edgeIds": ids.format(known=subject(simulation))})
    assert answer.status_code == 400
    missing = ids.rpartition(",")[2]
    assert answer.json()["message"] == f"Referenced key '{missing}' on 'edgeId' does not exist"


def test_one_node_can_be_read_alone(simulation: Simulation, api: httpx.Client) -> None:
    identity = subject(simulation)
    assert api.get(f"{EDGES}/{identity}").json()["id"] == identity
    assert api.get(f"{EDGES}/{identity}/metrics").json()["edge"]["id"] == identity
    trunk = simulation.fleet.groups[simulation.subject_id].nodes[0].trunk_id
    for path in (f"{EDGES}/nobody", f"{EDGES}/{identity}/softwareupdate", f"{EDGES}/{trunk}"):
        assert api.get(path).status_code == 404


def test_nothing_that_would_change_an_edge_is_answered(simulation: Simulation, api: httpx.Client) -> None:
    for method, path in (("POST", "statuscode"), ("POST", "reboot"), ("PUT", ""), ("DELETE", "")):
        assert api.request(method, f"{EDGES}/{subject(simulation)}/{path}".rstrip("/")).status_code == 404
