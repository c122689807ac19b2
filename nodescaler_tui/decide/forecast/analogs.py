"""Analogs: the past moments whose last hour looked most like now, and what came after each of them.

A moment is like now when its last hour had the same shape, stood on a similar level, and came at a similar time of
day. Everything is in bars of five minutes, the newest last; each row of an array is one series.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from nodescaler_tui.decide.forecast.bars import BARS_A_DAY, BARS_AHEAD, Floats, Indices

SHAPE_BARS: Final = 12
"""The shape that is compared is one hour long."""

EVIDENCE: Final = 20
"""So many analogs make the point forecast and can be shown as its evidence."""

SPREAD: Final = 60
"""So many analogs make the band and the breach probability."""

_FORGETTING: Final = 0.9
_LEVEL_WEIGHT: Final = 0.4
_CLOCK_WEIGHT: Final = 4.0
_CLOCK_FULL_BARS: Final = 36
_KEPT_DEVIATION: Final = 0.7
_PRIOR_ANALOGS: Final = 30.0
_CACHED: Final = 32


@dataclass(frozen=True, slots=True)
class Analogs:
    """What came after the nearest moments, nearest first.

    `bars_ago` (series, analogs) is how long ago each moment was; `distance` has the same shape. `paths`
    (series, analogs, 12) is what came next, shifted so that it starts from where the series stands now; `point`
    (series, 12) is the median after the nearest twenty. Values are relative to the newest bar.
    """

    bars_ago: Indices
    distance: Floats
    paths: Floats
    point: Floats


def find_analogs(z: Floats) -> Analogs:
    """The analogs of now in each series; `z` (series, bars) is relative to its newest bar and holds at least a day."""
    distances = np.concatenate([_distances(z[first : first + _CACHED]) for first in range(0, len(z), _CACHED)])
    moments, distance = _nearest(distances)
    begin = moments + np.arange(len(z))[:, None] * z.shape[1] + 1 - SHAPE_BARS
    around = np.take(z, begin[:, :, None] + np.arange(SHAPE_BARS + BARS_AHEAD))
    before, after = around[:, :, :SHAPE_BARS], around[:, :, SHAPE_BARS:]
    level = before.mean(2)
    deviation = before[:, :, -1] - level
    now_level = z[:, -SHAPE_BARS:].mean(1, keepdims=True)
    now_deviation = z[:, -1:] - now_level
    above_level = after - level[:, :, None]
    more_deviation = (now_deviation - deviation)[:, :, None]
    paths = above_level + now_level[:, :, None] + _KEPT_DEVIATION * more_deviation
    kept = _kept_deviation(above_level, deviation)
    nearest = slice(0, EVIDENCE)
    point = median(above_level[:, nearest] + now_level[:, :, None] + kept[:, None] * more_deviation[:, nearest])
    return Analogs(z.shape[1] - 1 - moments, distance, paths, point)


def median(values: Floats) -> Floats:
    """The median along the second axis; sorting whole short columns is several times faster than `np.median`."""
    ordered = np.sort(values, axis=1)
    half = values.shape[1] // 2
    return np.asarray(ordered[:, half] if values.shape[1] % 2 else (ordered[:, half - 1] + ordered[:, half]) / 2)


def _distances(z: Floats) -> Floats:
    """How unlike now every past moment is; only moments of which the whole next hour is known count."""
    first, stop = SHAPE_BARS - 1, z.shape[1] - BARS_AHEAD
    moment = z[:, first:stop]
    shape, step, level = np.zeros_like(moment), np.empty_like(moment), moment.copy()
    weights = _FORGETTING ** np.arange(1, SHAPE_BARS, dtype=z.dtype)
    weights /= weights.sum()
    own = np.zeros((len(z), 1), z.dtype)
    for back, weight in enumerate(weights, start=1):
        earlier, change = z[:, first - back : stop - back], z[:, -1 - back, None] - z[:, -1:]
        level += earlier
        np.subtract(earlier, moment, out=step)
        step -= change
        np.square(step, out=step)
        step *= weight
        shape += step
        own += weight * change * change
    shape /= own + 0.05 * shape.mean(1, keepdims=True) + np.finfo(z.dtype).tiny
    level /= SHAPE_BARS
    level -= z[:, -SHAPE_BARS:].mean(1, keepdims=True)
    np.square(level, out=level)
    level *= _LEVEL_WEIGHT / (z.var(1, keepdims=True) + np.finfo(z.dtype).tiny)
    shape += level
    shape *= _clock_penalty(np.arange(first, stop), z.shape[1] - 1, z.dtype)
    return shape


def _clock_penalty(moments: Indices, now: int, kind: np.dtype[np.float32]) -> Floats:
    apart = (now - moments) % BARS_A_DAY
    apart = np.minimum(apart, BARS_A_DAY - apart)
    return (1 + _CLOCK_WEIGHT * np.minimum(1, apart / _CLOCK_FULL_BARS)).astype(kind)


def _nearest(distances: Floats) -> tuple[Indices, Floats]:
    most = min(SPREAD, distances.shape[1] - 1)
    found = np.argpartition(distances, most, axis=1)[:, :most]
    distance = np.take_along_axis(distances, found, 1)
    order = np.argsort(distance, axis=1)
    return np.take_along_axis(found, order, 1) + SHAPE_BARS - 1, np.take_along_axis(distance, order, 1)


def _kept_deviation(above_level: Floats, deviation: Floats) -> Floats:
    """How much of today's distance from its hourly mean will last, for each bar ahead: a slope through the analogs.

    Drawn towards 0.7 by the weight of thirty analogs, because sixty say little on their own.
    """
    centred = deviation - deviation.mean(1, keepdims=True)
    rest = above_level - above_level.mean(1, keepdims=True) - _KEPT_DEVIATION * centred[:, :, None]
    weight = (centred * centred).sum(1, keepdims=True) * (1 + _PRIOR_ANALOGS / deviation.shape[1])
    slope = np.matmul(centred[:, None], rest)[:, 0] / (weight + np.finfo(deviation.dtype).tiny)
    return np.asarray(np.clip(_KEPT_DEVIATION + slope, 0.0, 1.1))
