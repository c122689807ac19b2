"""What Genesys answers, as plain documents, and how an answer can be spoilt."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

TELEPHONY = "/api/v2/telephony/providers/edges"
EDGES, METRICS = TELEPHONY, f"{TELEPHONY}/metrics"
GROUPS, TRUNKS, TRUNK_METRICS = f"{TELEPHONY}/edgegroups", f"{TELEPHONY}/trunks", f"{TELEPHONY}/trunks/metrics"
CALLS, DATE = "/api/v2/telephony/calls/metrics", "/api/v2/date"
LIMITS = "/api/v2/organizations/limits/namespaces/platform.api"
QUEUE = "/api/v2/analytics/queues/observations/query"
AGGREGATES = "/api/v2/analytics/conversations/aggregates/query"
TOKEN, STATUS = "/oauth/token", "/api/v2/summary.json"

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Sent:
    """One request as it came in."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes
    at: float


@dataclass(frozen=True, slots=True)
class Reply:
    """One whole answer."""

    status: int
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hang:
    """Read the request and say nothing."""


@dataclass(frozen=True, slots=True)
class Drop:
    """Read the request and close; with a part of an answer when `part` is given."""

    part: bytes = b""


@dataclass(frozen=True, slots=True)
class Drip:
    """Answer one byte at a time, for ever: in the headers, or in the body."""

    in_headers: bool
    every_s: float = 0.1


Answer = Reply | Hang | Drop | Drip
Rule = Callable[[Sent], Answer | None]


def error(status: int, code: str, message: str = "", **headers: str) -> Reply:
    """An error in Genesys's own shape."""
    body = {"message": message or code, "code": code, "status": status, "contextId": "c", "details": [], "errors": []}
    return ok(body, status, **headers)


def ok(document: object, status: int = 200, **headers: str) -> Reply:
    """A JSON answer. Header names take underscores for dashes."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Reply(status, json.dumps(document).encode(), {"Content-Type": "application/json", **named})


def html() -> Reply:
    """What a captive portal says."""
    return Reply(200, b"<html><body>Captive portal</body></html>", {"Content-Type": "text/html"})


def iso(age_s: float = 0.0) -> str:
    """A time so many seconds ago, as Genesys writes it."""
    return (datetime.now(UTC) - timedelta(seconds=age_s)).strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def edge(identity: str, group: str = "g1", **changes: object) -> Document:
    """A node that is in service, as the listing shows it."""
    document: Document = {
        "id": identity,
        "name": f"node {identity}",
        "state": "active",
        "onlineStatus": "ONLINE",
        "statusCode": "ACTIVE",
        "callDrainingState": "NONE",
        "conversationCount": 0,
        "edgeGroup": {"id": group, "name": f"group {group}", "managed": False},
        "site": {"id": "s1", "name": "Frankfurt"},
        "managed": False,
        "edgeDeploymentType": "HARDWARE",
    }
    return {**document, **changes}


def metrics(identity: str, cpu: float = 50, memory: float = 0.4, age_s: float = 1.0, **changes: object) -> Document:
    """One sample of one node, quirks included: rounding, and a virtual row of zero."""
    total = 16_000_000_000
    document: Document = {
        "edge": {"id": identity, "selfUri": f"/x/{identity}"},
        "eventTime": iso(age_s),
        "upTimeMsec": 1,
        "processors": [
            {"cpuId": "cpu0", "activeTimePct": cpu, "idleTimePct": 99 - cpu},
            {"cpuId": "total", "activeTimePct": cpu, "idleTimePct": 99 - cpu},
        ],
        "memory": [
            {"type": "virtual", "availableBytes": 0, "totalBytes": 0},
            {"type": "physical", "availableBytes": int(total * (1 - memory)), "totalBytes": total},
        ],
        "subsystems": [{"processName": "ininedgeservices", "delayMs": 4}],
    }
    return {**document, **changes}


def trunk(identity: str, edge_id: str, group: str = "g1", **changes: object) -> Document:
    """An external trunk that carries calls."""
    document: Document = {
        "id": identity,
        "trunkType": "EXTERNAL",
        "edge": {"id": edge_id},
        "edgeGroup": {"id": group},
        "inService": True,
        "enabled": True,
        "connectedStatus": {"connected": True},
    }
    return {**document, **changes}


def trunk_metrics(identity: str, inbound: int | None = 3, outbound: int | None = 1, age_s: float = 1.0) -> Document:
    """The calls on one trunk."""
    calls = {"inboundCallCount": inbound, "outboundCallCount": outbound}
    return {"trunk": {"id": identity}, "eventTime": iso(age_s), "calls": calls, "qos": {"mismatchCount": 0}}
