"""Failures: whatever can go wrong in a request, mapped to the closed set of problems, each in a plain sentence."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Final

import httpx
from pydantic import ValidationError

from nodescaler_tui.facts import Problem, ProblemKind
from nodescaler_tui.observe.endpoints import Endpoint
from nodescaler_tui.observe.transport import Answered, Closed, TooLarge
from nodescaler_tui.observe.wire import ErrorBody

_NETWORK_WORDS: Final[Mapping[type[Exception], str]] = {
    httpx.ConnectError: "no connection",
    httpx.RemoteProtocolError: "the connection was closed without a complete answer",
    httpx.ReadError: "the connection broke while reading",
    httpx.ProxyError: "the proxy refused",
    httpx.DecodingError: "the answer could not be unpacked",
}
LONGEST_RETRY_AFTER: Final = timedelta(hours=1)
_KIND_OF_STATUS: Final = {
    400: ProblemKind.BAD_REQUEST,
    401: ProblemKind.AUTH_FAILED,
    403: ProblemKind.FORBIDDEN,
    404: ProblemKind.NOT_FOUND,
    408: ProblemKind.TIMEOUT,
    429: ProblemKind.RATE_LIMITED,
    504: ProblemKind.TIMEOUT,
}


def problem_of(error: Exception, endpoint: Endpoint, now: datetime) -> Problem:
    """What this error means for this endpoint. Never quotes a token, a secret or more than a line of a body."""
    match error:
        case Answered():
            return _answered(error, endpoint, now)
        case Closed():
            return Problem(endpoint.name, ProblemKind.UNAVAILABLE, f"The program is ending ({endpoint.what}).")
        case httpx.TimeoutException():
            return Problem(endpoint.name, ProblemKind.TIMEOUT, f"Genesys did not answer in time ({endpoint.what}).")
        case httpx.HTTPError() | httpx.InvalidURL():
            sentence = f"Genesys cannot be reached ({endpoint.what}: {_network_words(error)})."
            return Problem(endpoint.name, ProblemKind.UNAVAILABLE, sentence)
        case ValidationError():
            sentence = f"Genesys answered something that is not {endpoint.what} (at {_first_location(error)})."
            return Problem(endpoint.name, ProblemKind.MALFORMED, sentence)
        case TooLarge():
            sentence = f"Genesys's answer was too large to be {endpoint.what}."
            return Problem(endpoint.name, ProblemKind.MALFORMED, sentence)
    sentence = f"Reading {endpoint.what} failed in the program itself ({type(error).__name__})."
    return Problem(endpoint.name, ProblemKind.INTERNAL, sentence)


def _answered(error: Answered, endpoint: Endpoint, now: datetime) -> Problem:
    kind = _KIND_OF_STATUS.get(error.status, ProblemKind.UNAVAILABLE)
    if endpoint.is_token and error.status in {400, 401}:
        kind = ProblemKind.AUTH_FAILED
    retry_at = _retry_at(error, now) if kind is ProblemKind.RATE_LIMITED or error.status == 503 else None
    return Problem(
        endpoint=endpoint.name,
        kind=kind,
        sentence=_answered_words(error, endpoint, kind),
        retry_at=retry_at,
        permission=endpoint.permission if kind is ProblemKind.FORBIDDEN else "",
        correlation_id=error.headers.get("inin-correlation-id", "")[:64],
    )


def _answered_words(error: Answered, endpoint: Endpoint, kind: ProblemKind) -> str:
    if kind is ProblemKind.FORBIDDEN:
        return f"No permission: {endpoint.costs} needs {endpoint.permission}."
    if kind is ProblemKind.AUTH_FAILED and endpoint.is_token:
        return "Genesys refused the credentials. Check GENESYS_CLIENT_ID and GENESYS_CLIENT_SECRET."
    if kind is ProblemKind.AUTH_FAILED:
        return f"Genesys does not accept the token ({endpoint.what})."
    code = error_code(error)
    return f"Genesys answered {error.status}{f' {code}' if code else ''} ({endpoint.what})."


def error_code(error: Answered) -> str:
    """Genesys's own code of an error, empty when the body has none."""
    try:
        return (ErrorBody.model_validate_json(error.body).code or "")[:64]
    except ValidationError:
        return ""


def _retry_at(error: Answered, now: datetime) -> datetime | None:
    """When Genesys wants to be asked again: Retry-After in both its forms, at most an hour."""
    header = error.headers.get("retry-after", "").strip()
    if header.isascii() and header.isdigit():
        return now + min(timedelta(seconds=int(header[:9])), LONGEST_RETRY_AFTER)
    try:
        date = parsedate_to_datetime(header)
    except (ValueError, OverflowError):
        return None
    return min(date if date.tzinfo else date.replace(tzinfo=UTC), now + LONGEST_RETRY_AFTER)


def _network_words(error: Exception) -> str:
    return _NETWORK_WORDS.get(type(error), type(error).__name__)


def _first_location(error: ValidationError) -> str:
    first = error.errors(include_input=False, include_url=False, include_context=False)[0]
    return ".".join(str(part) for part in first["loc"])[:80] or "the beginning"
