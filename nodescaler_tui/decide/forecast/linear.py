"""A straight line through the last hour: what most alert rules project, and what a forecast must be better than.

Prometheus' `predict_linear(x[1h], …)`: least squares over the range, read off at the moment of evaluation. Its band is
the one that belongs to such a line; Prometheus gives none.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from nodescaler_tui.decide.forecast.bars import Floats

NINETY_PERCENT: Final = 1.645
"""So many deviations to each side hold 90 % of a bell."""


def predict_linear(hour: Floats, ahead: int) -> tuple[Floats, Floats, Floats]:
    """Point, lower and upper (series, ahead) in steps as long as those of `hour` (series, samples), the newest last."""
    samples = hour.shape[1]
    at = np.arange(samples) - (samples - 1.0)
    spread = ((at - at.mean()) ** 2).sum()
    slope = ((hour - hour.mean(1, keepdims=True)) @ (at - at.mean()) / spread)[:, None]
    start = hour.mean(1, keepdims=True) - slope * at.mean()
    steps = np.arange(1.0, ahead + 1)
    deviation = np.sqrt(((hour - start - slope * at) ** 2).sum(1, keepdims=True) / max(samples - 2, 1))
    width = NINETY_PERCENT * deviation * np.sqrt(1 + 1 / samples + (steps - at.mean()) ** 2 / spread)
    point = start + slope * steps
    return point, point - width, point + width


def breach_of_band(point: Floats, lower: Floats, upper: Floats, thresholds: Floats | float) -> Floats:
    """P(breach) for those that give none: the likeliest step, each step spread like a bell as wide as its band.

    All are (series, steps); `thresholds` is one for all, or a column with one for each series.
    """
    width = np.maximum((upper - lower) / (2 * NINETY_PERCENT), 1e-12)
    return np.asarray(_tail((thresholds - point) / width).max(1))


def _tail(score: Floats) -> Floats:
    """P(standard normal > score), to seven digits (Abramowitz and Stegun 26.2.17)."""
    size = np.abs(score)
    part = 1 / (1 + 0.2316419 * size)
    terms = (0.319381530, -0.356563782, 1.781477937, -1.821255978, 1.330274429)
    series = np.add.reduce([factor * part ** (power + 1) for power, factor in enumerate(terms)])
    upper = np.exp(-0.5 * np.minimum(size, 38) ** 2) / np.sqrt(2 * np.pi) * series
    return np.asarray(np.where(score >= 0, upper, 1 - upper))
