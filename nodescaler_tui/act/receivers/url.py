"""A receiver's URL: what can be told from what is written, without asking a resolver."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import SplitResult, urlsplit

from nodescaler_tui.act.receivers.address import is_this_machine

_WELL_FORMED_HOST: Final = re.compile(r"[a-z0-9.:_-]+")


class UnsafeReceiver(ValueError):  # noqa: N818 - the sentence is for the operator
    """A receiver that must not be used: why, and what to change."""


def check_url(name: str, url: str) -> None:
    """Raises UnsafeReceiver, which names the receiver, for a URL that could not be used safely."""
    if any(character.isspace() or not character.isprintable() for character in url):
        raise UnsafeReceiver(f"The URL of the receiver {name!r} has spaces or control characters in it.")
    parts = _split(url)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UnsafeReceiver(f"The receiver {name!r} needs a URL that begins with https://.")
    if parts.username is not None or parts.password is not None or parts.fragment:
        raise UnsafeReceiver(
            f"The URL of the receiver {name!r} has a user or a fragment in it; give secrets as `secrets`."
        )
    if not _WELL_FORMED_HOST.fullmatch(parts.hostname):
        raise UnsafeReceiver(f"The receiver {name!r} needs a host in ASCII; write a foreign one as xn--….")
    if parts.scheme == "http" and not is_this_machine(parts.hostname):
        raise UnsafeReceiver(
            f"The receiver {name!r} is not encrypted: use https:// (http:// is allowed on this machine only)."
        )


def _split(url: str) -> SplitResult | None:
    """The parts of the URL, None when its host or port cannot be read."""
    try:
        parts, port = urlsplit(url), urlsplit(url).port
    except ValueError:
        return None
    return None if port == 0 else parts
