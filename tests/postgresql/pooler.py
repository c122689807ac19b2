"""A stand-in for a connection pooler: what a client sees of PgBouncer 1.18, which was tried by hand next to it.

It answers the login itself, with a process id that it makes up, and refuses or ignores the startup parameter `options`.
In session mode each client has a session of its own with the server; in transaction mode all share one, and whoever
begins something waits until the one before has ended his transaction. Notifications reach nobody there.
"""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

LENGTH: Final = 4
ENDS_A_REQUEST: Final = (b"S", b"Q")
READY: Final = b"Z"
OUTSIDE_A_TRANSACTION: Final = b"I"


@dataclass
class Backend:
    """One session with the server, used by one client at a time."""

    connection: socket.socket
    greeting: bytes
    turn: threading.Lock = field(default_factory=threading.Lock)


class Pooler:
    """`shared` for transaction mode; `takes_options` False refuses them, True drops them without a word."""

    def __init__(self, server: Path, listening: socket.socket, *, shared: bool, takes_options: bool) -> None:
        self._server = server
        self._listening = listening
        self._takes_options = takes_options
        self._shared = shared
        self._common: Backend | None = None
        self._serving: list[threading.Thread] = []
        self.port = listening.getsockname()[1]

    def run(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                break
            serving = threading.Thread(target=self._serve, args=(client,))
            serving.start()
            self._serving.append(serving)
        for serving in self._serving:
            serving.join()
        if self._common is not None:
            self._common.connection.close()

    def _serve(self, client: socket.socket) -> None:
        with client, suppress(OSError):
            asked = _startup(client)
            if "options" in asked and not self._takes_options:
                said = b"SFATAL\0C08P01\0Munsupported startup parameter: options\0\0"
                client.sendall(_message(b"E", said))
                return
            backend = self._backend(asked)
            client.sendall(backend.greeting + _message(b"K", secrets.token_bytes(8)) + _message(READY, b"I"))
            try:
                _carry(client, backend)
            finally:
                if not self._shared:
                    backend.connection.close()

    def _backend(self, asked: dict[str, str]) -> Backend:
        if not self._shared:
            return _logged_in(self._server, asked)
        if self._common is None:
            self._common = _logged_in(self._server, asked)
        return self._common


def _carry(client: socket.socket, backend: Backend) -> None:
    held = False
    try:
        while True:
            kind, content = _read(client)
            if kind == b"X":
                return
            if not held:
                backend.turn.acquire()
                held = True
            backend.connection.sendall(_message(kind, content))
            if kind in ENDS_A_REQUEST and _answer(client, backend) == OUTSIDE_A_TRANSACTION:
                backend.turn.release()
                held = False
    finally:
        if held:
            backend.turn.release()


def _answer(client: socket.socket, backend: Backend) -> bytes:
    """Pass on what the server says, up to that it is ready again; in which state."""
    while True:
        kind, content = _read(backend.connection)
        client.sendall(_message(kind, content))
        if kind == READY:
            return content


def _logged_in(server: Path, asked: dict[str, str]) -> Backend:
    """A session with the server under this login, without the options."""
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    connection.connect(str(server))
    wanted = {name: asked[name] for name in ("user", "database")}
    words = b"".join(name.encode() + b"\0" + value.encode() + b"\0" for name, value in wanted.items()) + b"\0"
    body = (196608).to_bytes(LENGTH, "big") + words
    connection.sendall((len(body) + LENGTH).to_bytes(LENGTH, "big") + body)
    greeting = b""
    while (said := _read(connection))[0] != READY:
        greeting += _message(*said) if said[0] in {b"R", b"S"} else b""
    return Backend(connection, greeting)


def _startup(client: socket.socket) -> dict[str, str]:
    length = int.from_bytes(_exactly(client, LENGTH), "big")
    words = _exactly(client, length - LENGTH)[LENGTH:].decode().split("\0")
    return dict(zip(words[::2], words[1::2], strict=False))


def _read(source: socket.socket) -> tuple[bytes, bytes]:
    kind = _exactly(source, 1)
    return kind, _exactly(source, int.from_bytes(_exactly(source, LENGTH), "big") - LENGTH)


def _message(kind: bytes, content: bytes) -> bytes:
    return kind + (len(content) + LENGTH).to_bytes(LENGTH, "big") + content


def _exactly(source: socket.socket, length: int) -> bytes:
    read = b""
    while len(read) < length:
        more = source.recv(length - len(read))
        if not more:
            raise ConnectionError
        read += more
    return read


@contextmanager
def pooler(server: Path, *, shared: bool, takes_options: bool = True) -> Iterator[Pooler]:
    """Listening on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        between = Pooler(server, listening, shared=shared, takes_options=takes_options)
        thread = threading.Thread(target=between.run)
        thread.start()
        yield between
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
