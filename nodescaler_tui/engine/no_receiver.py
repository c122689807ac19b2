"""The stand-in for a receiver that is not configured any more: nothing is sent, and it says so."""

from __future__ import annotations

from datetime import datetime

from nodescaler_tui.act.outcome import NotProcessed, Outcome, Report, StatusReport
from nodescaler_tui.act.webhook import Delivery
from nodescaler_tui.engine.receiver_choice import NO_RECEIVER


class NobodyToSendTo:
    """Stands in for a receiver that is not configured any more, should an operation still be open."""

    def send(self, delivery: Delivery, now: datetime) -> Outcome:  # noqa: ARG002 - the protocol's own arguments
        """Nothing can have been done."""
        return NotProcessed(f"Nothing was sent: {NO_RECEIVER}.")

    def poll_status(self, status_url: str, now: datetime) -> StatusReport:  # noqa: ARG002 - as above
        """There is nobody to ask."""
        return StatusReport(Report.UNREADABLE, f"Nobody can be asked: {NO_RECEIVER}.")
