"""The seam: what every store of the journal offers to whoever acts, verifies, exports or witnesses."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from nodescaler_tui.events import Event, Transaction
from nodescaler_tui.record.rows import BEFORE_ALL, Head, Page, StoredEvent


class StoredTransaction(Transaction, Protocol):
    """One write transaction, and where the chain stands in it."""

    @property
    def head(self) -> Head:
        """The position and hash that the chain ends at, with what was added."""


class StoredJournal(Protocol):
    """The journal as it lies in its store. Each method may block and raises JournalUnavailable, in words."""

    def read(self, after: int = 0) -> Sequence[Event]:
        """Every event with a position above `after`, oldest first."""

    def transaction(self) -> AbstractContextManager[StoredTransaction]:
        """Queue up with all other writers; commit on the way out, roll back when something was raised."""

    def pages(self, after: int = BEFORE_ALL) -> Iterator[Page]:
        """Every row as it lies in the store, oldest first, and at least one page; nothing is locked in between."""

    def stored(self) -> Iterator[StoredEvent]:
        """The same, row by row."""

    def hash_at(self, seq: int) -> str | None:
        """The hash of the event at this position, None when there is none."""

    def head(self) -> Head:
        """The last position and hash."""

    def installation(self) -> str:
        """The installation that the first event names, empty when it is lost."""
