"""The webhook: one POST of the approved bytes. It sends once and reports; whether to send again is not decided here."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Protocol

import httpx

from nodescaler_tui.act.outcome import NotProcessed, Outcome, Unknown, classify
from nodescaler_tui.act.receiver import WebhookReceiver
from nodescaler_tui.act.schedule import retry_after_seconds

SCALING_SOURCE: Final = "genesys-orchestrator"
LARGEST_ANSWER_BYTES: Final = 64 * 1024

_KINDS: Final[Mapping[type[Exception], str]] = {
    httpx.ConnectError: "refused or unreachable",
    httpx.ConnectTimeout: "timed out while connecting",
    httpx.ReadError: "reset while reading",
    httpx.WriteError: "reset while writing",
    httpx.RemoteProtocolError: "closed without a complete answer",
}
_NEVER_SENT: Final = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout, httpx.UnsupportedProtocol)


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver: the exact bytes, the key that stays the same over attempts, and the audit head."""

    payload: bytes
    payload_sha256: str
    idempotency_key: str
    attempt: int
    audit_head: str

    def headers(self, receiver: WebhookReceiver) -> Mapping[str, str]:
        """What we add to the tutorial's body travels here; the body itself stays as it was approved."""
        headers = {
            "Content-Type": "application/json",
            "X-Scaling-Source": SCALING_SOURCE,
            "Idempotency-Key": f'"{self.idempotency_key}"',
            "X-Payload-SHA256": self.payload_sha256,
            "X-Nodescaler-Attempt": str(self.attempt),
            "X-Nodescaler-Audit-Head": self.audit_head,
            "User-Agent": "nodescaler-tui",
        }
        if receiver.bearer:
            headers["Authorization"] = f"Bearer {receiver.bearer}"
        return headers


class Sender(Protocol):
    """Sends one delivery and says what it came to. Never raises for what a network or a receiver does."""

    def send(self, delivery: Delivery, now: datetime) -> Outcome:
        """Blocks for at most the receiver's timeout, so it may not run on an event loop."""


class HttpSender:
    """Sends over HTTP: certificates verified, no redirects, a bounded answer, one deadline over everything."""

    def __init__(self, receiver: WebhookReceiver) -> None:
        self._receiver = receiver

    def send(self, delivery: Delivery, now: datetime) -> Outcome:
        """POST the bytes once. A failure before the connection stood is certain; after it, nothing is."""
        receiver = self._receiver
        deadline = time.monotonic() + receiver.timeout_s
        try:
            with (
                httpx.Client(timeout=receiver.timeout_s, trust_env=not receiver.on_loopback) as client,
                client.stream(
                    "POST",
                    receiver.url,
                    content=delivery.payload,
                    headers=delivery.headers(receiver),
                    follow_redirects=False,
                ) as response,
            ):
                body = _bounded_body(response, deadline)
                retry_after_s = retry_after_seconds(response.headers.get("Retry-After"), now)
                location = response.headers.get("Location", "")
                return classify(response.status_code, body, location, retry_after_s)
        except _NEVER_SENT as error:
            return NotProcessed(f"No connection to {receiver.host} ({_kind(error)}).")
        except httpx.TimeoutException:
            return Unknown(f"{receiver.host} did not answer within {receiver.timeout_s:g} s; it may have acted.")
        except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
            return Unknown(f"The connection to {receiver.host} broke ({_kind(error)}); it may have acted.")


def _bounded_body(response: httpx.Response, deadline: float) -> bytes:
    """At most 64 KiB of the answer, and not past the deadline: the status line already says what matters."""
    body = b""
    for piece in response.iter_bytes():
        body += piece
        if len(body) >= LARGEST_ANSWER_BYTES or time.monotonic() > deadline:
            break
    return body[:LARGEST_ANSWER_BYTES]


def _kind(error: Exception) -> str:
    """The kind of a network error in words; its own text may quote the URL, which may hold a secret."""
    return _KINDS.get(type(error), type(error).__name__)
