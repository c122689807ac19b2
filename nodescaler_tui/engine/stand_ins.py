"""Stand-ins for what could not be had, so that everything known is still shown, and nothing is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime

from nodescaler_tui.act.outcome import NotProcessed, Outcome, Report, StatusReport
from nodescaler_tui.act.webhook import Delivery
from nodescaler_tui.engine.receiver_choice import NO_RECEIVER
from nodescaler_tui.events import Event, JournalUnavailable, Transaction
from nodescaler_tui.record.rows import StoredEvent


class UnusableJournal:
    """Stands in for a journal that could not be opened: everything known is shown, and nothing can be approved."""

    def __init__(self, sentence: str) -> None:
        self._sentence = sentence

    def read(self, after: int = 0) -> Sequence[Event]:  # noqa: ARG002 - the protocol's own argument
        """Always raises JournalUnavailable."""
        raise JournalUnavailable(self._sentence)

    def stored(self) -> Iterable[StoredEvent]:
        """Always raises JournalUnavailable."""
        raise JournalUnavailable(self._sentence)

    @contextmanager
    def transaction(self) -> Iterator[Transaction]:
        """Always raises JournalUnavailable."""
        raise JournalUnavailable(self._sentence)
        yield  # type: ignore[unreachable]  # makes this a generator, as the protocol wants


class NobodyToSendTo:
    """Stands in for a receiver that is not configured any more, should an operation still be open."""

    def send(self, delivery: Delivery, now: datetime) -> Outcome:  # noqa: ARG002 - the protocol's own arguments
        """Nothing can have been done."""
        return NotProcessed(f"Nothing was sent: {NO_RECEIVER}.")

    def poll_status(self, status_url: str, now: datetime) -> StatusReport:  # noqa: ARG002 - as above
        """There is nobody to ask."""
        return StatusReport(Report.UNREADABLE, f"Nobody can be asked: {NO_RECEIVER}.")
