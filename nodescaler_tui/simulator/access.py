"""Access to Genesys Cloud: client credentials, tokens, and how many requests a token may make in a minute."""

from __future__ import annotations

import base64
import binascii
import secrets
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import parse_qs

from nodescaler_tui.simulator.errors import error, throttled
from nodescaler_tui.simulator.faults import Faults
from nodescaler_tui.simulator.http import Answer, Request, json_answer

MINUTE_S: Final = 60.0
TOKEN_LIFE_S: Final = 86399


@dataclass(slots=True)
class Token:
    """A token: until when it is good, and when requests came with it in the last minute."""

    expires_at: float
    requests: deque[float] = field(default_factory=deque)

    def count(self, now: float) -> int:
        """Requests of the last minute."""
        while self.requests and now - self.requests[0] > MINUTE_S:
            self.requests.popleft()
        return len(self.requests)

    def frees_in(self, now: float) -> int:
        """Whole seconds until the oldest of them no longer counts."""
        return max(int(MINUTE_S - (now - self.requests[0])) + 1, 1) if self.requests else int(MINUTE_S)


class Access:
    """Gives tokens out and says who may not come in. `limit` is requests per minute and token."""

    def __init__(self, client: tuple[str, str], limit: int, faults: Faults, monotonic: Callable[[], float]) -> None:
        self._client = client
        self._faults = faults
        self._monotonic = monotonic
        self._tokens: dict[str, Token] = {}
        self.limit = limit

    def token(self, request: Request) -> Answer:
        """The answer of the token endpoint."""
        if self._faults.is_on("bad-credentials", request.path) or _basic(request) != self._client:
            words = "client not found or invalid"
            return json_answer(401, {"error": "invalid_client", "description": words, "error_description": words})
        grant = parse_qs(request.body.decode(errors="replace")).get("grant_type", [""])[0]
        if grant != "client_credentials":
            words = f"grant type {grant!r} is not supported"
            document = {"error": "unsupported_grant_type", "description": words, "error_description": words}
            return json_answer(400, document)
        short = self._faults.find({"short-tokens"}, request.path)
        life_s = int(short.number("expires_in", 5)) if short else TOKEN_LIFE_S
        token = secrets.token_urlsafe(32)
        self._tokens[token] = Token(self._monotonic() + life_s)
        return json_answer(200, {"access_token": token, "token_type": "bearer", "expires_in": life_s})

    def refusal(self, request: Request) -> Answer | None:
        """401 or 429, or None for a request that may pass; then it counts."""
        if self._faults.is_on("token-revoked", request.path):
            self._tokens.clear()
        scheme, _, value = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not value:
            message = "No authentication bearer token specified in authorization header."
            return error(401, "authentication.required", message)
        token, now = self._tokens.get(value), self._monotonic()
        if token is None:
            return error(401, "bad.credentials", "Invalid login credentials.")
        if now >= token.expires_at:
            return error(401, "credentials.expired", "The supplied credentials have expired.")
        if token.count(now) >= self.limit:
            return throttled(token.frees_in(now))
        token.requests.append(now)
        return None

    def headers(self, request: Request) -> Mapping[str, str]:
        """What every answer of the API carries."""
        token, now = self._tokens.get(request.headers.get("authorization", "").partition(" ")[2]), self._monotonic()
        return {
            "ININ-Correlation-Id": str(uuid.uuid4()),
            "inin-ratelimit-count": str(token.count(now) if token else 0),
            "inin-ratelimit-allowed": str(self.limit),
            "inin-ratelimit-reset": str(token.frees_in(now) if token else int(MINUTE_S)),
        }


def _basic(request: Request) -> tuple[str, str] | None:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    return (name, secret) if scheme.lower() == "basic" else None
