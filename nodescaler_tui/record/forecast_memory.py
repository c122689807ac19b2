"""The forecast's memory across restarts: where each alert's bar stands, what it claimed, and how forecasts did lately.

It is a convenience and never evidence: without it the alerts begin at even odds, and for three hours no track is told.
"""

from __future__ import annotations

from pathlib import Path
from typing import Final

import msgspec

from nodescaler_tui.record.last_state import keep

FIELDS_JUDGED: Final = 4


class Made(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """A forecast that is yet to be judged: for when (Unix time), what was forecast, and what was measured then."""

    due_s: float
    point: float
    stayed: float


class SeriesMemory(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """One signal of one group. `bar` is in log-odds as of `bar_at_s`; `claimed_until_s` is 0 without a claim.

    `judged` holds `FIELDS_JUDGED` doubles for each forecast that was judged: those of `Made`, and what came.
    """

    group_id: str
    signal: str
    bar: float = 0.0
    bar_at_s: float = 0.0
    claimed_until_s: float = 0.0
    made: tuple[Made, ...] = ()
    judged: bytes = b""


def remember(path: Path, series: list[SeriesMemory]) -> None:
    """Keep it in place of what was kept before. Raises OSError."""
    keep(path, msgspec.msgpack.encode(series))


def remembered(path: Path) -> list[SeriesMemory]:
    """What was kept; nothing where there is none that can be read."""
    try:
        found = msgspec.msgpack.decode(path.read_bytes(), type=list[SeriesMemory])
    except (OSError, msgspec.DecodeError):
        return []
    return [] if any(len(series.judged) % (FIELDS_JUDGED * 8) for series in found) else found
