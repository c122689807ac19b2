"""Story words: the recorded fields of an event as the screens write numbers. Pure.

What is recorded stays exact in the journal and in every export; here a fraction becomes a percentage. A moment stays
ISO 8601 in UTC, because only the terminal knows in which zone its operator reads it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nodescaler_tui.decide.signals import is_utilization
from nodescaler_tui.decide.wording import percent
from nodescaler_tui.events import FieldValue

_FRACTIONS: Final = frozenset({"cpu", "memory", "cpu_warning", "cpu_critical", "memory_warning", "memory_critical"})


def field_words(name: str, value: FieldValue) -> str:
    """One recorded field as text; a list becomes its entries, an object its names with their values."""
    if isinstance(value, str):
        return _percent(value) if name in _FRACTIONS else value
    if isinstance(value, list | tuple):
        return "; ".join(field_words(name, entry) for entry in value)
    if isinstance(value, Mapping):
        return _object_words(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value is None:
        return "–"
    return f"{value} ({value / 1000:.1f} s)" if name.endswith("_ms") and isinstance(value, int) else str(value)


def _object_words(entry: Mapping[str, FieldValue]) -> str:
    """A measurement is told by the name of its signal, every other object field by field."""
    signal, value = entry.get("signal"), entry.get("value")
    if not isinstance(signal, str) or not isinstance(value, str):
        return ", ".join(f"{name} {field_words(name, each)}" for name, each in entry.items())
    rest = {name: each for name, each in entry.items() if name not in {"signal", "value"} and each != ""}
    return ", ".join([f"{signal} {field_words(signal, value)}", *(f"{name} {each}" for name, each in rest.items())])


def change_words(old: FieldValue, new: FieldValue) -> str:
    """What differs between two recorded matrices, old to new; empty where they are none."""
    if not isinstance(old, Mapping) or not isinstance(new, Mapping):
        return ""
    return ", ".join(
        f"{name.replace('_', ' ')} {_from_to(name, old.get(name), value)}"
        for name, value in new.items()
        if old.get(name) != value
    )


def _from_to(name: str, old: FieldValue, new: FieldValue) -> str:
    """A change too small for a percentage is told as it was recorded."""
    before, after = field_words(name, old), field_words(name, new)
    return f"{old} → {new}" if before == after else f"{before} → {after}"


def _percent(text: str) -> str:
    """A fraction in the product's one way of writing it; what is none stays as it was recorded."""
    try:
        value = float(text)
    except ValueError:
        return text
    return percent(value) if is_utilization(value) else text
