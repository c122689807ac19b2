"""Crests: how high each series may climb, kept so that a breach can be asked for any threshold at any time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nodescaler_tui.decide.forecast.bars import BAR_S, Floats
from nodescaler_tui.decide.forecast.learned import CREST_QUANTILES

_TAIL: Final = float(CREST_QUANTILES[0])
_SEEN_IN_TABLE: Final = (0.1, 0.5, 0.9)


@dataclass(frozen=True, slots=True)
class Crests:
    """The highest values to come, relative to `base` and in units of `move`, both (series, 1).

    `learned` (series, knots, 7) holds quantiles of the highest value up to each of `knots` (bars ahead); `after`
    (series, analogs, 12) is how high each analog had climbed by each bar, None without a day of history. The share of
    the analogs in a probability is `analog_share`.
    """

    base: Floats
    move: Floats
    knots: Sequence[float]
    learned: Floats
    after: Floats | None
    analog_share: float

    def breach(self, thresholds: Floats, horizon_s: float) -> Floats:
        """P(highest value up to the horizon ≥ threshold), one for each series."""
        return self._reached((thresholds[:, None] - self.base) / self.move, horizon_s / BAR_S)[:, 0]

    def tables(self, bars: int) -> tuple[Floats, Floats]:
        """Rising values, and P(highest value up to so many bars ahead ≥ value) of each; both (series, entries)."""
        entries = [self._learned_at(bars)]
        if self.after is not None:
            entries.append(_quantiles(self.after[:, :, bars - 1]))
        inner = np.sort(np.concatenate(entries, axis=1), axis=1)
        low, high = inner[:, :1], inner[:, -1:]
        width = np.maximum(high - low, 1e-9)
        limits = np.concatenate([low - width, inner, high + width / 2, high + width], axis=1)
        reached = np.minimum.accumulate(self._reached(limits, bars), axis=1)
        return limits * self.move + self.base, reached

    def _learned_at(self, bars: float) -> Floats:
        right = int(np.clip(np.searchsorted(self.knots, bars), 1, len(self.knots) - 1))
        part = float(np.clip((bars - self.knots[right - 1]) / (self.knots[right] - self.knots[right - 1]), 0, 1))
        return np.asarray(self.learned[:, right - 1] * (1 - part) + self.learned[:, right] * part)

    def _reached(self, limits: Floats, bars: float) -> Floats:
        learned = _above(self._learned_at(bars), limits)
        if self.after is None:
            return learned
        highest = self.after[:, :, max(0, round(bars) - 1)]
        crossed = (highest[:, :, None] >= limits[:, None]).sum(1, dtype=np.uint8)  # there are sixty analogs at most
        seen = (crossed + 0.5) / (highest.shape[1] + 1)
        return np.asarray(self.analog_share * seen + (1 - self.analog_share) * learned)


def _quantiles(rising: Floats) -> Floats:
    """What the table holds of values that rise along the second axis; `np.quantile` would order them again."""
    at = np.array(_SEEN_IN_TABLE) * (rising.shape[1] - 1)
    low = at.astype(np.intp)
    high = np.minimum(low + 1, rising.shape[1] - 1)
    return np.asarray(rising[:, low] + (rising[:, high] - rising[:, low]) * (at - low))


def _above(quantiles: Floats, limits: Floats) -> Floats:
    """P(x ≥ limit) from quantiles (series, 7), limits (series, any): straight lines, exponential tails beyond."""
    below = (quantiles[:, None] <= limits[:, :, None]).sum(2)
    left = np.clip(below - 1, 0, quantiles.shape[1] - 2)
    low, high = np.take_along_axis(quantiles, left, 1), np.take_along_axis(quantiles, left + 1, 1)
    part = np.clip((limits - low) / np.maximum(high - low, 1e-12), 0, 1)
    within = 1 - (CREST_QUANTILES[left] + part * (CREST_QUANTILES[left + 1] - CREST_QUANTILES[left]))
    lowest, middle, highest = quantiles[:, :1], quantiles[:, quantiles.shape[1] // 2, None], quantiles[:, -1:]
    over = _TAIL * np.exp(-np.maximum(limits - highest, 0) / _tail_length(highest - middle))
    under = 1 - _TAIL * np.exp(-np.maximum(lowest - limits, 0) / _tail_length(middle - lowest))
    return np.where(below == quantiles.shape[1], over, np.where(below == 0, under, within))


def _tail_length(half: Floats) -> Floats:
    """An exponential tail that goes on as steeply as between the middle and the outermost quantile."""
    return np.asarray(np.maximum(half / np.log(0.5 / _TAIL), 1e-9))
