"""The calls on the trunks are the groups' sessions, and the organisation's gauges sum them up."""

from __future__ import annotations

import httpx

from nodescaler_tui.simulator.endpoints import CALL_METRICS, TRUNK_METRICS, TRUNKS
from nodescaler_tui.simulator.simulation import Simulation


def test_the_calls_on_a_groups_trunks_are_its_sessions(simulation: Simulation, api: httpx.Client) -> None:
    group = simulation.fleet.groups[simulation.subject_id]
    trunks = [
        trunk
        for trunk in api.get(TRUNKS, params={"pageSize": 100}).json()["entities"]
        if trunk["edgeGroup"]["id"] == group.id
    ]
    assert {trunk["trunkType"] for trunk in trunks} == {"EXTERNAL"}
    answer = api.get(TRUNK_METRICS, params={"trunkIds": ",".join(trunk["id"] for trunk in trunks)})
    calls = sum(sum(document["calls"].values()) for document in answer.json())
    assert calls == sum(sample.sessions for sample in group.samples.values())
    assert all(document["eventTime"] for document in answer.json())


def test_the_organisations_gauges_tell_cloud_from_premises(api: httpx.Client) -> None:
    cloud, premises, other = (api.get(CALL_METRICS, params={"metricType": kind}) for kind in ("cloud", "premises", "x"))
    assert cloud.json()["concurrentCallCount"] < premises.json()["concurrentCallCount"]
    assert (other.status_code, other.json()["code"]) == (400, "invalid.value")
