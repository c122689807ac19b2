"""The first hours: what the learned voice is told while there is less than a day of history."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from nodescaler_tui.decide.forecast.bars import Bars, Floats
from nodescaler_tui.decide.forecast.features import usual_move

LEAST_BARS: Final = 12
"""With less than an hour the learned voice is silent, and the newest polls stand for what comes."""

HOUR_KNOTS: Final = (0.2, 1, 2, 3, 6, 9, 12)
"""Bars ahead that the voice speaks about: one minute, then as with a day of history."""

_SEEN_BARS: Final = 24
_MEANS: Final = (3, 6, 12, 24)
_POLL_MEANS: Final = (2, 4, 8, 16)
_LEVELS: Final = (1, 2, 4, 8, 16, 32)
_SEVERITY: Final = 4.0
_LEAST_ERROR: Final = 1e-6


def recent_move(bars: Bars) -> Floats:
    """How much each series moved over its last two hours, as a column."""
    return usual_move(bars.values[:, -_SEEN_BARS:])


def hour_features(bars: Bars, move: Floats) -> Floats:
    """What is known with one hour of history or more, (series, features), relative to the newest poll."""
    seen = (bars.values[:, -_SEEN_BARS:] - bars.newest) / move
    known = seen.shape[1]
    padded = np.concatenate([np.repeat(seen[:, :1], _SEEN_BARS - known, axis=1), seen], axis=1)
    polls = (bars.polls - bars.newest) / move
    levels = np.stack([polls[:, -count:].mean(1) for count in _POLL_MEANS], axis=1)
    ahead = min(3 * bars.polls_a_bar, polls.shape[1] // 2)
    means = np.stack([seen[:, -count:].mean(1) for count in _MEANS], axis=1)
    extremes = np.stack([seen.min(1), seen.max(1)], axis=1)
    steps = np.abs(np.diff(seen, axis=1))
    jumps = np.abs(np.diff(polls, axis=1))
    scales = [
        jumps.mean(1),
        jumps[:, -10:].mean(1),
        steps.mean(1),
        np.abs(seen[:, 3:] - seen[:, :-3]).mean(1),
        seen.std(1),
        steps[:, -4:].mean(1),
    ]
    polled = np.full((len(seen), 1), float(bars.polls_a_bar > 1))
    length = np.full((len(seen), 1), known / _SEEN_BARS)
    moves = np.arcsinh(np.concatenate([padded, polls[:, -6:-1], levels, means, extremes], axis=1))
    logs = np.log(np.maximum(np.stack(scales, axis=1), 1e-3))
    return np.concatenate([moves, logs, _relative_errors(polls, ahead), polled, length], axis=1, dtype=np.float32)


def steady_level(bars: Bars, move: Floats) -> Floats:
    """Where the series stands beneath its noise, relative to the newest poll and in moves, as a column.

    Means over the newest 1 to 32 polls, each weighing the less the more wrong it was 15 minutes ahead until now.
    """
    polls = (bars.polls - bars.newest) / move
    ahead = min(3 * bars.polls_a_bar, polls.shape[1] // 2)
    counts = [count for count in _LEVELS if count <= max(1, (polls.shape[1] - ahead) // 2)]
    errors = np.stack(_level_errors(polls, ahead, counts, counts[-1]), axis=1)
    weights = np.exp(-_SEVERITY * (errors / errors.min(1, keepdims=True) - 1))
    levels = np.stack([polls[:, -count:].mean(1) for count in counts], axis=1)
    return np.asarray((weights * levels).sum(1, keepdims=True) / weights.sum(1, keepdims=True))


def _relative_errors(polls: Floats, ahead: int) -> Floats:
    """How wrong each mean of the newest polls was, relative to the newest poll alone (logarithms)."""
    first = min(max(_POLL_MEANS), polls.shape[1] - ahead - 1)
    still, *errors = _level_errors(polls, ahead, (1, *_POLL_MEANS), first)
    return np.asarray(np.clip(np.log(np.stack(errors, axis=1) / still[:, None]), -2, 2))


def _level_errors(polls: Floats, ahead: int, counts: Sequence[int], first: int) -> list[Floats]:
    """The mean error of each mean of so many polls, taken as a forecast so far ahead, from poll `first` on."""
    known = polls.shape[1]
    total = np.concatenate([np.zeros((len(polls), 1)), np.cumsum(polls, axis=1)], axis=1)
    outcome = polls[:, first + ahead :]
    errors = []
    for wanted in counts:
        count = min(wanted, first + 1)
        end = total[:, first + 1 : known - ahead + 1]
        level = (end - total[:, first + 1 - count : known - ahead + 1 - count]) / count
        errors.append(np.abs(outcome - level).mean(1) + _LEAST_ERROR)
    return errors
