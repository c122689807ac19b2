"""Canonical bytes: the same everywhere, refused where they could not be."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.events import Draft, EventKind
from nodescaler_tui.record.canonical import (
    DEEPEST,
    LARGEST_INTEGER,
    NotCanonical,
    chained_hash,
    document_from,
    event_bytes,
    event_from,
    genesis_hash,
)

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-LARGEST_INTEGER, LARGEST_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.dictionaries(TEXT, VALUES, max_size=4)


def draft(fields: Any = None, *, at: datetime = NOON, operator: str = "ana") -> Draft:  # noqa: ANN401 - wrong values too
    return Draft(EventKind.PLAN_APPROVED, at, operator, "group-1", "operation-1", fields)


def rfc8785(value: object) -> str:
    """The standard, written out by hand from its text for the types that an event may hold."""
    if isinstance(value, dict):
        keys = sorted(value, key=lambda key: key.encode("utf-16-be"))
        return "{" + ",".join(f"{rfc8785(key)}:{rfc8785(value[key])}" for key in keys) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(rfc8785, value)) + "]"
    if isinstance(value, str):
        return '"' + "".join(map(escaped, value)) + '"'
    if value is None or isinstance(value, bool):
        return {None: "null", False: "false", True: "true"}[value]
    return str(value)


def escaped(character: str) -> str:
    short = {"\b": "\\b", "\t": "\\t", "\n": "\\n", "\f": "\\f", "\r": "\\r", '"': '\\"', "\\": "\\\\"}
    if character in short:
        return short[character]
    return f"\\u{ord(character):04x}" if ord(character) < 0x20 else character


@given(FIELDS)
def test_the_bytes_are_those_of_rfc_8785(fields: dict[str, Any]) -> None:
    written = event_bytes(7, draft(fields))
    assert written.decode() == rfc8785(json.loads(written))
    assert json.loads(written)["fields"] == fields


@given(FIELDS)
def test_the_order_of_the_fields_does_not_matter(fields: dict[str, Any]) -> None:
    backwards = dict(reversed(list(fields.items())))
    assert event_bytes(7, draft(fields)) == event_bytes(7, draft(backwards))


@given(FIELDS, st.datetimes(timezones=st.timezones()), TEXT)
def test_an_event_reads_back_as_it_was_written(fields: dict[str, Any], at: datetime, operator: str) -> None:
    if not 1 < at.year < 9999:
        at = NOON
    written = event_bytes(7, draft(fields, at=at, operator=operator))
    event = event_from(written, "ab")
    assert (event.seq, event.hash, event.operator) == (7, "ab", operator)
    # In a zone's repeated hour two times are never equal across zones, so both are compared in UTC.
    assert (event.at, event.fields) == (at.astimezone(UTC), fields)
    assert event.at.utcoffset() == timedelta(0)


def test_keys_are_sorted_by_utf_16_code_units() -> None:
    text = event_bytes(1, draft({"\ufb33": 1, "\U0001f600": 2})).decode()
    assert text.index("\U0001f600") < text.index("\ufb33")


def test_a_moment_is_written_in_utc_whatever_its_zone() -> None:
    local = NOON.astimezone(timezone(timedelta(hours=9)))
    assert event_bytes(1, draft(at=local)) == event_bytes(1, draft())


@pytest.mark.parametrize(
    "value",
    [
        0.5,
        1.0,
        float("nan"),
        LARGEST_INTEGER + 1,
        -LARGEST_INTEGER - 1,
        b"raw",
        bytearray(b"raw"),
        {1, 2},
        NOON,
        object(),
    ],
    ids=lambda value: type(value).__name__,
)
def test_what_has_no_canonical_form_is_refused(value: object) -> None:
    for fields in ({"a": value}, {"a": [value]}, {"a": {"b": value}}):
        with pytest.raises(NotCanonical):
            event_bytes(1, draft(fields))


@given(st.floats())
def test_no_binary_fraction_is_ever_written(fraction: float) -> None:
    with pytest.raises(NotCanonical, match=r"fields\.a\[0\]"):
        event_bytes(1, draft({"a": [fraction]}))


def test_keys_that_are_not_text_are_refused() -> None:
    with pytest.raises(NotCanonical):
        event_bytes(1, draft({1: "a"}))


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(NotCanonical):
        event_bytes(1, draft(at=NOON.replace(tzinfo=None)))


def test_nesting_without_end_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(NotCanonical):
        event_bytes(1, draft({"a": endless}))


def test_nesting_up_to_the_limit_is_written() -> None:
    value: Any = 1
    for _ in range(DEEPEST - 2):
        value = [value]
    assert event_from(event_bytes(1, draft({"a": value})), "").fields == {"a": value}


def test_a_lone_surrogate_costs_a_character_and_not_the_event() -> None:
    fields = {"answer": json.loads('"bad \\ud800 good \\ud83d\\ude00"')}
    event = event_from(event_bytes(1, draft(fields, operator="\udcff")), "")
    assert event.fields == {"answer": "bad \ufffd good \U0001f600"}
    assert event.operator == "\ufffd"


def test_two_keys_that_would_be_written_the_same_are_refused() -> None:
    with pytest.raises(NotCanonical, match="the same"):
        event_bytes(1, draft({chr(lone): lone for lone in (0xD800, 0xD801)}))


class Count(IntEnum):
    TWO = 2


class Name(StrEnum):
    ALPHA = "alpha"


def test_enumerations_are_written_as_their_values() -> None:
    event = event_from(event_bytes(1, draft({"n": Count.TWO, "s": Name.ALPHA})), "")
    assert event.fields == {"n": 2, "s": "alpha"}


def test_the_chain_is_plain_sha_256() -> None:
    beginning = hashlib.sha256(b"nodescaler-tui journal\n" + b"installation-1").hexdigest()
    assert genesis_hash("installation-1") == beginning
    assert chained_hash(beginning, b"{}") == hashlib.sha256(bytes.fromhex(beginning) + b"{}").hexdigest()


@pytest.mark.parametrize(
    "damaged",
    [b"", b"{", b"[]", b"7", b"\xff\xfe", b"{}", b"[" * 100_000, b'{"seq":1}', b'{"seq":1,"fields":{}}'],
    ids=lambda raw: repr(raw[:20]),
)
def test_bytes_that_are_no_event_are_refused(damaged: bytes) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - each has a sentence of its own
        event_from(damaged, "")


@pytest.mark.parametrize("key", ["at", "fields", "group_id", "kind", "operation_id", "operator", "seq"])
@pytest.mark.parametrize("wrong", [None, [], "neither a kind nor a time"], ids=repr)
def test_an_event_with_one_wrong_member_is_refused(key: str, wrong: object) -> None:
    if isinstance(wrong, str) and key in {"group_id", "operation_id", "operator"}:
        wrong = 1
    document = {**document_from(event_bytes(1, draft({}))), key: wrong}
    with pytest.raises(ValueError):  # noqa: PT011 - each has a sentence of its own
        event_from(json.dumps(document).encode(), "")
