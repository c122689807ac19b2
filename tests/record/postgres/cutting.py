"""A way to a server that breaks off at a chosen message: before the server has it, or before its answer is back."""

from __future__ import annotations

import select
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


class Cutter:
    """Stands between clients and the server's socket. It cuts one connection, at the next message with these bytes."""

    def __init__(self, server: Path, listening: socket.socket) -> None:
        self._server = server
        self._listening = listening
        self.port = listening.getsockname()[1]
        self._marked = b""
        self._deliver = False
        self._for_good = self._refuses = False
        self._carrying: list[threading.Thread] = []
        self.cuts = 0

    def cut_at(self, message: bytes, *, deliver: bool, for_good: bool = False) -> None:
        """At the next message that holds this; `deliver` lets it reach the server and loses the answer.

        `for_good` lets nobody through after it, until it is mended.
        """
        self._marked, self._deliver, self._for_good = message, deliver, for_good

    def mend(self) -> None:
        """Let clients through again."""
        self._refuses = False

    def run(self) -> None:
        """Until nobody listens any more, and every client has gone."""
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                break
            if self._refuses:
                client.close()
                continue
            carrying = threading.Thread(target=self._carry, args=(client,))
            carrying.start()
            self._carrying.append(carrying)
        for carrying in self._carrying:
            carrying.join()

    def _carry(self, client: socket.socket) -> None:
        with client, socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
            server.connect(str(self._server))
            other = {client: server, server: client}
            while True:
                for source in select.select(list(other), [], [])[0]:
                    data = _received(source)
                    if source is client and self._marked and self._marked in data:
                        self._cut(client, server, data)
                        return
                    if not data:
                        return
                    other[source].sendall(data)

    def _cut(self, client: socket.socket, server: socket.socket, data: bytes) -> None:
        """Once the client can get nothing any more, the server may still do what it was told."""
        self._marked = b""
        self.cuts += 1
        self._refuses = self._for_good
        client.close()
        if self._deliver:
            server.sendall(data)


def _received(source: socket.socket) -> bytes:
    try:
        return source.recv(65536)
    except ConnectionError:
        return b""


@contextmanager
def cutter(server: Path) -> Iterator[Cutter]:
    """Listening on loopback."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        between = Cutter(server, listening)
        thread = threading.Thread(target=between.run)
        thread.start()
        yield between
        listening.shutdown(socket.SHUT_RDWR)
    thread.join()
