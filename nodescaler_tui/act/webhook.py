"""The webhook: one request of the approved bytes. It sends once and reports; whether again is not decided here."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Protocol

from nodescaler_tui.act.outcome import NotProcessed, Outcome, Report, StatusReport, Unknown
from nodescaler_tui.act.receiver import WebhookReceiver
from nodescaler_tui.act.receivers.address import AddressRefused
from nodescaler_tui.act.receivers.channel import Broken, Deadline, NotSent, exchange
from nodescaler_tui.act.receivers.judging import absolute, outcome_of
from nodescaler_tui.act.receivers.request import Delivery as Delivery
from nodescaler_tui.act.receivers.request import prepared_delivery, prepared_reading
from nodescaler_tui.act.receivers.secret import SecretUnavailable
from nodescaler_tui.act.receivers.status import report_of
from nodescaler_tui.act.receivers.tls import UnusableCertificate

NOTHING_SENT: Final = (SecretUnavailable, UnusableCertificate, AddressRefused, NotSent)


class Sender(Protocol):
    """Sends one delivery and says what it came to. Never raises for what a network or a receiver does."""

    def send(self, delivery: Delivery, now: datetime) -> Outcome:
        """Blocks for at most the receiver's timeout, so it may not run on an event loop."""

    def poll_status(self, status_url: str, now: datetime) -> StatusReport:
        """Look once at the job's status; blocks as `send` does."""


class HttpSender:
    """Sends over HTTP, to checked addresses, without redirects, with one deadline over everything that it takes."""

    def __init__(self, receiver: WebhookReceiver) -> None:
        self._receiver = receiver

    def send(self, delivery: Delivery, now: datetime) -> Outcome:
        """Send the bytes once. Until the first of them has left this machine a failure is certain; then nothing is.

        The deadline covers secrets, the resolver, the connection and the whole answer, and nothing is written after
        it: a process that was frozen in between sends nothing when it wakes.
        """
        receiver, deadline = self._receiver, Deadline(self._receiver.timeout_s)
        try:
            prepared = prepared_delivery(receiver, delivery, now, deadline)
            answer = exchange(prepared.request, receiver.door, deadline)
        except NOTHING_SENT as error:
            return NotProcessed(str(error))
        except Broken as error:
            return Unknown(str(error))
        return outcome_of(answer, receiver, prepared.secrets, now)

    def poll_status(self, status_url: str, now: datetime) -> StatusReport:
        """Read the status of an accepted job, of the receiver's own origin only, with the caps of sending."""
        receiver, deadline = self._receiver, Deadline(self._receiver.timeout_s)
        url = absolute(status_url, receiver)
        if not url:
            return StatusReport(Report.UNREADABLE, "The status page is not at the receiver's own address.")
        try:
            prepared = prepared_reading(receiver, url, now, deadline)
            answer = exchange(prepared.request, receiver.door, deadline)
        except (*NOTHING_SENT, Broken) as error:
            return StatusReport(Report.UNREADABLE, f"The status page cannot be read: {error}")
        return report_of(answer, receiver.profile.status, prepared.secrets, now)
