"""What those who carry operations out are given of the world: everything that a simulation replaces."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from nodescaler_tui.act.holder import Liveness
from nodescaler_tui.act.operation import Operation
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.act.verification import VerificationPolicy, VerificationSample
from nodescaler_tui.act.webhook import Sender
from nodescaler_tui.clock import steady_s
from nodescaler_tui.events import Journal

SEND_WITHIN_S: Final = 5.0
MARGIN_S: Final = 5.0
AUTO_PAUSE_AFTER: Final = 3
AUTO_PAUSE_S: Final = 1800.0


def any_operation(_: Operation) -> bool:
    """Where all processes are this machine's, each has what it takes to carry on with any operation."""
    return True


def nobody_named() -> str:
    """Where all processes are one user's, nobody needs to be named."""
    return ""


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The journal, the receiver, the live figures, the clocks and chance; `timeout_s` bounds one attempt.

    `can_carry` says whether this process has what it takes to carry on with another's operation, such as its receiver.
    `carrier` says whose process this is to a shared store; empty on a machine of one's own.
    """

    journal: Journal
    sender: Sender
    repeats: Repeats
    sample: Callable[[Operation], VerificationSample]
    holder: Liveness
    policy: VerificationPolicy
    clock: Callable[[], datetime]
    timeout_s: float = 15.0
    monotonic: Callable[[], float] = steady_s
    jitter: Callable[[], float] = random.random
    can_carry: Callable[[Operation], bool] = any_operation
    carrier: Callable[[], str] = nobody_named

    @property
    def settle_delay_s(self) -> float:
        """How long a request of unknown outcome may still be under way: held up before sending, sent, and a margin."""
        return SEND_WITHIN_S + self.timeout_s + MARGIN_S


@dataclass(frozen=True, slots=True)
class NextStep:
    """When the operation wants to be stepped again; None when nothing more will happen on its own.

    `asks_operator` says that it will not end by itself: what is known now is all, and a person has to decide.
    """

    at: datetime | None
    asks_operator: bool = False
