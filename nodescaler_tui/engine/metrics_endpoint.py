"""The metrics endpoint: prometheus_client's server in a thread of the engine's process, where it was asked for."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Final

from nodescaler_tui.state import State

if TYPE_CHECKING:
    from wsgiref.simple_server import WSGIServer

NOT_INSTALLED: Final = "Metrics need prometheus_client, which is not installed: pip install 'nodescaler-tui[metrics]'."


class MetricsEndpoint:
    """At most one for an engine, opened by the first terminal that asks for it and closed with the engine."""

    def __init__(
        self, state: Callable[[], State], polled: Callable[[], tuple[int, int]], clock: Callable[[], datetime]
    ) -> None:
        self._state = state
        self._polled = polled
        self._clock = clock
        self._server: WSGIServer | None = None
        self._asked_for = ""
        self.address = ""

    def open(self, asked_for: str) -> str:
        """Answer at HOST:PORT from now on, with port 0 at any free one; empty, or a sentence why not. Blocks."""
        if self._server is not None:
            known = asked_for in {self._asked_for, self.address}
            return "" if known else f"This engine serves its metrics at {self.address} already."
        try:
            from prometheus_client import CollectorRegistry, start_http_server  # noqa: PLC0415 - an extra

            from nodescaler_tui.engine.metrics import EngineCollector, Totals  # noqa: PLC0415
            from nodescaler_tui.engine.metrics_answer import metrics_app  # noqa: PLC0415
        except ImportError:
            return NOT_INSTALLED
        host, _, port = asked_for.rpartition(":")
        registry = CollectorRegistry()
        registry.register(EngineCollector(self._state, lambda: Totals(*self._polled()), self._clock))
        try:
            self._server, _ = start_http_server(int(port), host.strip("[]"), registry)
        except OSError as error:
            return f"Metrics cannot be served at {asked_for}: {error.strerror or error}."
        self._server.set_app(metrics_app(registry))
        self._asked_for, self.address = asked_for, f"{host}:{self._server.server_port}"
        return ""

    def close(self) -> None:
        """Answer no more. Blocks."""
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._server = None
