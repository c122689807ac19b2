"""Drives the real SDK against a running simulator and prints what does not conform, as JSON.

Run as a process of its own, because importing the SDK has effects on the whole process. Arguments: gateway, client id,
client secret, queue id. Prints the problems of each endpoint, none where it conforms.
"""

from __future__ import annotations

import json
import re
import sys
from datetime import datetime
from typing import Any, Final, TypeAlias

from PureCloudPlatformClientV2 import (
    AnalyticsApi,
    ApiClient,
    ErrorBody,
    OrganizationApi,
    RoutingApi,
    TelephonyApi,
    TelephonyProvidersEdgeApi,
    UtilitiesApi,
)
from PureCloudPlatformClientV2.rest import ApiException

Untyped: TypeAlias = Any  # what comes out of the SDK, or out of JSON

PRIMITIVES: Final[dict[str, type | tuple[type, ...]]] = {"str": str, "int": int, "float": (int, float), "bool": bool}


class Recorder(ApiClient):  # type: ignore[misc]  # the SDK has no types
    """Keeps the raw text of the last answer and the type that the SDK expects of it."""

    raw: str = ""
    expected: str = ""

    def deserialize(self, response: Untyped, response_type: str) -> Untyped:
        self.raw, self.expected = response.data, response_type
        return super().deserialize(response, response_type)


def differences(value: Untyped, raw: Untyped, kind: str, where: str) -> list[str]:
    """Where what the SDK made of a document differs from it; `kind` is the SDK's name of the type."""
    if raw is None:
        return [f"{where}: null"]
    if found := re.fullmatch(r"list\[(.*)\]", kind):
        pairs = zip(value, raw, strict=True)
        return [
            line for n, (one, text) in enumerate(pairs) for line in differences(one, text, found[1], f"{where}[{n}]")
        ]
    if found := re.fullmatch(r"dict\([^,]*, (.*)\)", kind):
        return [line for key in raw for line in differences(value[key], raw[key], found[1], f"{where}.{key}")]
    if kind == "datetime":
        return [] if value == datetime.fromisoformat(raw) else [f"{where}: {raw!r} became {value!r}"]
    if kind in PRIMITIVES:
        is_right = isinstance(raw, PRIMITIVES[kind]) and isinstance(raw, bool) == (kind == "bool")
        return [] if is_right and value == raw else [f"{where}: {raw!r} is no {kind} or became {value!r}"]
    return model_differences(value, raw, kind, where)


def model_differences(value: Untyped, raw: Untyped, kind: str, where: str) -> list[str]:
    if not isinstance(raw, dict) or type(value).__name__ != kind:
        return [f"{where}: {raw!r} is no {kind}"]
    keys = {key: name for name, key in value.attribute_map.items()}
    problems = [f"{where}.{key}: the SDK knows no such key of {kind}" for key in raw if key not in keys]
    for key in raw.keys() & keys.keys():
        name = keys[key]
        problems += differences(getattr(value, name), raw[key], value.swagger_types[name], f"{where}.{key}")
    return problems


def drive(client: Recorder, queue_id: str) -> dict[str, list[str]]:
    """Every endpoint through the SDK's own method for it; the problems of each."""
    edges, organisation = TelephonyProvidersEdgeApi(client), OrganizationApi(client)
    analytics = AnalyticsApi(client)
    found: dict[str, list[str]] = {}

    def check(name: str, value: Untyped) -> Untyped:
        found[name] = differences(value, json.loads(client.raw), client.expected, name)
        return value

    check("edgegroups", edges.get_telephony_providers_edges_edgegroups(page_size=2, page_number=2))
    nodes = check("edges", edges.get_telephony_providers_edges(page_size=100)).entities
    check("edges/{id}", edges.get_telephony_providers_edge(nodes[0].id))
    check("edges/metrics", edges.get_telephony_providers_edges_metrics(",".join(node.id for node in nodes)))
    check("edges/{id}/metrics", edges.get_telephony_providers_edge_metrics(nodes[0].id))
    trunks = check("trunks", edges.get_telephony_providers_edges_trunks(page_size=100, trunk_type="EXTERNAL")).entities
    check("trunks/metrics", edges.get_telephony_providers_edges_trunks_metrics(",".join(one.id for one in trunks)))
    check("calls/metrics", TelephonyApi(client).get_telephony_calls_metrics(metric_type="premises"))
    check("queues", RoutingApi(client).get_routing_queues(page_size=3, page_number=2))
    check("limits", organisation.get_organizations_limits_namespace("platform.api"))
    check("date", UtilitiesApi(client).get_date())
    predicates = [{"type": "dimension", "dimension": "queueId", "operator": "matches", "value": queue_id}]
    query: dict[str, Untyped] = {"filter": {"type": "or", "predicates": predicates}}
    check("observations", analytics.post_analytics_queues_observations_query(query))
    query |= {"interval": "2026-11-23T10:00:00.000Z/2026-11-23T11:00:00.000Z", "groupBy": ["queueId", "mediaType"]}
    check("aggregates", analytics.post_analytics_conversations_aggregates_query(query))
    found["error"] = error_problems(edges)
    return found


def error_problems(edges: Untyped) -> list[str]:
    """An error's body has the keys of the SDK's own model of it."""
    try:
        edges.get_telephony_providers_edge("nobody")
    except ApiException as error:
        known = set(ErrorBody().attribute_map.values())
        return [f"error.{key}: no such key" for key in json.loads(error.body) if key not in known]
    return ["error: none was raised"]


def main(gateway: str, client_id: str, client_secret: str, queue_id: str) -> None:
    client = Recorder(host=gateway)
    client.get_client_credentials_token(client_id, client_secret)
    json.dump(drive(client, queue_id), sys.stdout)


if __name__ == "__main__":
    main(*sys.argv[1:])
