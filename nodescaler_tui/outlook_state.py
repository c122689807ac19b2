"""The part of State that looks ahead: what the next hour may bring to a node group, and whether to believe it."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

from nodescaler_tui.decide.forecast.outlook import Likelihood as Likelihood
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.display_text import EMPTY, DisplayText


class CrossingState(Struct, frozen=True, gc=False):
    """One limit: the probability that it is crossed within 15, 30 and 60 minutes, and between when and when.

    Between `earliest_at` and `latest_at` lies the middle half of the crossings; both are None where none is even
    possible. `expected_at` is their median, None while no crossing within the hour is more likely. `reached` says that
    the limit is reached now; then the probabilities are 1, and there is no time.
    """

    limit: float
    within: tuple[float, float, float]
    earliest_at: datetime | None
    latest_at: datetime | None
    expected_at: datetime | None
    likelihood: Likelihood | None
    reached: bool = False


class SignalOutlook(Struct, frozen=True, gc=False):
    """One signal, for each node that is in service now: fractions for CPU and memory, sessions for each node.

    `expected`, `lowest` and `highest` are the best guess and the 90 % band in 15, 30 and 60 minutes; empty, like the
    crossings, while there is not enough history. `why` is the evidence, or how much history is missing; `doubt` says
    that forecasts of this signal were wrong lately, or that this one is by now; `alert` that a breach is announced.
    """

    signal: SignalName
    why: DisplayText
    expected: tuple[float, ...] = ()
    lowest: tuple[float, ...] = ()
    highest: tuple[float, ...] = ()
    warning: CrossingState | None = None
    critical: CrossingState | None = None
    doubt: DisplayText = EMPTY
    alert: bool = False


class OutlookState(Struct, frozen=True, gc=False):
    """The next hour of one node group, beginning with `begins_at`; the signals in their usual order.

    `made_at` is when the newest value that it was made from was read.
    """

    made_at: datetime
    begins_at: datetime
    signals: tuple[SignalOutlook, ...]

    def at(self, ahead_s: float) -> datetime:
        """The moment that lies so many seconds ahead of the forecast's begin."""
        return self.begins_at + timedelta(seconds=ahead_s)

    @property
    def foresees(self) -> bool:
        """Whether anything is foreseen of any signal."""
        return any(signal.critical is not None for signal in self.signals)

    @property
    def soonest(self) -> tuple[datetime, SignalOutlook] | None:
        """The signal that is expected to turn critical first, and when; None when none is."""
        expected = [
            (signal.critical.expected_at, signal)
            for signal in self.signals
            if signal.critical is not None and signal.critical.expected_at is not None
        ]
        return min(expected, key=lambda found: found[0], default=None)

    def signal(self, name: SignalName) -> SignalOutlook | None:
        """One signal; None when it is switched off."""
        return next((signal for signal in self.signals if signal.signal is name), None)
