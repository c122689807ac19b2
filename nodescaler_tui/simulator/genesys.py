"""Genesys Cloud's API: authentication, limits, faults, and the endpoints behind them."""

from __future__ import annotations

import base64
import json
import secrets
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs

from nodescaler_tui.simulator import shapes
from nodescaler_tui.simulator.faults import GENESYS_FAULTS, Fault, Faults
from nodescaler_tui.simulator.fleet import Fleet
from nodescaler_tui.simulator.http import Answer, Request, Wire, json_answer
from nodescaler_tui.simulator.queues import DeclaredQueue, aggregates

EDGES: Final = "/api/v2/telephony/providers/edges"
MOST_IDS: Final = 100
MOST_PREDICATES: Final = 200
RATE_KEY: Final = "client.credentials.token.rate.per.minute"
CAPTIVE_PORTAL: Final = b"<html><head><title>Login</title></head><body>Captive portal</body></html>"
TELEPHONY: Final = "telephony:plugin:all"


class Genesys:
    """Answers `/oauth/token` and `/api/v2/...`. `seen` counts requests by path."""

    def __init__(
        self, fleet: Fleet, queue: DeclaredQueue, faults: Faults, *, client: tuple[str, str], limit: int, pace: float
    ) -> None:
        self._fleet = fleet
        self._queue = queue
        self._faults = faults
        self._client = client
        self._limit = limit
        self._pace = pace
        self._tokens: dict[str, deque[float]] = {}
        self._edge_pages: dict[tuple[object, ...], bytes] = {}
        self.seen: dict[str, int] = {}
        self._routes: Mapping[tuple[str, str], Callable[[Request], Answer]] = {
            ("GET", f"{EDGES}/edgegroups"): self._edge_groups,
            ("GET", EDGES): self._edges,
            ("GET", f"{EDGES}/metrics"): self._edge_metrics,
            ("GET", f"{EDGES}/trunks"): self._trunks,
            ("GET", f"{EDGES}/trunks/metrics"): self._trunk_metrics,
            ("GET", "/api/v2/telephony/calls/metrics"): self._call_metrics,
            ("GET", "/api/v2/routing/queues"): self._queues,
            ("POST", "/api/v2/analytics/queues/observations/query"): self._observations,
            ("POST", "/api/v2/analytics/conversations/aggregates/query"): self._aggregates,
            ("GET", "/api/v2/date"): self._date,
            ("GET", "/api/v2/organizations/limits/namespaces/platform.api"): self._limits,
        }

    async def answer(self, request: Request) -> Answer:
        """Answer one request, or fail as the faults say."""
        self.seen[request.path] = self.seen.get(request.path, 0) + 1
        if request.path == "/oauth/token":
            return self._broken(request) or self._token(request)
        refusal = self._unauthenticated(request) or self._over_limit(request) or self._broken(request)
        answer = refusal or self._dispatch(request)
        return replace(answer, headers={**self._standard_headers(request), **answer.headers})

    def _dispatch(self, request: Request) -> Answer:
        route = self._routes.get((request.method, request.path))
        if route is not None:
            return route(request)
        if request.method == "GET" and request.path.startswith(f"{EDGES}/"):
            return self._one_edge(request)
        return _error(404, "not.found", f"The requested resource {request.path} was not found.")

    def _token(self, request: Request) -> Answer:
        expected = base64.b64encode(":".join(self._client).encode()).decode()
        grant = parse_qs(request.body.decode()).get("grant_type", [""])[0]
        if self._faults.is_on("bad-credentials") or request.headers.get("authorization") != f"Basic {expected}":
            document = {
                "error": "invalid_client",
                "description": "client not found or invalid",
                "error_description": "client not found or invalid",
            }
            return json_answer(401, document)
        if grant != "client_credentials":
            return json_answer(400, {"error": "unsupported_grant_type", "description": grant})
        token = secrets.token_urlsafe(32)
        self._tokens[token] = deque()
        return json_answer(200, {"access_token": token, "token_type": "bearer", "expires_in": 86399})

    def _token_of(self, request: Request) -> str:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        return token if scheme.lower() == "bearer" else ""

    def _unauthenticated(self, request: Request) -> Answer | None:
        if self._faults.is_on("token-revoked", request.path):
            self._tokens.clear()
        token = self._token_of(request)
        if not token:
            message = "No authentication bearer token specified in authorization header."
            return _error(401, "authentication.required", message)
        return None if token in self._tokens else _error(401, "bad.credentials", "Invalid login credentials.")

    def _over_limit(self, request: Request) -> Answer | None:
        """Requests of one token in a sliding minute; beyond the limit 429 until the oldest falls out."""
        times, now = self._tokens[self._token_of(request)], time.monotonic()
        while times and now - times[0] > 60:
            times.popleft()
        if len(times) >= self._limit:
            return _throttled(max(int(60 - (now - times[0])) + 1, 1))
        times.append(now)
        return None

    def _standard_headers(self, request: Request) -> Mapping[str, str]:
        used = len(self._tokens.get(self._token_of(request), ()))
        return {
            "ININ-Correlation-Id": str(uuid.uuid4()),
            "inin-ratelimit-count": str(used),
            "inin-ratelimit-allowed": str(self._limit),
            "inin-ratelimit-reset": "60",
        }

    def _broken(self, request: Request) -> Answer | None:
        """What a fault does to this request, when one is on for it."""
        fault = self._faults.find(_REPLACES_ANSWER, request.path)
        if fault is None:
            return None
        if fault.name in {"slow", "truncated"}:
            answer = self._token(request) if request.path == "/oauth/token" else self._dispatch(request)
            if fault.name == "slow":
                return replace(answer, delay_s=fault.number("delay", 3.0))
            return replace(answer, wire=Wire.TRUNCATED)
        return _fault_answer(fault)

    def _edge_groups(self, request: Request) -> Answer:
        hostile = self._faults.is_on("hostile-names")
        documents = [shapes.group_document(group, hostile=hostile) for group in self._fleet.groups.values()]
        return _page(documents, request)

    def _edges(self, request: Request) -> Answer:
        """The listing, cached until a node comes, goes or changes: at ten thousand nodes it is 30 MB of JSON."""
        hostile, null_enum = self._faults.is_on("hostile-names"), self._faults.is_on("null-enum")
        key = (self._fleet.version, hostile, null_enum, *sorted(request.query.items()))
        if key not in self._edge_pages:
            if len(self._edge_pages) > 400:
                self._edge_pages.clear()
            self._edge_pages[key] = self._edge_page(request, hostile=hostile, null_enum=null_enum).body
        return Answer(200, self._edge_pages[key])

    def _edge_page(self, request: Request, *, hostile: bool, null_enum: bool) -> Answer:
        wanted = request.query.get("edgeGroup.id") or request.query.get("edgeGroupId")
        members = [
            (group, node)
            for group, node in self._fleet.visible_nodes()
            if wanted in {None, group.id} and request.query.get("name", "") in node.name
        ]
        size, number = _paging(request)
        shown = members[(number - 1) * size : number * size]
        documents = [
            shapes.edge_document(group, node, self._fleet.now_s, hostile=hostile, null_enum=null_enum and index == 0)
            for index, (group, node) in enumerate(shown)
        ]
        return json_answer(200, shapes.listing(documents, len(members), size, number, request.path))

    def _edge_metrics(self, request: Request) -> Answer:
        ids = [identity for identity in request.query.get("edgeIds", "").split(",") if identity]
        if len(ids) > MOST_IDS:
            return _error(400, "general.bad.request", f"Maximum of {MOST_IDS} edge ids, {len(ids)} were given.")
        known = {node.id: (group, node) for group, node in self._fleet.visible_nodes()}
        missing = next((identity for identity in ids if identity not in known), None)
        if ids and self._faults.is_on("vanished-edge", request.path):
            missing = next((identity for identity in ids if identity == next(iter(known))), missing)
        if missing is not None or not ids:
            message = f"Referenced key '{missing or ''}' on 'edgeId' does not exist"
            return _error(400, "general.bad.request", message)
        stale, now = self._faults.is_on("stale-metrics", request.path), datetime.now(UTC)
        return json_answer(
            200,
            [
                shapes.metrics_document(*known[identity], now, self._fleet.now_s, self._pace, stale=stale)
                for identity in ids
            ],
        )

    def _one_edge(self, request: Request) -> Answer:
        identity, _, rest = request.path.removeprefix(f"{EDGES}/").partition("/")
        found = next(((group, node) for group, node in self._fleet.visible_nodes() if node.id == identity), None)
        if found is None or rest not in {"", "metrics"}:
            return _error(404, "not.found", f"The requested edge {identity} was not found.")
        now = datetime.now(UTC)
        if rest == "metrics":
            return json_answer(200, shapes.metrics_document(*found, now, self._fleet.now_s, self._pace, stale=False))
        return json_answer(200, shapes.edge_document(*found, self._fleet.now_s, hostile=False, null_enum=False))

    def _trunks(self, request: Request) -> Answer:
        documents = [
            shapes.trunk_document(group, node, self._fleet.now_s) for group, node in self._fleet.visible_nodes()
        ]
        return _page(documents, request)

    def _trunk_metrics(self, request: Request) -> Answer:
        ids = [identity for identity in request.query.get("trunkIds", "").split(",") if identity]
        if len(ids) > MOST_IDS:
            return _error(400, "general.bad.request", f"Maximum of {MOST_IDS} trunk ids, {len(ids)} were given.")
        known = {node.trunk_id: (group, node) for group, node in self._fleet.visible_nodes()}
        now = datetime.now(UTC)
        return json_answer(
            200, [shapes.trunk_metrics_document(*known[identity], now) for identity in ids if identity in known]
        )

    def _call_metrics(self, _: Request) -> Answer:
        return json_answer(200, shapes.call_metrics_document(self._fleet))

    def _queues(self, request: Request) -> Answer:
        name = f"Queue of {self._queue.node_group_id}"
        hostile = shapes.HOSTILE if self._faults.is_on("hostile-names") else ""
        queue = {
            "id": self._queue.queue_id,
            "name": f"{name}{hostile}",
            "memberCount": 44,
            "selfUri": f"/api/v2/routing/queues/{self._queue.queue_id}",
        }
        return _page([queue], request)

    def _observations(self, request: Request) -> Answer:
        query = _json_object(request)
        filters = query.get("filter") if query else None
        if not isinstance(filters, dict) or filters.get("type") not in {"and", "or"}:
            message = "Value [] is not valid for field type [QueryFilterType]. Allowable values are: and, or"
            return _error(400, "invalid.value", message)
        predicates = filters.get("predicates") or []
        if len(predicates) > MOST_PREDICATES:
            return _error(400, "general.bad.request", f"Maximum of {MOST_PREDICATES} predicates.")
        queues = [predicate.get("value") for predicate in predicates if predicate.get("dimension") == "queueId"]
        results = [
            result for queue_id in queues for result in self._queue.observations(self._fleet.now_s, str(queue_id))
        ]
        return json_answer(200, {"systemToOrganizationMappings": {}, "results": results})

    def _aggregates(self, request: Request) -> Answer:
        query = _json_object(request)
        if not query or "/" not in str(query.get("interval", "")):
            return _error(400, "invalid.value", "Value [] is not valid for field type [Interval].")
        return json_answer(200, aggregates(self._queue.queue_id, str(query["interval"])))

    def _date(self, _: Request) -> Answer:
        return json_answer(200, {"currentDate": shapes.iso(datetime.now(UTC))})

    def _limits(self, _: Request) -> Answer:
        limit = {"key": RATE_KEY, "namespace": "platform.api", "value": float(self._limit)}
        return json_answer(200, {"entities": [limit]})


