"""Marks: what people did, for the time axis of the plots: a scale-up was approved, a threshold was changed. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nodescaler_tui.decide.signals import Level
from nodescaler_tui.display_text import DisplayText, display_text
from nodescaler_tui.events import Event, EventKind

EXPECTED_SYMBOLS: Final = {Level.WARNING: "⋄", Level.CRITICAL: "◇"}
"""For what nobody did and nobody can yet know: where a forecast expects a limit to be crossed."""

MOST_KEPT: Final = 1000

SYMBOLS: Final = {EventKind.PLAN_APPROVED: "▲", EventKind.THRESHOLDS_CHANGED: "◆"}


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that was done to a group, or to all groups when `group_id` is empty."""

    at: datetime
    group_id: str
    symbol: str
    words: DisplayText

    def concerns(self, group_id: str) -> bool:
        """Whether it belongs on this group's plots."""
        return self.group_id in {"", group_id}


def mark_of(event: Event) -> Mark | None:
    """The mark that this event leaves, or None."""
    if event.kind is EventKind.PLAN_APPROVED:
        words = f"scale-up approved by {event.operator}"
    elif event.kind is EventKind.THRESHOLDS_CHANGED:
        words = f"thresholds changed by {event.operator}: {event.fields.get('summary', '')}"
    else:
        return None
    return Mark(event.at, event.group_id, SYMBOLS[event.kind], display_text(words))


@dataclass(frozen=True, slots=True)
class Marks:
    """The newest marks, oldest first. It is replaced as a whole, so plots can be drawn while events are taken in."""

    kept: tuple[Mark, ...] = ()

    def after(self, events: Iterable[Event]) -> Marks:
        """With what these events leave."""
        new = [mark for event in events for mark in (mark_of(event),) if mark is not None]
        return Marks((*self.kept, *new)[-MOST_KEPT:]) if new else self

    def on(self, group_id: str) -> tuple[Mark, ...]:
        """Those that belong on this group's plots."""
        return tuple(mark for mark in self.kept if mark.concerns(group_id))
