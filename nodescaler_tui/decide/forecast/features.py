"""What the learned voice is told about a series: numbers without a unit, so that every series speaks the same tongue.

A series is shifted to its newest bar and divided by how much it usually moves. A quiet memory gauge and a nervous
session count then look alike, and what was learned on one holds for the other.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from nodescaler_tui.decide.forecast.analogs import EVIDENCE, Analogs, median
from nodescaler_tui.decide.forecast.bars import BARS_A_DAY, Floats
from nodescaler_tui.decide.forecast.guesses import judged_guesses

KNOTS: Final = (1, 2, 3, 6, 9, 12)
"""The voices speak about 5, 10, 15, 30, 45 and 60 minutes ahead; between them a straight line."""

_YESTERDAY: Final = np.array([1, 2, 3, 4, 6, 9, 12, 15, 18, 24])
_USUAL: Final = np.array([-12, -6, -3, -1, 0, 1, 2, 3, 4, 6, 9, 12, 18])
_AT_NOW: Final = 4
_MEANS: Final = (3, 6, 12, 36, 144, 288)
_LEAST_SHARE: Final = 0.2
_MOST_MOVES: Final = 1e6


def usual_move(values: Floats) -> Floats:
    """How much each series moves: the mean of its steps over 5 and 60 minutes, over the last day, as a column.

    A quiet day after busy ones (a weekend) does not make it small: at least a fifth of the mean step of the whole
    history. A series that never moved gets a thousandth of its value, so that nothing is divided by zero.
    """
    day = values[:, -BARS_A_DAY:]
    hour = min(12, max(1, day.shape[1] // 2))
    if day.shape[1] < 2:
        move = np.zeros((len(values), 1))
    else:
        move = np.maximum((_mean_step(day, 1) + _mean_step(day, hour)) / 2, _LEAST_SHARE * _mean_step(values, 1))
    return np.where(move > 0, move, np.abs(values[:, -1:]) * 1e-3 + np.finfo(np.float32).tiny)


def in_moves(values: Floats, base: Floats, move: Floats) -> Floats:
    """The series relative to `base`, in usual moves; what is out of all proportion is cut."""
    return np.clip((values - base) / move, -_MOST_MOVES, _MOST_MOVES).astype(np.float32)


def day_features(z: Floats, analogs: Analogs) -> Floats:
    """What is known with at least a day of history, (series, features); `z` is relative and in usual moves."""
    days = max(1, (z.shape[1] - 1) // BARS_A_DAY)
    guesses, errors = judged_guesses(z)
    moves = [_recent(z), _means(z), _extremes(z), _usual(z, days), _analog_moves(z, analogs), guesses]
    scales = [_scales(z), _distances(analogs), errors, np.full((len(z), 1), np.log(days), z.dtype)]
    return np.concatenate([np.arcsinh(np.concatenate(moves, 1)), *scales], axis=1, dtype=np.float32)


def _mean_step(values: Floats, bars: int) -> Floats:
    return np.asarray(np.abs(values[:, bars:] - values[:, :-bars]).mean(1, keepdims=True))


def _log(values: Floats) -> Floats:
    return np.log(np.maximum(values, 1e-3))


def _recent(z: Floats) -> Floats:
    return z[:, -13:-1]


def _means(z: Floats) -> Floats:
    return np.stack([*(z[:, -bars:].mean(1) for bars in _MEANS), z.mean(1)], axis=1)


def _extremes(z: Floats) -> Floats:
    day, hours = z[:, -BARS_A_DAY:], z[:, -36:]
    return np.stack([day.min(1), day.max(1), hours.min(1), hours.max(1)], axis=1)


def _usual(z: Floats, days: int) -> Floats:
    """Yesterday, and the usual course around this time of day over all days that are known."""
    now = z.shape[1] - 1
    yesterday = z[:, now - BARS_A_DAY + _YESTERDAY] if now >= BARS_A_DAY else z[:, _YESTERDAY - 1]
    courses = [z[:, np.maximum(now - BARS_A_DAY * day + _USUAL, 0)] for day in range(1, days + 1) if _known(now, day)]
    course = np.stack(courses, axis=1)
    mean, middle = course.mean(1), median(course)
    ahead = middle[:, _AT_NOW + 1 :] - mean[:, _AT_NOW : _AT_NOW + 1]
    return np.concatenate([yesterday, mean, ahead, course.std(1)[:, [4, 7, 11]]], axis=1)


def _known(now: int, day: int) -> bool:
    return day == 1 or now - BARS_A_DAY * day + int(_USUAL[0]) >= 0


def _analog_moves(z: Floats, analogs: Analogs) -> Floats:
    nearest = analogs.paths[:, :EVIDENCE]
    level = (z[:, -12:].mean(1, keepdims=True) + median(nearest[:, :, 2])[:, None]) / 2
    deciles = np.quantile(analogs.paths[:, :, [2, 11]], [0.1, 0.9], axis=1)
    crests = np.stack([median(nearest[:, :, :bars].max(2)) for bars in (3, 12)], axis=1)
    return np.concatenate([analogs.point[:, np.array(KNOTS) - 1], level, deciles[0], deciles[1], crests], axis=1)


def _scales(z: Floats) -> Floats:
    day = z[:, -BARS_A_DAY:]
    steps = np.abs(np.diff(day, axis=1))
    columns = [
        _log(steps.mean(1, keepdims=True)),
        _log(_mean_step(day, 3)),
        _log(day.std(1, keepdims=True)),
        _log(z.std(1, keepdims=True)),
        _log(steps[:, -12:].mean(1, keepdims=True)),
        (steps == 0).mean(1, keepdims=True),
    ]
    if z.shape[1] > 2 * BARS_A_DAY:
        change = day - z[:, -2 * BARS_A_DAY : -BARS_A_DAY]
        columns += [_log(np.abs(change).mean(1, keepdims=True)), _log(_mean_step(change, 12))]
    else:
        columns.append(np.zeros((len(z), 2), z.dtype))
    return np.concatenate(columns, axis=1)


def _distances(analogs: Analogs) -> Floats:
    return np.log(np.stack([analogs.distance.mean(1), analogs.distance[:, :5].mean(1)], axis=1) + 1e-3)
