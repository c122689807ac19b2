"""The forecast's memory across restarts: where the alert's bars stand, what is claimed, and how forecasts did lately.

It is a convenience and never evidence: without it the alert begins at even odds, and for three hours no track is told.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from nodescaler_tui.decide.forecast.alert import AlertBar
from nodescaler_tui.decide.forecast.fleet_alert import Claim, OwnBar
from nodescaler_tui.record.last_state import keep

FIELDS_JUDGED: Final = 4


class Made(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A forecast that is yet to be judged: for when (Unix time), what was forecast, and what was measured then."""

    due_s: float
    point: float
    stayed: float


class SeriesMemory(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One signal of one group. `bar` is its own one, in log-odds as of `bar_at_s`; it was last forecast at `seen_s`.

    `judged` holds `FIELDS_JUDGED` doubles for each forecast that was judged: those of `Made`, and what came.
    """

    group_id: str
    signal: str
    bar: float = OwnBar().log_odds
    bar_at_s: float = 0.0
    seen_s: float = 0.0
    claim: Claim | None = None
    made: tuple[Made, ...] = ()
    judged: bytes = b""


class ForecastMemory(msgspec.Struct, frozen=True, array_like=True):
    """A fleet. `bar` is the one that all series share, in log-odds as of `bar_at_s`."""

    bar: float = AlertBar().log_odds
    bar_at_s: float = 0.0
    series: tuple[SeriesMemory, ...] = ()


def remember(path: Path, memory: ForecastMemory) -> None:
    """Keep it in place of what was kept before. Raises OSError."""
    keep(path, msgspec.msgpack.encode(memory))


def remembered(path: Path) -> ForecastMemory:
    """What was kept; nothing where there is none that can be read."""
    try:
        found = msgspec.msgpack.decode(path.read_bytes(), type=ForecastMemory)
    except (OSError, msgspec.DecodeError):
        return ForecastMemory()
    whole = all(len(series.judged) % (FIELDS_JUDGED * 8) == 0 for series in found.series)
    return found if whole else ForecastMemory()
