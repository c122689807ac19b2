"""The HTTP client under the SDK: real timeouts, a deadline over everything, no hidden retries, gzip, no redirects.

The SDK's own client waits for ever, sleeps through Retry-After and sends POST again on its own. With this one under it
the SDK still builds paths, parameters and authentication, and gets text back.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol
from urllib.parse import urlsplit

import httpx

from nodescaler_tui.observe.connection import Connection

LARGEST_BODY_BYTES: Final = 32 * 1024 * 1024
MOST_CONNECTIONS: Final = 6


class Answered(Exception):  # noqa: N818 - Genesys answered, but with an error
    """Genesys answered outside 2xx. The body is outside text; headers are lower-case."""

    def __init__(self, status: int, headers: Mapping[str, str], body: str) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status
        self.headers = headers
        self.body = body


class TooLate(Exception):  # noqa: N818 - it says what happened
    """An answer trickled in past the deadline."""


class TooLarge(Exception):  # noqa: N818 - it says what happened
    """An answer that is larger than anything Genesys sends."""


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
        self._client = httpx.Client(
            timeout=connection.request_timeout_s,
            limits=httpx.Limits(max_connections=MOST_CONNECTIONS, max_keepalive_connections=MOST_CONNECTIONS),
            trust_env=connection.trusts_proxy,
            follow_redirects=False,
            headers={"Accept-Encoding": "gzip"},
        )
        self.requests_made = 0
        self.token_lifetime_s: float | None = None

    def request(self, options: RequestOptions) -> Response:
        """One request, once. Raises Answered, TooLate, TooLarge or an httpx error."""
        self.requests_made += 1
        is_token = urlsplit(options.url).path.endswith("/oauth/token")
        with self._client.stream(
            options.method,
            options.url,
            params=options.query_params or None,
            headers=dict(options.headers),
            data=dict(options.post_params) if is_token else None,
            json=options.body or None,
        ) as answer:
            response = self._read(answer)
        if not 200 <= response.status < 300:
            raise Answered(response.status, response.headers, response.data)
        if is_token:
            self.token_lifetime_s = _lifetime(response.data)
        return response

    def _read(self, answer: httpx.Response) -> Response:
        deadline = time.monotonic() + self._deadline_s
        body = bytearray()
        for piece in answer.iter_bytes():
            body += piece
            if len(body) > LARGEST_BODY_BYTES:
                raise TooLarge(f"more than {LARGEST_BODY_BYTES // 2**20} MB")
            if time.monotonic() > deadline:
                raise TooLate(f"not complete after {self._deadline_s:g} s")
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Response(answer.status_code, answer.reason_phrase, body.decode(errors="replace"), headers)

    def get(self, url: str) -> str:
        """A plain GET, for what is not behind the SDK, such as the status page."""
        self.requests_made += 1
        with self._client.stream("GET", url) as answer:
            response = self._read(answer)
        if response.status != 200:
            raise Answered(response.status, response.headers, response.data)
        return response.data

    def close(self) -> None:
        """Close every connection."""
        self._client.close()


def _lifetime(body: str) -> float | None:
    """How long a new token lives; the SDK throws this away. Anything unexpected is left to the token's own check."""
    try:
        lifetime = json.loads(body).get("expires_in")
    except (ValueError, AttributeError):
        return None
    return float(lifetime) if isinstance(lifetime, int | float) and not isinstance(lifetime, bool) else None
