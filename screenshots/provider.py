"""The provider's address: the simulated one listens wherever there is room, and the pictures name one place."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit, urlunsplit

from nodescaler_tui.act.outcome import Accepted, Outcome, StatusReport
from nodescaler_tui.act.receiver import WebhookReceiver
from nodescaler_tui.act.webhook import Delivery, HttpSender, Sender
from nodescaler_tui.simulator.provider import SCALE

SHOWN: Final = "127.0.0.1:8080"
SHOWN_URL: Final = f"http://{SHOWN}{SCALE}"


def at(url: str, place: str) -> str:
    """The same URL at another host and port."""
    return urlunsplit(urlsplit(url)._replace(netloc=place))


class Forwarding:
    """Sends what is meant for the shown place to the real one, and names the shown one in what comes back."""

    def __init__(self, receiver: WebhookReceiver, place: str) -> None:
        self._sender = HttpSender(replace(receiver, url=at(receiver.url, place)))
        self._place = place

    def send(self, delivery: Delivery, now: datetime) -> Outcome:
        """Send once."""
        outcome = self._sender.send(delivery, now)
        if isinstance(outcome, Accepted) and outcome.status_url:
            return replace(outcome, status_url=at(outcome.status_url, SHOWN))
        return outcome

    def poll_status(self, status_url: str, now: datetime) -> StatusReport:
        """Look once at the job."""
        return self._sender.poll_status(at(status_url, self._place), now)


def forwarding_to(webhook: str) -> Callable[[WebhookReceiver], Sender]:
    """What makes a sender that reaches the simulated provider here."""
    return lambda receiver: Forwarding(receiver, urlsplit(webhook).netloc)
