"""Asking: one request to Genesys with everything that belongs to it, answered by a value or by a problem.

Token, budget, waits, one replay after a token was refused, parsing, and the mapping of every failure: nothing that
Genesys or a network does is raised to whoever asks.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final, TypeVar

import httpx
from pydantic import TypeAdapter, ValidationError

from nodescaler_tui.clock import Clock
from nodescaler_tui.facts import Problem, ProblemKind
from nodescaler_tui.observe import endpoints
from nodescaler_tui.observe.budget import Budget
from nodescaler_tui.observe.connection import Connection
from nodescaler_tui.observe.endpoints import Endpoint
from nodescaler_tui.observe.failures import problem_of
from nodescaler_tui.observe.sdk import Sdk
from nodescaler_tui.observe.transport import Answered, Closed, Response, TooLarge, Transport
from nodescaler_tui.observe.waits import Waits

Shape = TypeVar("Shape")

REFRESH_AT_SHARE: Final = 0.8
DEFAULT_TOKEN_LIFETIME_S: Final = 3600.0
WHAT_A_REQUEST_RAISES: Final = (
    Answered,
    Closed,
    TooLarge,
    httpx.HTTPError,
    httpx.InvalidURL,
    ValidationError,
    ValueError,
    TypeError,
    KeyError,
    AttributeError,
)
"""The SDK itself raises the last four on answers and arguments that it does not expect."""


class Asker:
    """Asks through the SDK. One token for all threads: refreshed by one of them, before it expires."""

    def __init__(self, connection: Connection, sdk: Sdk, budget: Budget, waits: Waits, clock: Clock) -> None:
        transport_class = type("HttpxTransport", (Transport, sdk.abstract_http_client), {})
        client_class = type("RawClient", (sdk.api_client,), {"deserialize": _text_of})
        self._connection = connection
        self._budget = budget
        self._waits = waits
        self.clock = clock
        self._transport: Transport = transport_class(connection)
        self._client: Any = client_class(host=connection.api_address)
        self._client.set_http_client(self._transport)
        self._token_lock = threading.Lock()
        self._refresh_at = 0.0
        self._expires_at = 0.0
        self._generation = 0
        self.edges = sdk.edges(self._client)
        self.telephony = sdk.telephony(self._client)
        self.analytics = sdk.analytics(self._client)
        self.utilities = sdk.utilities(self._client)
        self.organization = sdk.organization(self._client)

    @property
    def requests_made(self) -> int:
        """All requests since the start, tokens and the status page included."""
        return self._transport.requests_made

    def ask(
        self, endpoint: Endpoint, call: Callable[[], str], shape: type[Shape], *, urgent: bool = False
    ) -> Shape | Problem:
        """Make the call and read its answer as `shape`; a problem when that is not possible now."""
        waiting = self._waits.waiting(endpoint)
        if waiting is not None:
            return waiting
        token_problem = self._ensure_token()
        if token_problem is not None:
            return token_problem
        if not self._budget.take(urgent=urgent):
            sentence = f"Our share of the request limit is used up in this minute ({endpoint.what})."
            free_at = self.clock.now() + timedelta(seconds=self._budget.free_in_s())
            return Problem(endpoint.name, ProblemKind.RATE_LIMITED, sentence, free_at)
        return self._attempt(endpoint, call, shape, self._generation)

    def ask_openly(self, endpoint: Endpoint, url: str, shape: type[Shape]) -> Shape | Problem:
        """The same for an address that needs no token and is not Genesys's API."""
        waiting = self._waits.waiting(endpoint)
        if waiting is not None:
            return waiting
        return self._guarded(endpoint, lambda: self._transport.get(url), shape)

    def _attempt(
        self, endpoint: Endpoint, call: Callable[[], str], shape: type[Shape], generation: int
    ) -> Shape | Problem:
        answer = self._guarded(endpoint, call, shape)
        if isinstance(answer, Problem) and answer.kind is ProblemKind.AUTH_FAILED:
            self._drop_token(generation)
            return self._replayed(endpoint, call, shape, answer)
        self._heed(endpoint, answer)
        return answer

    def _replayed(
        self, endpoint: Endpoint, call: Callable[[], str], shape: type[Shape], refused: Problem
    ) -> Shape | Problem:
        """Once more with a new token; refused again means that it is not the token's age."""
        token_problem = self._ensure_token()
        if token_problem is not None:
            return token_problem
        if not self._budget.take():
            return refused
        answer = self._guarded(endpoint, call, shape)
        if isinstance(answer, Problem) and answer.kind is ProblemKind.AUTH_FAILED:
            self._waits.failed(replace(answer, endpoint=endpoints.TOKEN.name), self.clock.now())
            return self._waits.failed(answer, self.clock.now())
        self._heed(endpoint, answer)
        return answer

    def _heed(self, endpoint: Endpoint, answer: object) -> None:
        """A token that was accepted ends the waits for one; a problem says nothing about tokens."""
        if not isinstance(answer, Problem) and not endpoint.is_token:
            self._waits.succeeded(endpoints.TOKEN)

    def _guarded(self, endpoint: Endpoint, call: Callable[[], str], shape: type[Shape]) -> Shape | Problem:
        try:
            value = _parsed(call(), shape)
        except WHAT_A_REQUEST_RAISES as error:
            problem = problem_of(error, endpoint, self.clock.now())
            return problem if problem.kind is ProblemKind.AUTH_FAILED else self._waits.failed(problem, self.clock.now())
        self._waits.succeeded(endpoint)
        return value

    def _ensure_token(self) -> Problem | None:
        """A valid token, asked for by one thread while the others wait for it; the old one while it still lives."""
        with self._token_lock:
            if self.clock.monotonic() < self._refresh_at:
                return None
            problem = self._waits.waiting(endpoints.TOKEN) or self._new_token()
            return None if self.clock.monotonic() < self._expires_at else problem

    def _new_token(self) -> Problem | None:
        try:
            self._client.get_client_credentials_token(self._connection.client_id, self._connection.client_secret)
        except WHAT_A_REQUEST_RAISES as error:
            return self._waits.failed(problem_of(error, endpoints.TOKEN, self.clock.now()), self.clock.now())
        lifetime_s = self._transport.token_lifetime_s or DEFAULT_TOKEN_LIFETIME_S
        self._refresh_at = self.clock.monotonic() + lifetime_s * REFRESH_AT_SHARE
        self._expires_at = self.clock.monotonic() + lifetime_s
        self._generation += 1
        return None

    def _drop_token(self, generation: int) -> None:
        with self._token_lock:
            if generation == self._generation:
                self._refresh_at = self._expires_at = 0.0

    @property
    def closed(self) -> bool:
        """Whether nothing is asked any more."""
        return self._transport.closed

    def close(self) -> None:
        """Close every connection."""
        self._transport.close()


def _text_of(_client: object, response: Response, _response_type: object) -> str:
    """In place of the SDK's deserializer, which turns a captive portal's page into phantom nodes."""
    return response.data


def _parsed(body: str, shape: type[Shape]) -> Shape:
    if shape not in _ADAPTERS:
        _ADAPTERS[shape] = TypeAdapter(shape)
    value: Shape = _ADAPTERS[shape].validate_json(body)
    return value


_ADAPTERS: Final[dict[Any, TypeAdapter[Any]]] = {}
