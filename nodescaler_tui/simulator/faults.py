"""Faults: what can be made to go wrong while the simulation runs, for how often or how long, and on which endpoint."""

from __future__ import annotations

import threading
import time
from collections.abc import Container, Mapping
from dataclasses import dataclass, field
from typing import Final

from nodescaler_tui.simulator.endpoints import PERMISSIONS, TELEPHONY, is_meant, permission_for

ANSWER_FAULTS: Final = {
    "hang": "the request is read and never answered",
    "slow": "the answer comes after `delay` seconds (default 3)",
    "drop": "the connection is dropped after the request was read",
    "html200": "a captive portal's page with status 200",
    "truncated": "the body breaks off half way",
    "throttle": "429 with Retry-After `retry_after` (default 42)",
    "http-500": "500 internal.server.error",
    "http-503": "503 service.unavailable",
    "http-504": "504 request.timeout",
    "hostile-errors": "500 whose message is full of control characters and markup",
}
CONTENT_FAULTS: Final = {
    "null-enum": "null where an enumeration belongs, in the first edge of each page",
    "token-revoked": "401 to every token that was given out so far; once, unless told otherwise",
    "short-tokens": "tokens expire after `expires_in` seconds (default 5)",
    "bad-credentials": "the token endpoint refuses the client",
    "forbidden": f"403 missing.any.permissions where `permission` (default {TELEPHONY}) is needed",
    "vanished-edge": "an edge is deleted between its listing and its metrics: 400 for the batch; once",
    "refused-edge": "the first edge stays listed, but every batch of metrics with it answers 400",
    "stale-metrics": "every eventTime of edges is ten minutes old",
    "hostile-names": "names carry escape sequences, markup and bidirectional overrides",
}
GENESYS_FAULTS: Final = {**ANSWER_FAULTS, **CONTENT_FAULTS}
DELIVERY_FAULTS: Final = {
    "accept-status-url": "202 with a status address, which is what it does anyway",
    "plain-200": "200 with a JSON body, and no status address",
    "empty-204": "204 without a body",
    "text-body": "200 with the text `ok`",
    "list-body": "200 with a JSON list",
    "reject-4xx": "`status` (default 403) without acting",
    "fail-5xx": "`status` (default 503) without acting, with Retry-After `retry_after` (default 2)",
    "error-500": "500 after having acted",
    "act-then-timeout": "acts, then never answers",
    "act-then-drop": "acts, then drops the connection",
    "duplicate-conflict": "409 as if the same key were in progress",
    "hostile-text": "acts, then answers with raw control characters and markup that no JSON is",
    "hostile-json": "acts, then answers JSON whose texts are full of control characters and markup",
    "job-fails": "202, but no node ever comes and the job ends as Failed",
    "job-partial": "202, but only half of the nodes come and the job ends as Failed",
}
PROVIDER_FAULTS: Final = {
    **DELIVERY_FAULTS,
    "refuse-connection": "nobody listens at the webhook's port, within a quarter of a second",
}
ALL_FAULTS: Final[Mapping[str, str]] = {**GENESYS_FAULTS, **PROVIDER_FAULTS}
HAPPENS_ONCE: Final = frozenset({"token-revoked", "vanished-edge"})
NUMBERS: Final = frozenset({"count", "seconds", "retry_after", "delay", "expires_in", "status"})
TEXTS: Final = frozenset({"fault", "endpoint", "permission"})


@dataclass(slots=True)
class Fault:
    """One fault that is on. It ends after `count` uses or at `until`, whichever comes first; never without either."""

    name: str
    endpoint: str = ""
    count: int | None = None
    until: float | None = None
    options: Mapping[str, object] = field(default_factory=dict)

    def number(self, name: str, default: float) -> float:
        """A numeric option."""
        value = self.options.get(name, default)
        return float(value) if isinstance(value, int | float) else default

    @property
    def permission(self) -> str:
        """The permission that `forbidden` takes away."""
        return str(self.options.get("permission", TELEPHONY))

    @property
    def is_over(self) -> bool:
        """Whether it has ended."""
        used_up = self.count is not None and self.count <= 0
        return used_up or (self.until is not None and time.monotonic() > self.until)

    def concerns(self, path: str) -> bool:
        """Whether it is on for this path; `forbidden` follows the permission unless an endpoint is named."""
        if self.name == "forbidden" and not self.endpoint:
            return permission_for(path) == self.permission
        return is_meant(self.endpoint, path)


class Faults:
    """The faults that are on. May be used from another thread than the one that answers."""

    def __init__(self) -> None:
        self._on: list[Fault] = []
        self._lock = threading.Lock()

    def switch_on(self, request: Mapping[str, object]) -> Fault:
        """Switch one on. Raises ValueError for a name or an option that there is none of."""
        fault = _understood(request)
        with self._lock:
            self._on.append(fault)
        return fault

    def switch_off(self, name: str = "") -> None:
        """Switch one off by its name, or all of them. Raises ValueError for a name that there is none of."""
        if name:
            _known(name)
        with self._lock:
            self._on = [fault for fault in self._on if name and fault.name != name]

    def end(self, ended: Fault) -> None:
        """Switch exactly this one off."""
        with self._lock:
            self._on = [fault for fault in self._on if fault is not ended]

    def names(self) -> list[str]:
        """Those that are on."""
        return [fault.name for fault in self.all_on()]

    def all_on(self) -> tuple[Fault, ...]:
        """Those that are on, without using any of them."""
        with self._lock:
            self._on = [fault for fault in self._on if not fault.is_over]
            return tuple(self._on)

    def find(self, names: Container[str], path: str) -> Fault | None:
        """The first fault of these names that is on for this path; this counts as one use of it."""
        with self._lock:
            for fault in self._on:
                if fault.name in names and not fault.is_over and fault.concerns(path):
                    if fault.count is not None:
                        fault.count -= 1
                    return fault
        return None

    def is_on(self, name: str, path: str) -> bool:
        """Whether this fault is on for this path; this counts as a use."""
        return self.find({name}, path) is not None


def _known(name: str) -> str:
    if name not in ALL_FAULTS:
        raise ValueError(f"{name!r} is not a fault; there are {', '.join(ALL_FAULTS)}")
    return name


def _understood(request: Mapping[str, object]) -> Fault:
    for key, value in request.items():
        _check(key, value)
    name = _known(str(request.get("fault", "")))
    count, seconds = request.get("count"), request.get("seconds")
    once = 1 if name in HAPPENS_ONCE and seconds is None else None
    return Fault(
        name=name,
        endpoint=str(request.get("endpoint", "")),
        count=int(count) if isinstance(count, int) else once,
        until=time.monotonic() + seconds if isinstance(seconds, int | float) else None,
        options=dict(request),
    )


def _check(key: str, value: object) -> None:
    if key not in NUMBERS | TEXTS:
        raise ValueError(f"{key!r} is not an option; there are {', '.join(sorted(NUMBERS | TEXTS))}")
    if key in TEXTS and not isinstance(value, str):
        raise ValueError(f"{key} must be a text")
    if key in NUMBERS and (isinstance(value, bool) or not isinstance(value, int | float) or not value >= 0):
        raise ValueError(f"{key} must be a number that is not negative")
    if key == "count" and not isinstance(value, int):
        raise ValueError("count must be a whole number")
    if key == "permission" and value not in PERMISSIONS:
        raise ValueError(f"{value!r} is not a permission; there are {', '.join(sorted(PERMISSIONS))}")
