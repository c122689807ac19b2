"""Where the environment names a proxy it is used, except on this machine; and one deadline holds over it as well."""

from __future__ import annotations

import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from nodescaler_tui.facts import Observation, ProblemKind
from nodescaler_tui.observe.connection import BeliefPolicy, Connection
from nodescaler_tui.observe.genesys import GenesysSource
from nodescaler_tui.observe.sdk import Sdk
from tests.observe.conftest import MakeSource
from tests.observe.stub_genesys import StubGenesys


@contextmanager
def running_proxy(answer: bytes) -> Iterator[tuple[str, list[str]]]:
    """A proxy that gives this answer to everything, with the first line of each request that it saw."""
    seen: list[str] = []
    over = threading.Event()

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            seen.append(self.rfile.readline().decode().strip())
            self.wfile.write(answer)
            if not answer:
                over.wait()

    class Proxy(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Proxy(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}", seen
        over.set()
        server.shutdown()


def polled_off_this_machine(sdk: Sdk) -> Observation:
    connection = Connection("mypurecloud.com", "id", "s3cr3t-value", request_timeout_s=1, request_deadline_s=1.5)
    source = GenesysSource(connection, BeliefPolicy(), sdk, declared=None, declared_nodes=lambda: 1)
    try:
        return source.poll()
    finally:
        source.close()


def test_the_proxy_of_the_environment_is_used(sdk: Sdk, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_proxy(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n") as (address, seen):
        monkeypatch.setenv("HTTPS_PROXY", address)
        observation = polled_off_this_machine(sdk)
    assert seen[0] == "CONNECT login.mypurecloud.com:443 HTTP/1.1"
    assert {problem.kind for problem in observation.problems} == {ProblemKind.UNAVAILABLE}
    assert "s3cr3t" not in repr(observation)


def test_a_proxy_that_says_nothing_ends_at_the_deadline(sdk: Sdk, monkeypatch: pytest.MonkeyPatch) -> None:
    with running_proxy(b"") as (address, seen):
        monkeypatch.setenv("HTTPS_PROXY", address)
        began = time.monotonic()
        observation = polled_off_this_machine(sdk)
    assert time.monotonic() - began < 5
    assert seen
    assert {problem.kind for problem in observation.problems} == {ProblemKind.TIMEOUT}


def test_no_proxy_stands_between_this_machine_and_itself(
    genesys: StubGenesys, make_source: MakeSource, monkeypatch: pytest.MonkeyPatch
) -> None:
    genesys.fill(2)
    with running_proxy(b"HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n") as (address, seen):
        for variable in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "HTTPS_PROXY"):
            monkeypatch.setenv(variable, address)
        observation = make_source().poll()
    assert seen == []
    assert observation.groups[0].current_nodes.value == 2
