"""The forecast's own record: how wrong it was lately on one series, next to "it stays where it is"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

LEAST_JUDGED: Final = 12
"""With fewer judged forecasts nothing is said."""


@dataclass(frozen=True, slots=True)
class Track:
    """`relative` is the mean error over that of the last value, below 1 when the forecast helps; `judged` how many."""

    relative: float
    judged: int


def track(predicted: Sequence[float], stayed: Sequence[float], came: Sequence[float]) -> Track | None:
    """Judge forecasts of the last 24 hours: what was predicted, the value at that time, and what came, all as long.

    Entries where any of the three is not a finite number are left out. None with fewer than twelve left, or when
    nothing ever moved: then there is nothing to be better than. Raises ValueError when the lengths differ.
    """
    judged = [
        (abs(point - value), abs(before - value))
        for point, before, value in zip(predicted, stayed, came, strict=True)
        if math.isfinite(point) and math.isfinite(before) and math.isfinite(value)
    ]
    still = sum(error for _, error in judged)
    if len(judged) < LEAST_JUDGED or still <= 0:
        return None
    return Track(sum(error for error, _ in judged) / still, len(judged))
