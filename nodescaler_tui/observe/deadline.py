"""A deadline over a whole request, and an end to all of them at once.

A timeout holds for one read of a socket. An answer that trickles in, byte by byte, never runs into it, not even in its
headers. So every read and write here gets what is left until the deadline, and closing wakes whoever still waits.
"""

from __future__ import annotations

import socket
import ssl
import threading
import time
import weakref
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from typing import Final
from urllib.request import getproxies, proxy_bypass

import httpcore
import httpx

MOST_CONNECTIONS: Final = 16
_DEADLINE: Final[ContextVar[float | None]] = ContextVar("deadline", default=None)


@contextmanager
def deadline(seconds: float) -> Iterator[None]:
    """Everything that this thread sends and receives in here ends after so many seconds."""
    token = _DEADLINE.set(time.monotonic() + seconds)
    try:
        yield
    finally:
        _DEADLINE.reset(token)


def _left(timeout: float | None, too_late: type[Exception]) -> float | None:
    """The smaller of the timeout and what is left. Raises `too_late` when nothing is."""
    until = _DEADLINE.get()
    if until is None:
        return timeout
    left = until - time.monotonic()
    if left <= 0:
        raise too_late("the deadline of the whole request has passed")
    return left if timeout is None else min(timeout, left)


class Line(httpcore.NetworkStream):
    """One connection whose every step keeps the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, lines: weakref.WeakSet[Line]) -> None:
        self._stream = stream
        self._lines = lines
        lines.add(self)

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        """What came in, at most so many bytes."""
        return self._stream.read(max_bytes, _left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """Send all of it."""
        self._stream.write(buffer, _left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        """Close this connection."""
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        """Go on encrypted."""
        left = _left(timeout, httpcore.ConnectTimeout)
        return Line(self._stream.start_tls(ssl_context, server_hostname, left), self._lines)

    def get_extra_info(self, info: str) -> object:
        """What the connection tells about itself."""
        return self._stream.get_extra_info(info)

    def hang_up(self) -> None:
        """Wake a thread that waits on this connection; closing alone would leave it waiting."""
        sock = self._stream.get_extra_info("socket")
        with suppress(OSError):  # it may have been closed on either side already
            sock.shutdown(socket.SHUT_RDWR)


class Exchange(httpcore.NetworkBackend):
    """Makes connections, and can end all of them. Safe from any thread."""

    def __init__(self) -> None:
        self._backend = httpcore.SyncBackend()
        self._lines: weakref.WeakSet[Line] = weakref.WeakSet()
        self._lock = threading.Lock()
        self._ended = False

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A new connection. Raises httpcore.ConnectError once all have been ended."""
        left = _left(timeout, httpcore.ConnectTimeout)
        stream = self._backend.connect_tcp(host, port, left, local_address, socket_options)
        with self._lock:
            if not self._ended:
                return Line(stream, self._lines)
        stream.close()
        raise httpcore.ConnectError("closed")

    def end_all(self) -> None:
        """Hang up everywhere, for good."""
        with self._lock:
            self._ended = True
            lines = list(self._lines)
        for line in lines:
            line.hang_up()


class Bounded(httpx.HTTPTransport):
    """HTTP over connections of an Exchange, through a proxy where one is named."""

    def __init__(self, exchange: Exchange, context: ssl.SSLContext, proxy: str = "") -> None:
        super().__init__(verify=context)
        if proxy:
            through = httpx.Proxy(proxy)
            self._pool = httpcore.HTTPProxy(
                proxy_url=str(through.url),
                proxy_auth=through.raw_auth,
                ssl_context=context,
                max_connections=MOST_CONNECTIONS,
                network_backend=exchange,
            )
        else:
            self._pool = httpcore.ConnectionPool(
                ssl_context=context, max_connections=MOST_CONNECTIONS, network_backend=exchange
            )


def proxy_for(address: httpx.URL) -> str:
    """The proxy that the environment names for this address, empty for none."""
    proxies = getproxies()
    proxy = proxies.get(address.scheme) or proxies.get("all") or ""
    return "" if not proxy or proxy_bypass(address.host) else proxy
