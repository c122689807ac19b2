"""What an attempt to send came to: the only question that matters is whether the receiver may have acted."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Final

EXCERPT_CHARACTERS: Final = 500
LONGEST_STATUS: Final = 80


@dataclass(frozen=True, slots=True)
class Accepted:
    """The receiver took the request. `webhook_status` is the tutorial's audit field."""

    http_status: int
    webhook_status: str
    excerpt: str
    status_url: str = ""


@dataclass(frozen=True, slots=True)
class NotProcessed:
    """The receiver certainly did not act; the same request may be tried again."""

    sentence: str
    retry_after_s: float | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """The receiver certainly did not act and never will on this request."""

    http_status: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The receiver may or may not have acted."""

    sentence: str


Outcome = Accepted | NotProcessed | Refused | Unknown


def classify(status: int, body: bytes, location: str, retry_after_s: float | None) -> Outcome:
    """The outcome of an HTTP answer. The body, which is outside text, is kept as an excerpt only.

    429 and 503 with Retry-After, 408 and 425 say that the request was not processed; 409 that the same key is still
    being processed; any other 5xx leaves it open; every other status outside 2xx is a refusal.
    """
    excerpt = body.decode(errors="replace")[:EXCERPT_CHARACTERS]
    if 200 <= status < 300:
        return Accepted(status, _webhook_status(status, body), excerpt, location)
    if status in {408, 409, 425, 429} or (status == 503 and retry_after_s is not None):
        return NotProcessed(f"The receiver answered {status}.", retry_after_s)
    if status >= 500:
        return Unknown(f"The receiver answered {status}; it may have acted.")
    return Refused(status, f"The receiver answered {status}: {excerpt[:LONGEST_STATUS] or 'no explanation'}")


def _webhook_status(status: int, body: bytes) -> str:
    """The answer's own `status` where it is a JSON object that has one, else the HTTP status in words."""
    try:
        document = json.loads(body)
    except ValueError:
        document = None
    claimed = document.get("status") if isinstance(document, dict) else None
    return claimed[:LONGEST_STATUS] if isinstance(claimed, str) and claimed else f"HTTP {status}"
