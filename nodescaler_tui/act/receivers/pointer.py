"""JSON pointers (RFC 6901): where in an answer a profile looks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def is_pointer(text: str) -> bool:
    """Whether this is a pointer into a document; the whole document ("") is none of our uses."""
    return text.startswith("/")


def value_at(document: object, pointer: str) -> object:
    """The value that the pointer names, None where there is none."""
    value = document
    for token in pointer.split("/")[1:]:
        value = _child(value, token.replace("~1", "/").replace("~0", "~"))
    return value


def _child(value: object, name: str) -> object:
    if isinstance(value, Mapping):
        return value.get(name)
    if isinstance(value, Sequence) and not isinstance(value, str) and name.isascii() and name.isdigit():
        index = int(name[:9])
        return value[index] if index < len(value) else None
    return None


def escaped(name: str) -> str:
    """A name as one token of a pointer."""
    return name.replace("~", "~0").replace("/", "~1")
