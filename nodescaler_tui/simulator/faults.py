"""Faults: what can be made to go wrong while the simulation runs, for how often or how long, and on which endpoint."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

GENESYS_FAULTS: Final = {
    "hang": "the request is read and never answered",
    "slow": "the answer comes after `delay` seconds (default 3)",
    "drop": "the connection is dropped after the request was read",
    "html200": "a captive portal's page with status 200",
    "truncated": "the body breaks off half way",
    "null-enum": "null where an enumeration belongs",
    "throttle": "429 with Retry-After `retry_after` (default 42)",
    "http-500": "500 internal.server.error",
    "http-503": "503 service.unavailable",
    "http-504": "504 request.timeout",
    "token-revoked": "401 to every token that was given out so far",
    "bad-credentials": "the token endpoint refuses the client",
    "forbidden": "403 missing.any.permissions",
    "vanished-edge": "one edge is listed, but its metrics answer 400",
    "stale-metrics": "every eventTime is ten minutes old",
    "hostile-names": "names carry escape sequences, markup and bidirectional overrides",
}
PROVIDER_FAULTS: Final = {
    "plain-200": "200 with a JSON body, and no status address",
    "empty-204": "204 without a body",
    "text-body": "200 with the text `ok`",
    "list-body": "200 with a JSON list",
    "reject-4xx": "422 with an explanation",
    "fail-5xx": "503 without acting",
    "error-500": "500 after having acted",
    "act-then-timeout": "acts, then never answers",
    "act-then-drop": "acts, then drops the connection",
    "duplicate-conflict": "409 as if the same key were in progress",
    "hostile-text": "an answer full of control characters",
}
ALL_FAULTS: Final[Mapping[str, str]] = {**GENESYS_FAULTS, **PROVIDER_FAULTS}


@dataclass(slots=True)
class Fault:
    """One fault that is on. It ends after `count` uses or `seconds`, whichever comes first; never without either."""

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
    def over(self) -> bool:
        """Whether it has ended."""
        return (self.count is not None and self.count <= 0) or (
            self.until is not None and time.monotonic() > self.until
        )


class Faults:
    """The faults that are on."""

    def __init__(self) -> None:
        self._on: list[Fault] = []

    def switch_on(self, request: Mapping[str, object]) -> Fault:
        """Switch one on. Raises ValueError for a name that is none."""
        name = str(request.get("fault", ""))
        if name not in ALL_FAULTS:
            raise ValueError(f"{name!r} is not a fault; there are {', '.join(ALL_FAULTS)}")
        count, seconds = request.get("count"), request.get("seconds")
        fault = Fault(
            name=name,
            endpoint=str(request.get("endpoint", "")),
            count=count if isinstance(count, int) else None,
            until=time.monotonic() + seconds if isinstance(seconds, int | float) else None,
            options=dict(request),
        )
        self._on.append(fault)
        return fault

    def switch_off(self, name: str = "") -> None:
        """Switch one off by its name, or all of them."""
        self._on = [fault for fault in self._on if name and fault.name != name]

    def names(self) -> list[str]:
        """Those that are on."""
        self._forget()
        return [fault.name for fault in self._on]

    def find(self, names: Mapping[str, str], path: str) -> Fault | None:
        """The first fault of these names that is on for this path; this counts as one use of it."""
        self._forget()
        for fault in self._on:
            if fault.name in names and fault.endpoint in path:
                if fault.count is not None:
                    fault.count -= 1
                return fault
        return None

    def is_on(self, name: str, path: str = "") -> bool:
        """Whether this fault is on for this path; this counts as a use."""
        return self.find({name: ""}, path) is not None

    def _forget(self) -> None:
        self._on = [fault for fault in self._on if not fault.over]
