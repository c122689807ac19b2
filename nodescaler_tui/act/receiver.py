"""The receiver: where an approved payload is sent, how we prove who we are, and how it treats a repeat."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

import msgspec

from nodescaler_tui.act.receivers.address import is_this_machine
from nodescaler_tui.act.receivers.authentication import in_words, needs_secret
from nodescaler_tui.act.receivers.catalogue import PLAIN, shipped_profile
from nodescaler_tui.act.receivers.channel import Door
from nodescaler_tui.act.receivers.profile import Profile, SendsEvent
from nodescaler_tui.act.receivers.profile import Repeats as Repeats
from nodescaler_tui.act.receivers.secret import SecretSource
from nodescaler_tui.act.receivers.template import Template, payload_values
from nodescaler_tui.act.receivers.tls import TlsFiles
from nodescaler_tui.act.receivers.url import UnsafeReceiver as UnsafeReceiver
from nodescaler_tui.act.receivers.url import check_url

REPEATS_IN_WORDS: Final = {
    Repeats.DEDUPLICATES: "repeats are recognised by our idempotency key",
    Repeats.ABSOLUTE: "a repeat asks for the same number of nodes again",
    Repeats.FIRES: "every call acts: never sent again on its own",
}


@dataclass(frozen=True, slots=True)
class WebhookReceiver:
    """An external provider's webhook. The URL's path and query may hold secrets and are never shown.

    `secrets` are sources, read at each attempt, the newest first. `allow_hosts` names hosts that may be reached
    although their addresses are not public. `allows_scale_down` says that it may be asked for fewer nodes. Raises
    UnsafeReceiver for what could not be used safely.
    """

    name: str
    url: str = field(repr=False)
    repeats: Repeats = Repeats.FIRES
    timeout_s: float = 15.0
    profile: Profile = field(default_factory=lambda: shipped_profile(PLAIN), repr=False)
    secrets: tuple[SecretSource, ...] = field(default=(), repr=False)
    parameters: tuple[tuple[str, str], ...] = ()
    allow_hosts: tuple[str, ...] = ()
    tls: TlsFiles = field(default_factory=TlsFiles)
    allows_scale_down: bool = False

    def __post_init__(self) -> None:
        check_url(self.name, self.url)
        if needs_secret(self.profile.authentication) and not self.secrets:
            raise UnsafeReceiver(
                f"The receiver {self.name!r} needs a secret: its profile {self.profile.name!r} authenticates with a "
                f"{in_words(self.profile.authentication, 1)}."
            )
        self._check_parameters()

    def _check_parameters(self) -> None:
        given, needed = {name for name, _ in self.parameters}, set(self.profile.parameters)
        for name in sorted(needed - given):
            raise UnsafeReceiver(
                f"The receiver {self.name!r} needs the parameter {name!r}: {self.profile.parameters[name]}."
            )
        for name in sorted(given - needed):
            raise UnsafeReceiver(
                f"The receiver {self.name!r} has the parameter {name!r}, which its profile {self.profile.name!r} lacks."
            )

    @property
    def host(self) -> str:
        """Host and port, the part of the URL that may be shown."""
        parts = urlsplit(self.url)
        host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else str(parts.hostname)
        return f"{host}:{parts.port}" if parts.port else host

    @property
    def on_loopback(self) -> bool:
        """Whether the receiver is on this machine by what its URL says."""
        return is_this_machine(str(urlsplit(self.url).hostname))

    @property
    def authentication(self) -> str:
        """How we authenticate, in words."""
        parts = [in_words(self.profile.authentication, len(self.secrets)), self.tls.in_words]
        shown = [part for part in parts if part and part != "none"]
        return " and ".join(shown) or "none"

    @property
    def door(self) -> Door:
        """What may be reached on its behalf."""
        return Door(self.allow_hosts, self.tls)

    @property
    def version(self) -> str:
        """A fingerprint of everything that decides where a payload goes; a plan made for another one is stale."""
        described = [
            self.name,
            self.url,
            self.repeats.value,
            msgspec.json.encode(self.profile).decode(),
            [[source.kind, source.place, source.user, *source.command] for source in self.secrets],
            list(self.parameters),
            list(self.allow_hosts),
            [self.tls.ca_file, self.tls.client_certificate, self.tls.client_key],
        ]
        return hashlib.sha256(msgspec.json.encode(described)).hexdigest()[:16]

    def wire_body(self, payload: bytes) -> bytes:
        """The bytes that go out for this payload: its own, or those that the profile's shape makes of it.

        The same payload always gives the same bytes, so they can be shown, approved, stored and hashed.
        """
        if self.profile.body is None:
            return payload
        return Template(self.profile.body.template).fill(payload_values(payload, dict(self.parameters)))

    def test_body(self, now: str) -> bytes:
        """The body of an event on which the receiver does nothing, empty where the profile has none."""
        test = self.profile.test
        if not isinstance(test, SendsEvent):
            return b""
        parameters = {f"parameter.{name}": value for name, value in self.parameters}
        return Template(test.body).fill({"now": now, **parameters})
