"""The guard: who may see the dashboard in a browser. It judges before anything is started. Pure.

textual-serve starts a process for whoever opens a WebSocket, and asks nobody. So every request must name this host (a
page elsewhere that resolves to it does not) and carry the token; where a process would be started, it must come from a
page of our own as well.
"""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

COOKIE: Final = "nodescaler"
TOKEN_PARAMETER: Final = "token"  # noqa: S105 - the name of a parameter
SOCKET_PATH: Final = "/ws"


@dataclass(frozen=True, slots=True)
class Refused:
    """Why a request is not answered."""

    sentence: str


@dataclass(frozen=True, slots=True)
class Guard:
    """Judges requests to one port of this machine."""

    token: str
    port: int

    @property
    def hosts(self) -> frozenset[str]:
        """How this server may be named."""
        return frozenset({f"127.0.0.1:{self.port}", f"localhost:{self.port}"})

    def judge(self, path: str, headers: Mapping[str, str], cookies: Mapping[str, str], given: str) -> Refused | None:
        """None when it may be answered; `given` is the token of the address, where there is one."""
        if headers.get("Host", "") not in self.hosts:
            return Refused("This server is for this machine only.")
        if path == SOCKET_PATH and headers.get("Origin", "") not in {f"http://{host}" for host in self.hosts}:
            return Refused("A page from elsewhere may not open this.")
        if not self._known(cookies.get(COOKIE, "")) and not (path == "/" and self._known(given)):
            return Refused("Open the address that `nodescaler-tui serve` printed; it carries the token.")
        return None

    def _known(self, token: str) -> bool:
        return hmac.compare_digest(token.encode(), self.token.encode())
