"""Plain guesses, and how wrong each of them was over the last day on this very series.

A guess needs no fitting: it stays here, it goes on like this, it does what it did an hour or a day ago. How wrong a
guess was, relative to "it stays here", is what tells a series with a daily rhythm from one without.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from nodescaler_tui.decide.forecast.bars import BARS_A_DAY, BARS_AHEAD, Floats

GUESSED_BARS: Final = (3, 12)
"""Guesses are made 15 and 60 minutes ahead."""

GUESSES: Final = 9
_SEASONAL_GUESSES: Final = 4
_REPLAY_EVERY: Final = 3
_TREND_DAMPING: Final = 0.9
_RETURN_RATE: Final = 0.03
_LEAST_ERROR: Final = 1e-6


def judged_guesses(z: Floats) -> tuple[Floats, Floats]:
    """Every guess about now, and the logarithm of its mean error over the last day relative to "it stays here".

    `z` (series, bars) is relative to its newest bar and holds at least a day. Both results have the shape
    (series, 18): nine guesses 15 minutes ahead, then nine 60 minutes ahead. Guesses that lean on earlier days are
    zero with less than two days of history.
    """
    bars = z.shape[1]
    replay = _Moments(z, max(bars - BARS_A_DAY, min(BARS_AHEAD, bars - BARS_AHEAD - 1)), bars - BARS_AHEAD)
    now = _Moments(z, bars - 1, bars)
    made, wrong = [], []
    for ahead in GUESSED_BARS:
        outcome = replay.at(ahead)
        still = np.abs(outcome - replay.at(0)).mean(1) + _LEAST_ERROR
        for guess, replayed in zip(_guesses(now, ahead), _guesses(replay, ahead), strict=True):
            error = np.abs(outcome - replayed).mean(1) + _LEAST_ERROR
            made.append(guess[:, 0])
            wrong.append(np.log(error / still))
        for _ in range(0 if replay.seasonal else _SEASONAL_GUESSES):
            made.append(np.zeros(len(z), z.dtype))
            wrong.append(np.zeros(len(z), z.dtype))
    return np.stack(made, 1), np.clip(np.stack(wrong, 1), -2, 2)


class _Moments:
    """Bars seen from each of several moments in time: `first`, and every third bar from there."""

    def __init__(self, z: Floats, first: int, stop: int) -> None:
        self._z, self._first, self._stop = z, first, stop
        self.seasonal = z.shape[1] >= 2 * BARS_A_DAY + BARS_AHEAD
        self.days = range(1, (first - _REPLAY_EVERY) // BARS_A_DAY + 1)

    def at(self, bars: int) -> Floats:
        """The bar so far ahead of (or, below zero, before) each moment."""
        return self._z[:, self._first + bars : self._stop + bars : _REPLAY_EVERY]

    def mean(self, bars: int, back: int = 0) -> Floats:
        """The mean of the last `bars` bars, as it stood `back` bars before each moment."""
        return np.asarray(np.add.reduce([self.at(-back - bar) for bar in range(bars)]) / bars)


def _guesses(moments: _Moments, ahead: int) -> list[Floats]:
    here, level = moments.at(0), moments.mean(4)
    slope = (level - moments.mean(4, back=8)) / 8
    run = _TREND_DAMPING * (1 - _TREND_DAMPING**ahead) / (1 - _TREND_DAMPING)
    last_hour = moments.mean(12)
    guesses = [
        level,
        last_hour,
        here + slope * run,
        here + (last_hour - here) * (1 - (1 - _RETURN_RATE) ** ahead),
        moments.at(ahead - 12),
    ]
    if moments.seasonal:
        yesterday = here + moments.at(ahead - BARS_A_DAY) - moments.at(-BARS_A_DAY)
        usual = np.add.reduce([moments.at(ahead - BARS_A_DAY * day) for day in moments.days]) / len(moments.days)
        before = np.add.reduce([moments.mean(4, BARS_A_DAY * day) for day in moments.days]) / len(moments.days)
        guesses += [yesterday, usual, level + usual - before, (here + usual) / 2]
    return guesses
