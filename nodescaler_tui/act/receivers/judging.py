"""Judging an answer: has the receiver acted, may it have, or certainly not. Pure.

| answer | the receiver | outcome |
| --- | --- | --- |
| 2xx that meets the profile's success rule | took it | Accepted |
| any other 2xx | may have acted | Unknown |
| 408, 425, 429, and 503 with Retry-After | did not act | NotProcessed, may be tried again |
| 409 where repeats are recognised | works on our key | Unknown, in progress: the same again |
| 409 elsewhere, 422, every other 3xx and 4xx | did not act and will not | Refused |
| 410 | is gone | Refused, and says so |
| every other 5xx, and 1xx | may have acted | Unknown |

409 is not "not processed": what is in progress may be about to act, so whoever gives up waiting is in doubt.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import urljoin, urlsplit

from nodescaler_tui.act.outcome import Accepted, NotProcessed, Outcome, Refused, Unknown
from nodescaler_tui.act.receiver import Repeats, WebhookReceiver
from nodescaler_tui.act.receivers.channel import Answer
from nodescaler_tui.act.receivers.pointer import escaped, value_at
from nodescaler_tui.act.receivers.profile import Profile
from nodescaler_tui.act.receivers.secret import redacted
from nodescaler_tui.act.receivers.template import filled_text
from nodescaler_tui.act.schedule import retry_after_seconds

EXCERPT_CHARACTERS: Final = 500
LONGEST_STATUS: Final = 80
LONGEST_URL: Final = 2048
CAN_BE_TRIED_AGAIN: Final = frozenset({408, 425, 429})
STATUS_HEADERS: Final = ("azure-asyncoperation", "operation-location")


def outcome_of(answer: Answer, receiver: WebhookReceiver, secrets: tuple[str, ...], now: datetime) -> Outcome:
    """The outcome of an answer, by the table above. The body, which is outside text, is kept as an excerpt only."""
    status, excerpt = answer.status, redacted(answer.body.decode(errors="replace"), secrets)[:EXCERPT_CHARACTERS]
    retry_after_s = retry_after_seconds(answer.headers.get("retry-after"), now)
    if 200 <= status < 300:
        return _taken(answer, receiver, secrets, excerpt)
    if status in CAN_BE_TRIED_AGAIN or (status == 503 and retry_after_s is not None):
        return NotProcessed(f"The receiver answered {status}.", retry_after_s)
    if status == 409 and receiver.repeats is Repeats.DEDUPLICATES:
        return Unknown("The receiver still works on a request with this key (409).", retry_after_s, in_progress=True)
    if status >= 500 or status < 200:
        return Unknown(f"The receiver answered {status}; it may have acted.", retry_after_s)
    return Refused(status, _refusal(status, receiver.repeats, excerpt))


def _refusal(status: int, repeats: Repeats, excerpt: str) -> str:
    if 300 <= status < 400:
        return f"The receiver answered {status}: it is elsewhere now, and redirects are not followed. Change its URL."
    if status == 410:
        return "The receiver is gone (410): take it out of the configuration or give its new URL."
    said = excerpt[:LONGEST_STATUS] or "no explanation"
    if status == 422 and repeats is Repeats.DEDUPLICATES:
        return f"The receiver knows this key with another body (422), so nothing is sent again: {said}"
    return f"The receiver answered {status}: {said}"


def _taken(answer: Answer, receiver: WebhookReceiver, secrets: tuple[str, ...], excerpt: str) -> Outcome:
    profile, document = receiver.profile, json_of(answer.body)
    missed = _missed_rule(answer.status, document, receiver)
    if missed:
        return Unknown(f"The receiver answered {answer.status}, but {missed}; it may have acted.")
    receipt = value_at(document, _pointer(profile.receipt_pointer, receiver)) if profile.receipt_pointer else None
    return Accepted(
        http_status=answer.status,
        webhook_status=redacted(_webhook_status(answer.status, document), secrets),
        excerpt=excerpt,
        status_url=_status_url(answer, document, receiver, secrets),
        receipt=redacted(str(receipt), secrets)[:LONGEST_STATUS] if isinstance(receipt, str | int) else "",
    )


def _missed_rule(status: int, document: object, receiver: WebhookReceiver) -> str:
    """In which way a 2xx misses the success rule; empty when it meets it."""
    success = receiver.profile.success
    if status not in success.statuses:
        return f"success is {', '.join(map(str, success.statuses))}"
    if success.answer is None:
        return ""
    pointer = _pointer(success.answer.pointer, receiver)
    found = value_at(document, pointer)
    if type(found) is type(success.answer.equals) and found == success.answer.equals:
        return ""
    return f"it does not say {json.dumps(success.answer.equals)} at {pointer}"


def _pointer(pointer: str, receiver: WebhookReceiver) -> str:
    names = {f"parameter.{name}": value for name, value in receiver.parameters}
    return filled_text(pointer, names, escaped)


def json_of(body: bytes) -> object:
    """The body as JSON, None when it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _webhook_status(status: int, document: object) -> str:
    """The answer's own `status` where it is a JSON object that has one, else the HTTP status in words."""
    claimed = document.get("status") if isinstance(document, Mapping) else None
    return claimed[:LONGEST_STATUS] if isinstance(claimed, str) and claimed else f"HTTP {status}"


def _status_url(answer: Answer, document: object, receiver: WebhookReceiver, secrets: tuple[str, ...]) -> str:
    """Where the job can be followed: Azure's header first, Location only with 202, then the profile's place."""
    found = next((answer.headers[name] for name in STATUS_HEADERS if name in answer.headers), "")
    if not found and answer.status == 202:
        found = answer.headers.get("location", "")
    if not found:
        found = _url_in_body(document, receiver.profile)
    url = absolute(found, receiver) if found else ""
    return "" if any(secret in url for secret in secrets) else url


def _url_in_body(document: object, profile: Profile) -> str:
    value = value_at(document, profile.status.url_pointer) if profile.status.url_pointer else None
    return value if isinstance(value, str) else ""


def absolute(url: str, receiver: WebhookReceiver) -> str:
    """The URL in full where it is of the receiver's own origin, else empty: no credential goes anywhere else."""
    try:
        joined = urljoin(receiver.url, url)
        well_formed = len(joined) <= LONGEST_URL and joined.isascii() and joined.isprintable() and " " not in joined
        return joined if well_formed and _origin(joined) == _origin(receiver.url) else ""
    except ValueError:
        return ""


def _origin(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port and whatever else stands before the path, such as a user."""
    parts = urlsplit(url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return parts.scheme, str(parts.hostname), port, parts.netloc.rpartition("@")[0]