_REPLACES_ANSWER: Final = {
    name: GENESYS_FAULTS[name]
    for name in GENESYS_FAULTS
    if name not in {"null-enum", "token-revoked", "bad-credentials", "vanished-edge", "stale-metrics", "hostile-names"}
}


def _fault_answer(fault: Fault) -> Answer:
    match fault.name:
        case "hang":
            return Answer(200, wire=Wire.NEVER)
        case "drop":
            return Answer(200, wire=Wire.DROPPED)
        case "html200":
            return Answer(200, CAPTIVE_PORTAL, content_type="text/html")
        case "throttle":
            return _throttled(int(fault.number("retry_after", 42)))
        case "forbidden":
            permission = str(fault.options.get("permission", TELEPHONY))
            message = (
                "Unable to perform the requested action. You must have at least one of the following "
                f"permissions assigned: [{permission}]"
            )
            return _error(403, "missing.any.permissions", message)
        case "http-503":
            return _error(503, "service.unavailable", "The service is unavailable.")
        case "http-504":
            return _error(504, "request.timeout", "The request timed out.")
    return _error(500, "internal.server.error", "The server encountered an unexpected condition.")


def _throttled(seconds: int) -> Answer:
    message = f"Rate limit exceeded the maximum. Retry the request in [{seconds}] seconds"
    document = shapes.error_document(429, "too.many.requests.retry.after", message)
    return json_answer(429, document, {"Retry-After": str(seconds)})


def _error(status: int, code: str, message: str) -> Answer:
    return json_answer(status, shapes.error_document(status, code, message))


def _paging(request: Request) -> tuple[int, int]:
    def number(name: str, default: int, most: int) -> int:
        text = request.query.get(name, "")
        return min(max(int(text), 1), most) if text.isdigit() else default

    return number("pageSize", 25, 100), number("pageNumber", 1, 10**6)


def _page(documents: list[dict[str, Any]], request: Request) -> Answer:
    size, number = _paging(request)
    shown = documents[(number - 1) * size : number * size]
    return json_answer(200, shapes.listing(shown, len(documents), size, number, request.path))


def _json_object(request: Request) -> dict[str, Any] | None:
    try:
        document = json.loads(request.body)
    except ValueError:
        return None
    return document if isinstance(document, dict) else None
