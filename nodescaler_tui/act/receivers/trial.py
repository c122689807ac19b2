"""The trial of a receiver: a signed test event where its profile has one, and the bare connection where it has none."""

from __future__ import annotations

import secrets
import time
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urljoin

from nodescaler_tui.act.outcome import Accepted
from nodescaler_tui.act.receiver import WebhookReceiver
from nodescaler_tui.act.receivers.channel import Deadline, Route, connect, exchange
from nodescaler_tui.act.receivers.judging import absolute, outcome_of
from nodescaler_tui.act.receivers.profile import ReadsAddress, SendsEvent, Untestable
from nodescaler_tui.act.receivers.request import Prepared, prepared_reading, prepared_test
from nodescaler_tui.act.receivers.secret import read_all
from nodescaler_tui.act.receivers.template import filled_text


@dataclass(frozen=True, slots=True)
class Answered:
    """The receiver answered the test: how, and whether that is what it says when all is well."""

    status: int
    well: bool
    sentence: str
    route: Route
    latency_s: float


@dataclass(frozen=True, slots=True)
class OnlyConnected:
    """No request was sent, because any may act; the connection stands and the secrets can be read."""

    why: str
    route: Route
    latency_s: float


def tried(receiver: WebhookReceiver, now: datetime) -> Answered | OnlyConnected:
    """Try the receiver without acting. Raises what `exchange` raises, and SecretUnavailable."""
    deadline, began = Deadline(receiver.timeout_s), time.monotonic()
    test = receiver.profile.test
    if isinstance(test, Untestable):
        read_all(receiver.secrets, deadline.left())
        route = connect(receiver.url, receiver.door, deadline)
        return OnlyConnected(test.why, route, time.monotonic() - began)
    return _asked(receiver, _prepared(receiver, test, now, deadline), deadline, now)


def _prepared(
    receiver: WebhookReceiver, test: SendsEvent | ReadsAddress, now: datetime, deadline: Deadline
) -> Prepared:
    if isinstance(test, SendsEvent):
        return prepared_test(receiver, f"test-{secrets.token_hex(8)}", now, deadline)
    names = {f"parameter.{name}": value for name, value in receiver.parameters}
    return prepared_reading(
        receiver, absolute(urljoin(receiver.url, filled_text(test.path, names)), receiver), now, deadline
    )


def _asked(receiver: WebhookReceiver, prepared: Prepared, deadline: Deadline, now: datetime) -> Answered:
    began = time.monotonic()
    answer = exchange(prepared.request, receiver.door, deadline)
    latency_s = time.monotonic() - began
    if isinstance(receiver.profile.test, ReadsAddress):
        well = answer.status == 200
        sentence = "It knows us." if well else f"It answered {answer.status} where 200 means that it knows us."
    else:
        outcome = outcome_of(answer, receiver, prepared.secrets, now)
        well = isinstance(outcome, Accepted)
        sentence = "It took the test event." if isinstance(outcome, Accepted) else outcome.sentence
    return Answered(answer.status, well, sentence, answer.route, latency_s)
