"""Canonical bytes: one way, and only one, in which an event is written down, so that its hash can be recomputed.

Sorted keys, no spaces, UTF-8, no binary fractions and no integers beyond 2^53: within these limits the bytes are equal
to RFC 8785 by construction, and any JSON library can reproduce them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final

from nodescaler_tui.events import Draft, Event, EventKind, FieldValue

LARGEST_INTEGER: Final = 2**53
GENESIS_SALT: Final = b"nodescaler-tui journal\n"


class NotCanonical(ValueError):  # noqa: N818 - named for what the value is
    """A value that has no canonical form: which one, and why."""


def genesis_hash(installation: str) -> str:
    """What the first event is chained to; it binds the chain to one installation."""
    return hashlib.sha256(GENESIS_SALT + installation.encode()).hexdigest()


def event_bytes(seq: int, draft: Draft) -> bytes:
    """The canonical bytes of an event at this position. Raises NotCanonical."""
    document = {
        "at": draft.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "fields": _plain(draft.fields or {}, "fields"),
        "group_id": draft.group_id,
        "kind": draft.kind.value,
        "operation_id": draft.operation_id,
        "operator": draft.operator,
        "seq": seq,
    }
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def chained_hash(previous: str, canonical: bytes) -> str:
    """The hash of an event: SHA-256 over the hash before it (32 bytes) and its own canonical bytes."""
    return hashlib.sha256(bytes.fromhex(previous) + canonical).hexdigest()


def event_from(canonical: bytes, hash_in_chain: str) -> Event:
    """Read an event back from its bytes. Raises ValueError when they are not those of an event."""
    document: dict[str, Any] = json.loads(canonical)
    try:
        return Event(
            seq=document["seq"],
            hash=hash_in_chain,
            kind=EventKind(document["kind"]),
            at=datetime.fromisoformat(document["at"]),
            operator=document["operator"],
            group_id=document["group_id"],
            operation_id=document["operation_id"],
            fields=document["fields"],
        )
    except (KeyError, TypeError) as error:
        raise ValueError(f"these bytes are not an event: {error}") from error


def _plain(value: FieldValue, where: str) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise NotCanonical(f"{where} is beyond 2^53")
        return value
    if isinstance(value, str):
        return _text(value, where)
    if isinstance(value, Mapping):
        return {_text(key, where): _plain(entry, f"{where}.{key}") for key, entry in value.items()}
    if isinstance(value, Sequence):
        return [_plain(entry, f"{where}[{index}]") for index, entry in enumerate(value)]
    raise NotCanonical(f"{where} is a {type(value).__name__}, which has no canonical form")


def _text(value: object, where: str) -> str:
    """Text that UTF-8 can carry: a lone surrogate would make bytes that nobody else can reproduce."""
    if not isinstance(value, str):
        raise NotCanonical(f"{where} has a key that is not text")
    return value.encode("utf-8", errors="replace").decode()
