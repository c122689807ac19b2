"""The channel: one HTTP request over one connection to a checked address, within one deadline.

Whether a byte of the request left this machine is watched at the connection itself. That alone decides between
"nothing was sent" and "it may have arrived"; the kind of an error decides nothing.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import httpcore

from nodescaler_tui.act.receivers.address import checked_addresses
from nodescaler_tui.act.receivers.tls import TlsFiles, failure_in_words, refused_our_certificate
from nodescaler_tui.clock import steady_s

LARGEST_ANSWER_BYTES: Final = 64 * 1024
LARGEST_EXCHANGE_BYTES: Final = 256 * 1024

_KINDS: Final[Mapping[type[Exception], str]] = {
    httpcore.ConnectError: "refused or unreachable",
    httpcore.ConnectTimeout: "timed out while connecting",
    httpcore.ReadError: "reset while reading",
    httpcore.WriteError: "reset while writing",
    httpcore.RemoteProtocolError: "closed without a complete answer",
}


class NotSent(Exception):  # noqa: N818 - it says what happened
    """No byte of the request left this machine, or none was read at the other side: why, in a sentence."""


class Broken(Exception):  # noqa: N818 - it says what happened
    """The request may have arrived, and no answer came: why, in a sentence."""


@dataclass(frozen=True, slots=True)
class Request:
    """One request, whole. Its URL and headers may hold secrets."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = b""


@dataclass(frozen=True, slots=True)
class Route:
    """How the other side was reached: the address, and the version of TLS, empty without it."""

    address: str
    tls: str


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers by lower-case name (the first of each), at most 64 KiB of the body, and the way it came."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    route: Route


@dataclass(frozen=True, slots=True)
class Door:
    """What may be reached: hosts that are allowed by name although their addresses are not public, and TLS."""

    allow_hosts: tuple[str, ...] = ()
    tls: TlsFiles = field(default_factory=TlsFiles)


class Deadline:
    """An end on the clock that never stops, so that neither a wall clock that jumps nor a sleep moves it."""

    def __init__(self, seconds: float) -> None:
        self._end = steady_s() + seconds

    def left(self) -> float:
        """Seconds until the end, 0 when it has passed."""
        return max(self._end - steady_s(), 0.0)


def exchange(request: Request, door: Door, deadline: Deadline) -> Answer:
    """Send once and read the answer. Raises AddressRefused, UnusableCertificate, NotSent or Broken."""
    host, port, context = _destination(request.url, door)
    watch = _Watch(deadline)
    backend = _Pinned(checked_addresses(host, port, door.allow_hosts, deadline.left()), watch)
    try:
        with (
            httpcore.ConnectionPool(ssl_context=context, network_backend=backend) as pool,
            pool.stream(
                request.method, request.url, headers=list(request.headers.items()), content=request.body
            ) as response,
        ):
            return _answer(response, watch)
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError) as error:
        raise _judged(error, host, watch) from None


def connect(url: str, door: Door, deadline: Deadline) -> Route:
    """Connect, with TLS where the URL asks for it, and hang up without a request. Raises as `exchange` does."""
    host, port, context = _destination(url, door)
    watch = _Watch(deadline)
    backend = _Pinned(checked_addresses(host, port, door.allow_hosts, deadline.left()), watch)
    try:
        stream = backend.connect_tcp(host, port)
        if context is not None:
            stream = stream.start_tls(context, host)
    except (httpcore.TimeoutException, httpcore.NetworkError) as error:
        raise _judged(error, host, watch) from None
    try:
        return Route(watch.address, _tls_version(stream))
    finally:
        stream.close()


def _destination(url: str, door: Door) -> tuple[str, int, ssl.SSLContext | None]:
    parts = urlsplit(url)
    encrypted = parts.scheme == "https"
    port = parts.port or (443 if encrypted else 80)
    return str(parts.hostname), port, door.tls.context() if encrypted else None


def _answer(response: httpcore.Response, watch: _Watch) -> Answer:
    """The status line says what matters, so a body that breaks off or drips is taken as far as it came."""
    headers: dict[str, str] = {}
    for name, value in response.headers:
        headers.setdefault(name.decode("latin-1").lower(), value.decode("latin-1"))
    route = Route(watch.address, _tls_version(response.extensions["network_stream"]))
    return Answer(response.status, headers, _bounded_body(response), route)


