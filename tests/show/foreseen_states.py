"""States in which a breach is foreseen: a likely one, one that is doubted, and none yet for want of history."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.outlook_state import CrossingState, Likelihood, OutlookState, SignalOutlook
from tests.show.states import CALM, CRITICAL, NOW, STALE, WARNING, ago, fleet

LIKELY: Final = CrossingState(
    limit=0.9,
    within=(0.31, 0.64, 0.78),
    earliest_at=NOW + timedelta(minutes=12),
    latest_at=NOW + timedelta(minutes=25),
    expected_at=NOW + timedelta(minutes=18),
    likelihood=Likelihood.LIKELY,
)
UNLIKELY: Final = CrossingState(0.95, (0.01, 0.02, 0.05), None, None, None, None)
FORESEEN_CPU: Final = SignalOutlook(
    signal=SignalName.CPU,
    why=DisplayText("14 of 20 similar hours crossed 90 %"),
    expected=(0.86, 0.91, 0.94),
    lowest=(0.82, 0.84, 0.83),
    highest=(0.9, 0.96, 1.0),
    warning=msgspec.structs.replace(LIKELY, limit=0.75, within=(1.0, 1.0, 1.0)),
    critical=LIKELY,
    alert=True,
)
CALM_MEMORY: Final = SignalOutlook(
    signal=SignalName.MEMORY,
    why=DisplayText("0 of 20 similar hours crossed 95 %"),
    expected=(0.71, 0.71, 0.72),
    lowest=(0.69, 0.68, 0.66),
    highest=(0.73, 0.74, 0.78),
    warning=UNLIKELY,
    critical=UNLIKELY,
)
OUTLOOK: Final = OutlookState(ago(40), NOW, (FORESEEN_CPU, CALM_MEMORY))
WRONG_LATELY: Final = msgspec.structs.replace(
    FORESEEN_CPU,
    doubt=DisplayText("has been wrong lately: 1.4 × the error of assuming no change, over 96 forecasts"),
)
UNKNOWN_YET: Final = SignalOutlook(SignalName.CPU, DisplayText("not enough history: 40 m of 2 h"))

FORESEEN_GROUP: Final = msgspec.structs.replace(WARNING, outlook=OUTLOOK)
CRITICAL_GROUP: Final = msgspec.structs.replace(CRITICAL, outlook=OUTLOOK)
DOUBTED_GROUP: Final = msgspec.structs.replace(WARNING, outlook=OutlookState(ago(40), NOW, (WRONG_LATELY, CALM_MEMORY)))
UNKNOWN_GROUP: Final = msgspec.structs.replace(CALM, outlook=OutlookState(ago(40), NOW, (UNKNOWN_YET,)))

FORESEEN: Final = fleet(FORESEEN_GROUP, CALM, STALE)
DOUBTED: Final = fleet(DOUBTED_GROUP, CALM, STALE)
NO_HISTORY: Final = fleet(UNKNOWN_GROUP)
PROPOSED: Final = fleet(CRITICAL_GROUP, FORESEEN_GROUP, UNKNOWN_GROUP)
