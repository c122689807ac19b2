"""Faults of a receiver and of the network, each through the production sender, and what each must be taken for."""

from __future__ import annotations

import hashlib
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Final

from nodescaler_tui.act.outcome import Accepted, NotProcessed, Outcome, Refused, Unknown
from nodescaler_tui.act.receiver import Repeats, WebhookReceiver
from nodescaler_tui.act.webhook import Delivery, HttpSender

TIMEOUT_S: Final = 1.0
BODY: Final = b'{"requested_nodes":12}'
Behaviour = Callable[[socket.socket], None]


def _requested(connection: socket.socket) -> None:
    """Read the whole request."""
    data = b""
    while BODY not in data:
        piece = connection.recv(4096)
        if not piece:
            return
        data += piece


def says(answer: bytes) -> Behaviour:
    """Read the request and answer with these bytes."""

    def behave(connection: socket.socket) -> None:
        _requested(connection)
        connection.sendall(answer)

    return behave


def status(line: str, *headers: str, body: str = "") -> Behaviour:
    """Read the request and answer as HTTP wants."""
    head = [f"HTTP/1.1 {line}", f"Content-Length: {len(body)}", *headers]
    return says(("\r\n".join(head) + "\r\n\r\n" + body).encode())


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def resets_at_once(connection: socket.socket) -> None:
    """RST before anything was read."""
    _reset(connection)


def resets_after_reading(connection: socket.socket) -> None:
    """RST after the whole request was read."""
    _requested(connection)
    _reset(connection)


def closes_after_reading(connection: socket.socket) -> None:
    """FIN after the whole request was read."""
    _requested(connection)


def hangs(connection: socket.socket) -> None:
    """Read the request and never answer."""
    _requested(connection)
    time.sleep(TIMEOUT_S + 0.5)


def drips(connection: socket.socket) -> None:
    """A byte of the status line now and then, so that no single read ever times out."""
    _requested(connection)
    for byte in b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n":
        time.sleep(TIMEOUT_S / 8)
        try:
            connection.sendall(bytes([byte]))
        except OSError:
            return


def floods(connection: socket.socket) -> None:
    """Headers without an end."""
    _requested(connection)
    try:
        connection.sendall(b"HTTP/1.1 200 OK\r\n" + b"X-Filler: " + b"a" * 600_000)
    except OSError:
        return


def large_body(connection: socket.socket) -> None:
    """A body of many megabytes after a good status."""
    _requested(connection)
    try:
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n" + b" " * 50_000_000)
    except OSError:
        return


HTTP_DATE: Final = "Wed, 21 Oct 2037 07:28:00 GMT"
Right = type[Outcome] | tuple[type[Outcome], ...]
FAULTS: Final[Mapping[str, tuple[Behaviour, Right]]] = {
    "answers 200 with JSON": (status("200 OK", body='{"status":"ok"}'), Accepted),
    "answers 204": (status("204 No Content"), Accepted),
    "answers 200 with half a body": (says(b'HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n{"sta'), Accepted),
    "answers 200 with a huge body": (large_body, Accepted),
    "resets before reading": (resets_at_once, (Unknown, NotProcessed)),
    "resets after reading": (resets_after_reading, Unknown),
    "closes after reading": (closes_after_reading, Unknown),
    "never answers": (hangs, Unknown),
    "drips its answer": (drips, Unknown),
    "sends headers without an end": (floods, Unknown),
    "is no HTTP server": (says(b"220 mail ready\r\n"), Unknown),
    "breaks off in the status line": (says(b"HTTP/1.1 20"), Unknown),
    "answers 500": (status("500 Internal Server Error"), Unknown),
    "answers 502": (status("502 Bad Gateway"), Unknown),
    "answers 503 without Retry-After": (status("503 Service Unavailable"), Unknown),
    "answers 503 with seconds": (status("503 Service Unavailable", "Retry-After: 2"), NotProcessed),
    "answers 503 with a date": (status("503 Service Unavailable", f"Retry-After: {HTTP_DATE}"), NotProcessed),
    "answers 429": (status("429 Too Many Requests", "Retry-After: 1"), NotProcessed),
    "answers 409, in progress": (status("409 Conflict"), Unknown),
    "answers 422": (status("422 Unprocessable Content"), Refused),
    "answers 403": (status("403 Forbidden", body="quota"), Refused),
    "answers 410": (status("410 Gone"), Refused),
    "redirects elsewhere": (status("302 Found", "Location: http://169.254.169.254/"), Refused),
    "answers 304": (status("304 Not Modified"), Refused),
}
"""Each fault by its name: what the other side does, and which outcome is right.

A reset may come before or after the first byte was written, and only the writer can tell.
"""


def outcome_of_fault(behaviour: Behaviour, *, path: str = "/scale") -> Outcome:
    """Send once to a server that behaves like this."""
    with _serving(behaviour) as port:
        return _sent(f"http://127.0.0.1:{port}{path}")


def outcome_of_no_listener() -> Outcome:
    """Send to a port at which nobody listens."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        return _sent(f"http://127.0.0.1:{unused.getsockname()[1]}/scale")


def outcome_of_plain_port_with_tls() -> Outcome:
    """Speak TLS to a server that speaks none."""
    with _serving(lambda connection: connection.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")) as port:
        return _sent(f"https://127.0.0.1:{port}/scale")


def _sent(url: str) -> Outcome:
    receiver = WebhookReceiver("faulty", url, Repeats.DEDUPLICATES, TIMEOUT_S)
    delivery = Delivery(BODY, hashlib.sha256(BODY).hexdigest(), "op-1", 1, "1:00")
    return HttpSender(receiver).send(delivery, datetime.now(UTC))


@contextmanager
def _serving(behaviour: Behaviour) -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def serve() -> None:
            connection, _ = listener.accept()
            with connection:
                behaviour(connection)

        serving = threading.Thread(target=serve, daemon=True)
        serving.start()
        yield listener.getsockname()[1]
        serving.join(TIMEOUT_S * 8)
