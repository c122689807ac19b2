"""The rows of a journal as they lie in its store, page by page: nothing in them is trusted yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from nodescaler_tui.events import Event, JournalUnavailable
from nodescaler_tui.record.canonical import event_from

PAGE_LENGTH: Final = 1000
BEFORE_ALL: Final = -(2**63)
LOST_HEAD: Final = "The journal has lost its head row. Run `nodescaler-tui audit verify`."


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """A row as it lies in the store: for verification and export, which trust nothing that was parsed."""

    seq: int
    hash: str
    canonical: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """The last position and hash that a committed transaction left behind."""

    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Page:
    """Rows that follow one another, and the head as it was at the same moment (None when the store has lost it)."""

    rows: tuple[StoredEvent, ...]
    head: Head | None

    @property
    def last(self) -> bool:
        """Whether nothing came after these rows when they were read."""
        return len(self.rows) < PAGE_LENGTH


def events_in(rows: Iterable[StoredEvent]) -> list[Event]:
    """Read rows as events. Raises JournalUnavailable, naming the position, for one that is none."""
    events: list[Event] = []
    for row in rows:
        try:
            events.append(event_from(row.canonical, row.hash))
        except ValueError as error:
            raise JournalUnavailable(
                f"The event at position {row.seq} cannot be read. Run `nodescaler-tui audit verify`."
            ) from error
    return events
