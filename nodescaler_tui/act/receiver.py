"""The receiver: where an approved payload is sent, how we prove who we are, and how it treats a repeat."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final
from urllib.parse import urlsplit


class Repeats(StrEnum):
    """What a receiver does when the same request reaches it twice; this decides what may be sent again."""

    DEDUPLICATES = "deduplicates"
    ABSOLUTE = "absolute"
    FIRES = "fires"


REPEATS_IN_WORDS: Final = {
    Repeats.DEDUPLICATES: "repeats are recognised by our idempotency key",
    Repeats.ABSOLUTE: "a repeat asks for the same number of nodes again",
    Repeats.FIRES: "every call acts: never sent again on its own",
}


class UnsafeReceiver(ValueError):  # noqa: N818 - the sentence is for the operator
    """A receiver that must not be used: why, and what to change."""


@dataclass(frozen=True, slots=True)
class WebhookReceiver:
    """An external provider's webhook. `bearer` and the URL's path and query may hold secrets and are never shown."""

    name: str
    url: str = field(repr=False)
    repeats: Repeats = Repeats.FIRES
    timeout_s: float = 15.0
    bearer: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        parts = urlsplit(self.url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise UnsafeReceiver(f"The receiver {self.name!r} needs a URL that begins with https://.")
        if parts.scheme == "http" and not self.on_loopback:
            raise UnsafeReceiver(
                f"The receiver {self.name!r} is not encrypted: use https:// (http:// is allowed on this machine only)."
            )

    @property
    def host(self) -> str:
        """Host and port, the part of the URL that may be shown."""
        parts = urlsplit(self.url)
        return f"{parts.hostname}:{parts.port}" if parts.port else str(parts.hostname)

    @property
    def on_loopback(self) -> bool:
        """Whether the receiver is on this machine, so that no proxy may stand between."""
        return urlsplit(self.url).hostname in {"127.0.0.1", "::1", "localhost"}

    @property
    def authentication(self) -> str:
        """How we authenticate, in words."""
        return "bearer token" if self.bearer else "none"

    @property
    def version(self) -> str:
        """A fingerprint of everything that decides where a payload goes; a plan made for another one is stale."""
        described = f"{self.name}\n{self.url}\n{self.repeats}\n{bool(self.bearer)}"
        return hashlib.sha256(described.encode()).hexdigest()[:16]