def _bounded_body(response: httpcore.Response) -> bytes:
    body = b""
    try:
        for piece in response.iter_stream():
            body += piece
            if len(body) >= LARGEST_ANSWER_BYTES:
                break
    except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError):
        return body
    return body[:LARGEST_ANSWER_BYTES]


def _tls_version(stream: httpcore.NetworkStream) -> str:
    encrypted = stream.get_extra_info("ssl_object")
    return str(encrypted.version()) if isinstance(encrypted, ssl.SSLObject | ssl.SSLSocket) else ""


def _judged(error: Exception, host: str, watch: _Watch) -> NotSent | Broken:
    """An error in words of ours; its own text may quote the URL, which may hold a secret."""
    why = failure_in_words(error) or _KINDS.get(type(error), type(error).__name__)
    if refused_our_certificate(error):
        return NotSent(f"{host} does not take our certificate ({why}). Nothing was sent.")
    if not watch.wrote:
        return NotSent(f"No connection to {host} ({why}). Nothing was sent.")
    if isinstance(error, httpcore.TimeoutException):
        return Broken(f"{host} did not answer in time; it may have acted.")
    return Broken(f"The connection to {host} broke ({why}); it may have acted.")


class _Watch:
    """What happened on the connection: where it leads, whether anything was written, and how much came."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self.address = ""
        self.wrote = False
        self.read = 0

    def left(self, too_late: type[Exception]) -> float:
        """Seconds until the deadline. Raises `too_late` when it has passed, so that nothing is written after it."""
        left = self.deadline.left()
        if left <= 0:
            raise too_late("the deadline has passed")
        return left


class _Line(httpcore.NetworkStream):
    """One connection whose every step keeps the deadline."""

    def __init__(self, stream: httpcore.NetworkStream, watch: _Watch) -> None:
        self._stream = stream
        self._watch = watch

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:  # noqa: ARG002 - the deadline rules
        """What came in. Raises httpcore.ReadError when it is more than any sensible answer."""
        data = self._stream.read(max_bytes, self._watch.left(httpcore.ReadTimeout))
        self._watch.read += len(data)
        if self._watch.read > LARGEST_EXCHANGE_BYTES:
            raise httpcore.ReadError("the answer is too large")
        return data

    def write(self, buffer: bytes, timeout: float | None = None) -> None:  # noqa: ARG002 - the deadline rules
        """Send all of it; from the first byte on the request may have arrived."""
        left = self._watch.left(httpcore.WriteTimeout)
        if buffer:
            self._watch.wrote = True
            self._stream.write(buffer, left)

    def close(self) -> None:
        """Close this connection."""
        self._stream.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,  # noqa: ARG002 - the deadline rules
    ) -> httpcore.NetworkStream:
        """Go on encrypted."""
        left = self._watch.left(httpcore.ConnectTimeout)
        return _Line(self._stream.start_tls(ssl_context, server_hostname, left), self._watch)

    def get_extra_info(self, info: str) -> object:
        """What the connection tells about itself."""
        return self._stream.get_extra_info(info)


class _Pinned(httpcore.NetworkBackend):
    """Connects to checked addresses only, whatever the name resolves to by now."""

    def __init__(self, addresses: Sequence[str], watch: _Watch) -> None:
        self._backend = httpcore.SyncBackend()
        self._addresses = addresses
        self._watch = watch

    def connect_tcp(
        self,
        host: str,  # noqa: ARG002 - it was resolved and checked before
        port: int,
        timeout: float | None = None,  # noqa: ARG002 - the deadline rules
        local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:
        """A connection to the first address that takes one; each gets its share of the time that is left."""
        refusal: Exception = httpcore.ConnectError("there is no address")
        for position, address in enumerate(self._addresses):
            share = self._watch.left(httpcore.ConnectTimeout) / (len(self._addresses) - position)
            try:
                stream = self._backend.connect_tcp(address, port, share, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                refusal = error
                continue
            self._watch.address = address
            return _Line(stream, self._watch)
        raise refusal
