"""The network between one host and the server: it can be cut or fall silent, for every connection at once."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path


class Network:
    """Carries connections from a port of loopback to the server's socket, while it is whole."""

    def __init__(self, server: Path, listening: socket.socket) -> None:
        self._server = server
        self._listening = listening
        self._whole = True
        self._talks = threading.Event()
        self._talks.set()
        self._open: set[socket.socket] = set()
        self._carrying: list[threading.Thread] = []
        self.port = listening.getsockname()[1]

    def run(self) -> None:
        while True:
            try:
                client, _ = self._listening.accept()
            except OSError:
                return
            if not self._whole:
                client.close()
                continue
            server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
            server.connect(str(self._server))
            self._open |= {client, server}
            for ends in ((client, server), (server, client)):
                carrying = threading.Thread(target=self._carry, args=ends)
                carrying.start()
                self._carrying.append(carrying)

    def _carry(self, source: socket.socket, target: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                self._talks.wait()
                target.sendall(data)
        for end in (source, target):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def fall_silent(self) -> None:
        """From now on take everything, new connections as well, pass nothing on, and close nothing."""
        self._talks.clear()

    def cut(self) -> None:
        self._whole = False
        self._talks.set()
        for end in tuple(self._open):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        self.cut()
        for carrying in self._carrying:
            carrying.join()
        for end in self._open:
            end.close()

    def mend(self) -> None:
        """What was swallowed meanwhile arrives late."""
        self._whole = True
        self._talks.set()


@contextmanager
def network(server: Path) -> Iterator[Network]:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        between = Network(server, listening)
        thread = threading.Thread(target=between.run)
        thread.start()
        yield between
        listening.shutdown(socket.SHUT_RDWR)
        thread.join()
        between.close()
