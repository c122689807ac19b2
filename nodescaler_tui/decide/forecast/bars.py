"""Bars: a history as it was polled, onto a regular grid of five minutes, with gaps bridged and nonsense left out.

Polls come late, twice, out of order, with holes and with values that are no numbers. The forecast works on bars: the
mean of what was polled in each five minutes, the newest bar ending with the newest poll. Bars count elapsed time, so
a change to daylight saving moves no bar; a clock that jumped only opens a gap or drops what it overwrote.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.floating]
Indices: TypeAlias = npt.NDArray[np.intp]

BAR_S: Final = 300.0
BARS_A_DAY: Final = 288
BARS_AHEAD: Final = 12
HORIZON_S: Final = BAR_S * BARS_AHEAD
"""A forecast reaches one hour ahead."""

MOST_BARS: Final = 8 * BARS_A_DAY
"""Eight days: a week, and the same hour a week ago."""

_RAGGED_BARS: Final = BARS_A_DAY // 2
_POLLED_S: Final = 7200.0


@dataclass(frozen=True, slots=True)
class Bars:
    """Series with equally long histories.

    `rows` says which series of the batch these are. `values` (series, bars) holds means of five minutes, oldest
    first; `polls` (series, polls) holds the polls of the last two hours themselves. `polls_a_bar` is 1 when polls are
    five minutes apart.
    """

    rows: Indices
    values: Floats
    polls: Floats
    polls_a_bar: int

    @property
    def newest(self) -> Floats:
        """The newest poll of each series, as a column."""
        return self.polls[:, -1:]

    @property
    def recent(self) -> Floats:
        """The mean of the newest three polls of each series, as a column."""
        return np.asarray(self.polls[:, -3:].mean(1, keepdims=True))


def regular(times_s: Floats, values: Floats, step_s: float) -> tuple[Floats, bool]:
    """One series on a grid of `step_s` that ends with the newest poll, and whether anything usable was there.

    Polls that are no finite numbers are left out, two in one step count with the later one, gaps are bridged by a
    straight line, and what is missing at the end stays as it was last seen. A poll stamped later than the newest one
    came from a wrong clock and is left out too. Without any usable poll the result is a single zero and False.
    """
    known = np.isfinite(times_s)
    if not (known & np.isfinite(values)).any():
        return np.zeros(1), False
    end = float(times_s[known][-1])
    usable = known & np.isfinite(values) & (times_s <= end) & (times_s > end - (MOST_BARS + 1) * max(step_s, BAR_S))
    if not usable.any():
        return np.array([values[known & np.isfinite(values)][-1]]), True
    order = np.argsort(times_s[usable], kind="stable")
    step = np.rint((times_s[usable][order] - end) / step_s).astype(np.intp)
    last_of_step = np.append(step[1:] != step[:-1], True)
    at, seen = step[last_of_step], values[usable][order][last_of_step]
    return np.interp(np.arange(at[0], 1), at, seen), True


def clean(values: Floats) -> bool:
    """Whether every series is complete."""
    return bool(np.isfinite(values).all())


def evenly_spaced(times_s: Floats, step_s: float) -> bool:
    """Whether all polls lie on the grid already."""
    if times_s.shape[1] < 2:
        return clean(times_s)
    if times_s.strides[0] == 0:
        times_s = times_s[:1]
    return clean(times_s) and bool(np.abs(np.diff(times_s, axis=1) - step_s).max() <= 1e-3 * step_s)


def batches(times_s: Floats, values: Floats, step_s: float) -> list[Bars]:
    """All series as bars, those with equally long histories together."""
    if clean(values) and evenly_spaced(times_s, step_s):
        return [_bars(np.arange(len(values)), values, step_s)]
    together: dict[int, list[tuple[int, Floats]]] = {}
    for row in range(len(values)):
        series, _ = regular(times_s[row], values[row], step_s)
        length = len(series) if len(series) == values.shape[1] else _rounded(len(series), step_s)
        together.setdefault(length, []).append((row, series[len(series) - length :]))
    return [
        _bars(np.array([row for row, _ in members]), np.stack([series for _, series in members]), step_s)
        for members in together.values()
    ]


def _rounded(length: int, step_s: float) -> int:
    """A long history cut to whole half days, so that many different ones still make few batches."""
    half_day = round(_RAGGED_BARS * BAR_S / step_s)
    return length if length < 2 * half_day else length // half_day * half_day


def _bars(rows: Indices, values: Floats, step_s: float) -> Bars:
    values = np.asarray(values, np.float64)
    a_bar = max(1, round(BAR_S / step_s))
    polls = values[:, -round(_POLLED_S / min(step_s, BAR_S)) :]
    if step_s > BAR_S:
        length = int((values.shape[1] - 1) * step_s // BAR_S) + 1
        at = values.shape[1] - 1 - np.arange(length)[::-1] * BAR_S / step_s
        low = np.clip(np.floor(at).astype(np.intp), 0, max(0, values.shape[1] - 2))
        high = np.minimum(low + 1, values.shape[1] - 1)
        values = values[:, low] + (values[:, high] - values[:, low]) * (at - low)
    elif a_bar > 1:
        whole = values.shape[1] // a_bar * a_bar
        values = values[:, -whole:].reshape(len(values), -1, a_bar).mean(2) if whole else values.mean(1, keepdims=True)
    return Bars(rows, values[:, -MOST_BARS:], polls, a_bar)
