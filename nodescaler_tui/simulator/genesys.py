"""Genesys Cloud's API: who may come in, what goes wrong, and which endpoint answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Final

from nodescaler_tui.simulator import endpoints
from nodescaler_tui.simulator.access import Access
from nodescaler_tui.simulator.analytics import AnalyticsEndpoints
from nodescaler_tui.simulator.clock import WallClock, iso
from nodescaler_tui.simulator.edges import EdgeEndpoints
from nodescaler_tui.simulator.errors import error, forbidden, not_found, throttled
from nodescaler_tui.simulator.faults import ANSWER_FAULTS, Fault, Faults
from nodescaler_tui.simulator.fleet import Fleet
from nodescaler_tui.simulator.hostile import PAYLOADS
from nodescaler_tui.simulator.http import Answer, Request, Wire, json_answer
from nodescaler_tui.simulator.queues import QueueBook
from nodescaler_tui.simulator.trunks import TrunkEndpoints

CAPTIVE_PORTAL: Final = b"<html><head><title>Login</title></head><body>Captive portal</body></html>"
RATE_KEYS: Final = ("client.credentials.token.rate.per.minute", "token.rate.per.minute")
USER_RATE_KEY: Final = "org.app.user.rate.per.minute"


class Genesys:
    """Answers `/oauth/token` and `/api/v2/...`. `seen` counts requests by path."""

    def __init__(self, fleet: Fleet, queues: QueueBook, faults: Faults, access: Access, clock: WallClock) -> None:
        self._faults = faults
        self._access = access
        self._edges = EdgeEndpoints(fleet, faults, clock)
        self.seen: Counter[str] = Counter()
        self._routes: Mapping[tuple[str, str], Callable[[Request], Answer]] = {
            ("POST", endpoints.TOKEN): access.token,
            ("GET", endpoints.DATE): lambda _: json_answer(200, {"currentDate": iso(clock.now())}),
            ("GET", endpoints.LIMITS): self._limits,
            **self._edges.routes(),
            **TrunkEndpoints(fleet, clock).routes(),
            **AnalyticsEndpoints(fleet, queues, faults).routes(),
        }

    async def answer(self, request: Request) -> Answer:
        """Answer one request, or fail as the faults say."""
        self.seen[request.path] += 1
        if request.path == endpoints.TOKEN:
            return self._faulty(request)
        answer = self._access.refusal(request) or self._without_permission(request) or self._faulty(request)
        return replace(answer, headers={**self._access.headers(request), **answer.headers})

    def _without_permission(self, request: Request) -> Answer | None:
        fault = self._faults.find({"forbidden"}, request.path)
        if fault is None:
            return None
        return forbidden(endpoints.permission_for(request.path) or fault.permission)

    def _faulty(self, request: Request) -> Answer:
        """The endpoint's answer, or what a fault makes of it."""
        fault = self._faults.find(ANSWER_FAULTS, request.path)
        if fault is None:
            return self._dispatch(request)
        if fault.name == "slow":
            return replace(self._dispatch(request), delay_s=fault.number("delay", 3.0))
        if fault.name == "truncated":
            return replace(self._dispatch(request), wire=Wire.TRUNCATED)
        return _instead(fault)

    def _dispatch(self, request: Request) -> Answer:
        route = self._routes.get((request.method, request.path))
        if route is not None:
            return route(request)
        if request.method == "GET" and request.path.startswith(f"{endpoints.EDGES}/"):
            return self._edges.one_edge(request)
        return not_found(f"resource {request.path}")

    def _limits(self, _: Request) -> Answer:
        values = {**dict.fromkeys(RATE_KEYS, self._access.limit), USER_RATE_KEY: 3000}
        entities = [{"key": key, "namespace": "platform.api", "value": value} for key, value in values.items()]
        return json_answer(200, {"entities": entities})


def _instead(fault: Fault) -> Answer:
    """The answer that a fault puts in the place of the endpoint's."""
    match fault.name:
        case "hang":
            return Answer(200, wire=Wire.NEVER)
        case "drop":
            return Answer(200, wire=Wire.DROPPED)
        case "html200":
            return Answer(200, CAPTIVE_PORTAL, content_type="text/html")
        case "throttle":
            return throttled(int(fault.number("retry_after", 42)))
        case "http-503":
            return error(503, "service.unavailable", "The service is unavailable.")
        case "http-504":
            return error(504, "request.timeout", "The request timed out.")
        case "hostile-errors":
            return error(500, f"internal{PAYLOADS[0]}", "".join(PAYLOADS))
    return error(500, "internal.server.error", "The server encountered an unexpected condition.")
