"""The HTTP client under the SDK: real timeouts, a deadline over everything, no hidden retries, gzip, no redirects.

The SDK's own client waits for ever, sleeps through Retry-After and sends POST again on its own. With this one under it
the SDK still builds paths, parameters and authentication, and gets text back.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlsplit

import httpx

from nodescaler_tui.observe.connection import Connection
from nodescaler_tui.observe.deadline import Bounded, Exchange, deadline, proxy_for
from nodescaler_tui.observe.wire import Token

LARGEST_BODY_BYTES: Final = 32 * 1024 * 1024


class Answered(Exception):  # noqa: N818 - Genesys answered, but with an error
    """Genesys answered outside 2xx. The body is outside text; headers are lower-case."""

    def __init__(self, status: int, headers: Mapping[str, str], body: str) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.headers = headers
        self.body = body


class TooLarge(Exception):  # noqa: N818 - it says what happened
    """An answer that is larger than anything Genesys sends."""


class Closed(Exception):  # noqa: N818 - it says what happened
    """Nothing is asked any more."""


class RequestOptions(Protocol):
    """What the SDK hands over for one request."""

    url: str
    method: str
    headers: Mapping[str, str]
    query_params: Mapping[str, str]
    post_params: Mapping[str, str]
    body: object


@dataclass(frozen=True, slots=True)
class Response:
    """What the SDK expects of a response: text and headers."""

    status: int
    reason: str
    data: str
    headers: Mapping[str, str]

    def getheader(self, name: str, default: str | None = None) -> str | None:
        """One header, by any spelling of its name."""
        return self.headers.get(name.lower(), default)

    def getheaders(self) -> Mapping[str, str]:
        """All headers."""
        return self.headers


class Transport:
    """Carries the SDK's requests out. Mixed into the SDK's AbstractHttpClient when that has been imported."""

    def __init__(self, connection: Connection) -> None:
        super().__init__()
        self._deadline_s = connection.request_deadline_s
        self._exchange = Exchange()
        self._client = _client(connection, self._exchange)
        self._counting = threading.Lock()
        self.requests_made = 0
        self.token_lifetime_s: float | None = None

    def request(self, options: RequestOptions) -> Response:
        """One request, once. Raises Answered, TooLarge, Closed, an httpx error, or ValidationError for no token."""
        is_token = urlsplit(options.url).path.endswith("/oauth/token")
        response = self._sent(
            self._client.build_request(
                options.method,
                options.url,
                params=options.query_params or None,
                headers=dict(options.headers),
                data=dict(options.post_params) if is_token else None,
                json=options.body or None,
            )
        )
        if not 200 <= response.status < 300:
            raise Answered(response.status, response.headers, response.data)
        if is_token:
            self.token_lifetime_s = Token.model_validate_json(response.data).expires_in
        return response

    def _sent(self, request: httpx.Request) -> Response:
        with self._counting:
            self.requests_made += 1
        if self._client.is_closed:
            raise Closed
        with deadline(self._deadline_s):
            answer = self._client.send(request, stream=True, follow_redirects=False)
            try:
                return self._read(answer)
            finally:
                answer.close()

    def _read(self, answer: httpx.Response) -> Response:
        body = bytearray()
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > LARGEST_BODY_BYTES:
                raise TooLarge(f"more than {LARGEST_BODY_BYTES // 2**20} MB")
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status_code, answer.reason_phrase, body.decode(errors="replace"), headers)

    def get(self, url: str) -> str:
        """A plain GET, for what is not behind the SDK, such as the status page."""
        response = self._sent(self._client.build_request("GET", url))
        if response.status != 200:
            raise Answered(response.status, response.headers, response.data)
        return response.data

    @property
    def closed(self) -> bool:
        """Whether every connection has been closed."""
        return self._client.is_closed

    def close(self) -> None:
        """Close every connection; whoever still waits on one gets an error at once."""
        self._exchange.end_all()
        self._client.close()


def _client(connection: Connection, exchange: Exchange) -> httpx.Client:
    """A client for the addresses of this connection, each through the proxy that the environment names for it."""
    context = httpx.create_ssl_context()
    api = connection.api_address
    routes: dict[str, httpx.BaseTransport | None] = {}
    if connection.trusts_proxy:
        for address in map(httpx.URL, filter(None, (api, api.replace("//api.", "//login."), connection.status_page))):
            proxy = proxy_for(address)
            if proxy:
                routes[f"{address.scheme}://{address.host}"] = Bounded(exchange, context, proxy)
    return httpx.Client(
        timeout=connection.request_timeout_s,
        transport=Bounded(exchange, context),
        mounts=routes,
        trust_env=False,
        headers={"Accept-Encoding": "gzip"},
    )
