"""Body templates: JSON in which a receiver's own shape is written around the seven fields.

A template is parsed as JSON first and filled in afterwards, so no value can break out of its place.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

_PLACEHOLDER: Final = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")


class InvalidTemplate(ValueError):  # noqa: N818 - named for what it is about
    """A template that cannot be filled in: where, and why."""


class Template:
    """One template. Raises InvalidTemplate when it is not JSON or uses a form that does not exist."""

    def __init__(self, text: str) -> None:
        try:
            self._document: object = json.loads(text)
        except ValueError as error:
            raise InvalidTemplate(f"the template is not JSON: {error}") from None
        self.names = frozenset(name for string in _strings(self._document) for name in _names(string))

    def fill(self, values: Mapping[str, Any]) -> bytes:
        """Compact JSON with sorted keys in UTF-8. Raises InvalidTemplate for a name that has no value."""
        filled = _filled(self._document, values)
        return json.dumps(filled, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def payload_values(payload: bytes, parameters: Mapping[str, str]) -> dict[str, Any]:
    """What a template may name for this payload: the whole, each field, its text and digest, and the parameters."""
    fields = json.loads(payload)
    return {
        "payload": fields,
        "payload_text": payload.decode(),
        "payload_sha256": hashlib.sha256(payload).hexdigest(),
        **{f"payload.{name}": value for name, value in fields.items()},
        **{f"parameter.{name}": value for name, value in parameters.items()},
    }


def filled_text(text: str, values: Mapping[str, Any], escape: Callable[[str], str] = str) -> str:
    """A line of text with its placeholders filled in, each value escaped for where it goes."""
    return _PLACEHOLDER.sub(lambda found: escape(_as_text(_value(found, values))), text)


def _strings(node: object) -> Iterator[str]:
    if isinstance(node, str):
        yield node
    children = node.values() if isinstance(node, dict) else node if isinstance(node, list) else ()
    for child in children:
        yield from _strings(child)


def _names(string: str) -> Iterator[str]:
    for name, form in _PLACEHOLDER.findall(string):
        if form not in _FORMS:
            raise InvalidTemplate(f"the form {form!r} of {name!r} does not exist; there are json and hcl")
        yield name


def _filled(node: object, values: Mapping[str, Any]) -> object:
    if isinstance(node, dict):
        return {name: _filled(child, values) for name, child in node.items()}
    if isinstance(node, list):
        return [_filled(child, values) for child in node]
    if not isinstance(node, str):
        return node
    alone = _PLACEHOLDER.fullmatch(node)
    return _value(alone, values) if alone else filled_text(node, values)


def _value(found: re.Match[str], values: Mapping[str, Any]) -> object:
    name, form = found.group(1), found.group(2) or ""
    if name not in values:
        raise InvalidTemplate(f"{name!r} is not something that can be filled in here")
    return _FORMS[form](values[name])


def _as_text(value: object) -> str:
    return value if isinstance(value, str) else _json_text(value)


def _json_text(value: object) -> str:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _hcl_text(value: object) -> str:
    """A literal of HashiCorp's language: JSON with each opening of an interpolation doubled."""
    return _json_text(value).replace("${", "$${").replace("%{", "%%{")


_FORMS: Final[Mapping[str, Callable[[Any], object]]] = {"": lambda value: value, "json": _json_text, "hcl": _hcl_text}
