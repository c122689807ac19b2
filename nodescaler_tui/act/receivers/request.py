"""The request: from an approved body and the receiver's profile to exactly what goes out, with its proof of origin."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from urllib.parse import quote, urlsplit, urlunsplit

from nodescaler_tui.act.receiver import WebhookReceiver
from nodescaler_tui.act.receivers.authentication import (
    Bearer,
    HubSignature,
    NoAuthentication,
    QueryToken,
    RawHeader,
    SigV4,
    StandardWebhooks,
)
from nodescaler_tui.act.receivers.channel import Deadline, Request
from nodescaler_tui.act.receivers.profile import IdempotencyHeader, KeyForm
from nodescaler_tui.act.receivers.secret import read_all
from nodescaler_tui.act.receivers.signing import hub_signature, standard_webhooks_headers
from nodescaler_tui.act.receivers.sigv4 import signed_headers

SCALING_SOURCE: Final = "genesys-orchestrator"
USER_AGENT: Final = "nodescaler-tui"
AWS_REGION: Final = "region"


@dataclass(frozen=True, slots=True)
class Delivery:
    """One attempt to deliver: the exact bytes, the key that stays the same over attempts, and the audit head."""

    body: bytes
    body_sha256: str
    idempotency_key: str
    attempt: int
    audit_head: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A request that is ready to go, and the secrets that are in it, so that no echo of them is kept."""

    request: Request
    secrets: tuple[str, ...] = field(repr=False)


def prepared_delivery(receiver: WebhookReceiver, delivery: Delivery, now: datetime, deadline: Deadline) -> Prepared:
    """The request for this attempt, authenticated now. Raises SecretUnavailable."""
    profile = receiver.profile
    headers = {
        "Content-Type": profile.content_type,
        "User-Agent": USER_AGENT,
        **profile.headers,
        "X-Scaling-Source": SCALING_SOURCE,
        "X-Payload-SHA256": delivery.body_sha256,
        "X-Nodescaler-Attempt": str(delivery.attempt),
        "X-Nodescaler-Audit-Head": delivery.audit_head,
        **_key_header(profile.idempotency, delivery.idempotency_key),
    }
    request = Request(profile.method, receiver.url, headers, delivery.body)
    return _authenticated(receiver, request, delivery.idempotency_key, now, deadline)


def prepared_test(receiver: WebhookReceiver, key: str, now: datetime, deadline: Deadline) -> Prepared:
    """A test event as the profile describes it, signed as a real request is. Raises SecretUnavailable."""
    body = receiver.test_body(now.isoformat())
    headers = {
        "Content-Type": receiver.profile.content_type,
        "User-Agent": USER_AGENT,
        **receiver.profile.headers,
        "X-Scaling-Source": SCALING_SOURCE,
        "X-Scaling-Test": "true",
        "X-Payload-SHA256": hashlib.sha256(body).hexdigest(),
        **_key_header(receiver.profile.idempotency, key),
    }
    request = Request(receiver.profile.method, receiver.url, headers, body)
    return _authenticated(receiver, request, key, now, deadline)


def prepared_reading(receiver: WebhookReceiver, url: str, now: datetime, deadline: Deadline) -> Prepared:
    """A GET of an address of the receiver's own origin. Raises SecretUnavailable.

    A signature over a body proves nothing where there is none, so only tokens and AWS signatures are shown.
    """
    headers = {"User-Agent": USER_AGENT, **receiver.profile.headers, "X-Scaling-Source": SCALING_SOURCE}
    request = Request("GET", url, headers)
    if isinstance(receiver.profile.authentication, StandardWebhooks | HubSignature):
        return Prepared(request, ())
    return _authenticated(receiver, request, "", now, deadline)


def _key_header(header: IdempotencyHeader | None, key: str) -> Mapping[str, str]:
    if header is None:
        return {}
    if header.form is KeyForm.BARE:
        return {header.header: key}
    escaped = key.replace("\\", "\\\\").replace('"', '\\"')
    return {header.header: f'"{escaped}"'}


def _authenticated(
    receiver: WebhookReceiver, request: Request, key: str, now: datetime, deadline: Deadline
) -> Prepared:
    secrets = read_all(receiver.secrets, deadline.left())
    authentication, headers, url = receiver.profile.authentication, dict(request.headers), request.url
    match authentication:
        case Bearer() if secrets:
            headers["Authorization"] = f"Bearer {secrets[0]}"
        case RawHeader(name=name) if secrets:
            headers[name] = secrets[0]
        case QueryToken(name=name):
            url = _with_parameter(url, name, secrets[0])
        case StandardWebhooks():
            headers |= standard_webhooks_headers(secrets, key, now, request.body)
        case HubSignature():
            headers["X-Hub-Signature-256"] = hub_signature(secrets[0], request.body)
        case SigV4(service=service):
            headers = dict(signed_headers(request, service, dict(receiver.parameters)[AWS_REGION]))
        case Bearer() | RawHeader() | NoAuthentication():
            # An open receiver is shown nothing.
            secrets = ()
    return Prepared(Request(request.method, url, headers, request.body), secrets)


def _with_parameter(url: str, name: str, value: str) -> str:
    parts = urlsplit(url)
    added = f"{quote(name, safe='')}={quote(value, safe='')}"
    return urlunsplit(parts._replace(query=f"{parts.query}&{added}" if parts.query else added))
