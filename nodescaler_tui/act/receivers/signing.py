"""Signatures over the exact bytes that are sent: Standard Webhooks 1.0.0, and GitHub's older header."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from nodescaler_tui.act.receivers.secret import SecretUnavailable

SECRET_PREFIX: Final = "whsec_"  # noqa: S105 - what every such secret begins with
SHORTEST_KEY_BYTES: Final = 24
LONGEST_KEY_BYTES: Final = 64


def standard_webhooks_headers(
    secrets: Sequence[str], message_id: str, signed_at: datetime, body: bytes
) -> Mapping[str, str]:
    """The three headers; one `v1` signature for each secret, so that a receiver may change over at its leisure.

    `message_id` stays the same over attempts, the time is that of this attempt. Raises SecretUnavailable when a
    secret is not what the specification asks for: 24 to 64 bytes in Base64, after `whsec_`.
    """
    timestamp = str(int(signed_at.timestamp()))
    content = f"{message_id}.{timestamp}.".encode() + body
    signatures = [_signature(_key(secret), content) for secret in secrets]
    return {"webhook-id": message_id, "webhook-timestamp": timestamp, "webhook-signature": " ".join(signatures)}


def _signature(key: bytes, content: bytes) -> str:
    return f"v1,{base64.b64encode(hmac.digest(key, content, hashlib.sha256)).decode()}"


def _key(secret: str) -> bytes:
    encoded = secret.removeprefix(SECRET_PREFIX)
    try:
        key = base64.b64decode(encoded + "=" * (-len(encoded) % 4), validate=True)
    except binascii.Error:
        key = b""
    if not SHORTEST_KEY_BYTES <= len(key) <= LONGEST_KEY_BYTES:
        raise SecretUnavailable(
            f"A secret for Standard Webhooks is {SECRET_PREFIX} and {SHORTEST_KEY_BYTES} to {LONGEST_KEY_BYTES} "
            "bytes in Base64; the one that is configured is not."
        )
    return key


def hub_signature(secret: str, body: bytes) -> str:
    """The value of X-Hub-Signature-256: HMAC-SHA256 of the body with the secret as it is written."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"
