"""The HTTP server: honest on the wire, also about what is broken on purpose."""

from __future__ import annotations

import json
import socket
import time

import httpx
import pytest

from nodescaler_tui.simulator.endpoints import EDGES
from nodescaler_tui.simulator.simulation import Simulation, running_simulation


def connected(simulation: Simulation, url: str = "") -> socket.socket:
    """A bare connection to the server behind an address."""
    port = httpx.URL(url or simulation.addresses.gateway).port
    return socket.create_connection(("127.0.0.1", port or 0), timeout=5)


def received(connection: socket.socket) -> bytes:
    """Everything until the other side closes."""
    parts = []
    while part := connection.recv(65536):
        parts.append(part)
    return b"".join(parts)


def cut_off(connection: socket.socket) -> bool:
    """Whether the other side ends it without a word; that may come as an end or as a reset."""
    try:
        return received(connection) == b""
    except ConnectionResetError:
        return True


def test_a_connection_is_kept_and_used_again(api: httpx.Client) -> None:
    ports = set()
    for _ in range(3):
        answer = api.get("/api/v2/date")
        ports.add(answer.extensions["network_stream"].get_extra_info("client_addr"))
    assert len(ports) == 1


def test_a_long_answer_is_compressed_for_those_who_accept_it_and_only_for_them(api: httpx.Client) -> None:
    squeezed = api.get(EDGES)
    plain = api.get(EDGES, headers={"Accept-Encoding": "identity"})
    assert squeezed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert squeezed.json() == plain.json()


def test_several_requests_in_one_packet_are_answered_in_turn(simulation: Simulation) -> None:
    with connected(simulation) as connection:
        request = b"GET /control/state HTTP/1.1\r\nHost: x\r\n"
        connection.sendall(request + b"\r\n" + request + b"Connection: close\r\n\r\n")
        assert received(connection).count(b"HTTP/1.1 200") == 2


def test_a_request_that_breaks_off_before_its_length_has_no_effect(simulation: Simulation) -> None:
    body = json.dumps({"node_group_id": simulation.subject_id}).encode()
    with connected(simulation, simulation.addresses.webhook) as connection:
        head = f"POST /provider/scale HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body) + 1}\r\n\r\n"
        connection.sendall(head.encode() + body)
        connection.shutdown(socket.SHUT_WR)
        assert cut_off(connection)
    assert not simulation.provider.deliveries


def test_what_is_no_http_is_cut_off(simulation: Simulation) -> None:
    with connected(simulation) as connection:
        connection.sendall(b"\x16\x03\x01 this is TLS\r\n\r\n")
        assert cut_off(connection)


def test_a_hanging_request_holds_nothing_up(simulation: Simulation, api: httpx.Client) -> None:
    simulation.faults.switch_on({"fault": "hang", "endpoint": "date"})
    with pytest.raises(httpx.ReadTimeout):
        api.get("/api/v2/date", timeout=0.2)
    assert api.get(EDGES).status_code == 200


def test_the_simulation_ends_promptly_while_requests_hang() -> None:
    with running_simulation("calm") as simulation:
        simulation.faults.switch_on({"fault": "hang"})
        with connected(simulation) as connection:
            connection.sendall(b"POST /oauth/token HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n")
            while not simulation.genesys.seen["/oauth/token"]:
                time.sleep(0.01)
            begun = time.monotonic()
    assert time.monotonic() - begun < 2
