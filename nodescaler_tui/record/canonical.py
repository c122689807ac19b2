"""Canonical bytes: one way, and only one, in which an event is written down, so that its hash can be recomputed.

Sorted keys, no spaces, UTF-8, no binary fractions and no integers beyond 2^53: within these limits the bytes are equal
to RFC 8785 by construction, and any JSON library can reproduce them.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

from nodescaler_tui.events import Draft, Event, EventKind, FieldValue

LARGEST_INTEGER: Final = 2**53
DEEPEST: Final = 32
GENESIS_SALT: Final = b"nodescaler-tui journal\n"


class NotCanonical(ValueError):  # noqa: N818 - named for what the value is
    """A value that has no canonical form: which one, and why."""


def genesis_hash(installation: str) -> str:
    """What the first event is chained to; it binds the chain to one installation."""
    return hashlib.sha256(GENESIS_SALT + installation.encode()).hexdigest()


def event_bytes(seq: int, draft: Draft) -> bytes:
    """The canonical bytes of an event at this position. Raises NotCanonical."""
    if draft.at.utcoffset() is None:
        raise NotCanonical("at has no time zone, so it names no moment")
    document: dict[str, FieldValue] = {
        "at": draft.at.astimezone(UTC).isoformat(timespec="microseconds"),
        "fields": draft.fields or {},
        "group_id": draft.group_id,
        "kind": draft.kind.value,
        "operation_id": draft.operation_id,
        "operator": draft.operator,
        "seq": seq,
    }
    return json.dumps(_plain(document, "event", 0), separators=(",", ":"), ensure_ascii=False).encode()


def chained_hash(previous: str, canonical: bytes) -> str:
    """The hash of an event: SHA-256 over the hash before it (32 bytes) and its own canonical bytes."""
    return hashlib.sha256(bytes.fromhex(previous) + canonical).hexdigest()


def document_from(canonical: bytes) -> dict[str, FieldValue]:
    """The JSON object in these bytes, whatever is in it. Raises ValueError when there is none."""
    try:
        document = json.loads(canonical)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
    if not isinstance(document, dict):
        raise ValueError("it is not an object")
    return document


def event_from(canonical: bytes, hash_in_chain: str) -> Event:
    """Read an event back from its bytes. Raises ValueError when they are not those of an event."""
    document = document_from(canonical)
    seq, fields = document.get("seq"), document.get("fields")
    if not isinstance(seq, int) or not isinstance(fields, dict):
        raise ValueError("it has no position or no fields")
    return Event(
        seq=seq,
        hash=hash_in_chain,
        kind=EventKind(_text_in(document, "kind")),
        at=datetime.fromisoformat(_text_in(document, "at")),
        operator=_text_in(document, "operator"),
        group_id=_text_in(document, "group_id"),
        operation_id=_text_in(document, "operation_id"),
        fields=fields,
    )


def _text_in(document: Mapping[str, FieldValue], key: str) -> str:
    value = document.get(key)
    if not isinstance(value, str):
        raise ValueError(f"its {key} is not text")
    return value


def _plain(value: object, where: str, depth: int) -> object:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        if abs(value) > LARGEST_INTEGER:
            raise NotCanonical(f"{where} is beyond 2^53")
        return int(value)
    if isinstance(value, str):
        return _encodable(value)
    if depth > DEEPEST:
        raise NotCanonical(f"{where} is nested too deeply")
    if isinstance(value, Mapping):
        return _sorted(value, where, depth)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray | memoryview):
        return [_plain(entry, f"{where}[{index}]", depth + 1) for index, entry in enumerate(value)]
    raise NotCanonical(f"{where} is a {type(value).__name__}, which has no canonical form")


def _sorted(entries: Mapping[object, object], where: str, depth: int) -> dict[str, object]:
    """Keys in the order of their UTF-16 code units, as RFC 8785 wants; beyond the basic plane that is not Python's."""
    plain: dict[str, object] = {}
    for key, entry in entries.items():
        if not isinstance(key, str):
            raise NotCanonical(f"{where} has a key that is not text")
        name = _encodable(key)
        if name in plain:
            raise NotCanonical(f"{where} has two keys that are written the same")
        plain[name] = _plain(entry, f"{where}.{name}", depth + 1)
    return dict(sorted(plain.items(), key=lambda item: item[0].encode("utf-16-be")))


def _encodable(text: str) -> str:
    """Text that UTF-8 can carry. A lone surrogate, which a webhook's JSON may hold, must not cost the event.

    It becomes U+FFFD; two that belong together become the character that they stand for.
    """
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return str(text)
