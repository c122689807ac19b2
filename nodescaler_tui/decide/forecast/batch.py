"""The forecast of many series at once: each history through the voices that it is long enough for.

Less than an hour: the newest polls stand for what comes. Less than a day: the learned voice and the level beneath the
noise. From a day on: the analogs and the learned voice, the analogs with more weight the more days they can look back
on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import numpy as np

from nodescaler_tui.decide.forecast import weights_days, weights_hours
from nodescaler_tui.decide.forecast.analogs import SHAPE_BARS, Analogs, find_analogs, median
from nodescaler_tui.decide.forecast.bars import BAR_S, BARS_A_DAY, BARS_AHEAD, HORIZON_S, Bars, Floats, batches
from nodescaler_tui.decide.forecast.crests import Crests
from nodescaler_tui.decide.forecast.features import KNOTS, day_features, in_moves, usual_move
from nodescaler_tui.decide.forecast.hours import HOUR_KNOTS, LEAST_BARS, hour_features, recent_move, steady_level
from nodescaler_tui.decide.forecast.learned import Network, Opinion, opinion, unpack

BREACH_ALERT_P: Final = 0.5
"""From this probability on the dashboard says "will cross"."""

_ANALOGS_AFTER_A_DAY: Final = 0.5
_BREACH_AFTER_A_DAY: Final = 0.4
_ANALOGS_MORE: Final = 0.25
_FULL_SHARE_DAYS: Final = 4
_STEADY_SHARE: Final = 0.4
_CHUNK: Final = 192
_STEPS: Final = tuple(range(1, BARS_AHEAD + 1))
_TAIL_SHARE: Final = 0.04
_NINETY_PERCENT: Final = 1.645


@dataclass(frozen=True, slots=True)
class Voices:
    """The learned voice: one network for the first hours, one for days."""

    hours: Network
    days: Network


@dataclass(frozen=True, slots=True)
class Forecasts:
    """Series by steps: `point` is the best guess, `lower` and `upper` are a 90 % band; all (series, steps)."""

    point: Floats
    lower: Floats
    upper: Floats
    parts: tuple[Part, ...]

    def breach(self, thresholds: Floats, horizon_s: float) -> Floats:
        """P(any value up to `horizon_s` ahead ≥ threshold), one threshold for each series; nothing is forecast anew."""
        thresholds = np.asarray(thresholds, np.float64)
        found = np.empty(len(self.point))
        for part in self.parts:
            found[part.rows] = part.crests.breach(thresholds[part.rows], horizon_s)
        return found


@dataclass(frozen=True, slots=True)
class Part:
    """The series `rows` of a batch, that were forecast together; `analogs` where there is a day of history."""

    rows: np.ndarray[tuple[int], np.dtype[np.intp]]
    crests: Crests
    analogs: Analogs | None
    base: Floats
    move: Floats


def forecast_many(
    times_s: Floats, values: Floats, horizon_s: float, step_s: float, voices: Voices | None = None
) -> Forecasts:
    """Forecast `values` (series, samples), polled at `times_s` (same shape, seconds, newest last).

    The result has round(horizon_s / step_s) steps. A series without a single usable poll is zero: callers that can
    meet one ask `enough_history` first. Raises ValueError when the horizon is beyond an hour or the shapes disagree.
    """
    times_s, values = np.asarray(times_s, np.float64), np.asarray(values, np.float64)
    if times_s.shape != values.shape or values.ndim != 2 or not values.shape[1]:
        raise ValueError("times and values must both be (series, samples), with at least one sample")
    if not 0 < step_s <= horizon_s <= HORIZON_S:
        raise ValueError("a forecast reaches one hour ahead, in steps of at least one second")
    voices = voices or shipped_voices()
    ahead = np.arange(1, round(horizon_s / step_s) + 1) * step_s / BAR_S
    band = np.empty((3, len(values), len(ahead)))
    parts = []
    for first in range(0, len(values), _CHUNK):
        chunk = slice(first, first + _CHUNK)
        for bars in batches(times_s[chunk], values[chunk], step_s):
            part, at_steps = _forecast(bars, ahead, voices)
            rows = bars.rows + first
            band[:, rows] = at_steps
            parts.append(Part(rows, part.crests, part.analogs, part.base, part.move))
    return Forecasts(band[1], band[0], band[2], tuple(parts))


def forecast(times_s: Floats, values: Floats, horizon_s: float, step_s: float) -> tuple[Floats, Floats, Floats]:
    """Point, lower and upper of one series, each with round(horizon_s / step_s) steps; see `forecast_many`."""
    many = forecast_many(np.atleast_2d(times_s), np.atleast_2d(values), horizon_s, step_s)
    return many.point[0], many.lower[0], many.upper[0]


def breach(times_s: Floats, values: Floats, horizon_s: float, step_s: float, thresholds: Floats) -> Floats:
    """P(any value within `horizon_s` ≥ threshold) of one series, one for each threshold."""
    many = forecast_many(np.atleast_2d(times_s), np.atleast_2d(values), horizon_s, step_s)
    return np.array([many.breach(np.array([threshold]), horizon_s)[0] for threshold in np.atleast_1d(thresholds)])


def _forecast(bars: Bars, ahead: Floats, voices: Voices) -> tuple[Part, Floats]:
    if bars.values.shape[1] >= BARS_A_DAY:
        return _with_days(bars, ahead, voices.days)
    if bars.values.shape[1] >= LEAST_BARS:
        return _with_hours(bars, ahead, voices.hours)
    return _with_little(bars, ahead)


def _with_days(bars: Bars, ahead: Floats, network: Network) -> tuple[Part, Floats]:
    base, move = bars.values[:, -1:], usual_move(bars.values)
    z = in_moves(bars.values, base, move)
    analogs = find_analogs(z)
    learned = opinion(network, day_features(z, analogs), len(KNOTS))
    days = (bars.values.shape[1] - 1) // BARS_A_DAY
    more = min(1.0, max(0, days - 1) / (_FULL_SHARE_DAYS - 1))
    share = _ANALOGS_AFTER_A_DAY + _ANALOGS_MORE * more
    low, high = _band(analogs)
    seen = np.stack([low, analogs.point, high])
    learned_at = _between(np.moveaxis(learned.value, 2, 0), KNOTS, np.array(_STEPS))
    both = share * seen + (1 - share) * learned_at
    band = _with_what_was_never_seen(z, np.sort(_between(both, _STEPS, ahead), axis=0))
    shift = (analogs.point - median(analogs.paths)) / 2
    after = np.sort(np.maximum.accumulate(analogs.paths + shift[:, None], axis=2), axis=1)
    crests = Crests(base, move, KNOTS, learned.crest, after, _BREACH_AFTER_A_DAY + _ANALOGS_MORE * more)
    return Part(bars.rows, crests, analogs, base, move), base + move * band


def _with_what_was_never_seen(z: Floats, band: Floats) -> Floats:
    """The band of a series that stands above or below all that it was before the last hour holds that it stays there.

    No past hour can tell what comes then: those that were most alike fell back, because all of them had been lower.
    """
    past = z[:, :-SHAPE_BARS]
    beyond = ((past.max(1) < 0) | (past.min(1) > 0))[:, None]
    return np.stack(
        [np.where(beyond, np.minimum(band[0], 0), band[0]), band[1], np.where(beyond, np.maximum(band[2], 0), band[2])]
    )


def _with_hours(bars: Bars, ahead: Floats, network: Network) -> tuple[Part, Floats]:
    base, move = bars.newest, recent_move(bars)
    learned = opinion(network, hour_features(bars, move), len(HOUR_KNOTS))
    low, middle, high = _between(np.moveaxis(learned.value, 2, 0), HOUR_KNOTS, ahead)
    shift = _STEADY_SHARE * (steady_level(bars, move) - middle)
    point = middle + shift
    band = np.stack([np.minimum(low + shift / 2, point), point, np.maximum(high + shift / 2, point)])
    crests = Crests(base, move, HOUR_KNOTS, learned.crest, None, 0.0)
    return Part(bars.rows, crests, None, base, move), base + move * band


def _with_little(bars: Bars, ahead: Floats) -> tuple[Part, Floats]:
    """The newest polls stay, with the band of a random walk that moves as much as has been seen."""
    base, move = bars.recent, usual_move(bars.values)
    learned = _random_walk(len(bars.rows))
    band = _between(np.moveaxis(learned.value, 2, 0), KNOTS, ahead)
    crests = Crests(base, move, KNOTS, learned.crest, None, 0.0)
    return Part(bars.rows, crests, None, base, move), base + move * band


def _random_walk(series: int) -> Opinion:
    reach = np.sqrt(np.array(KNOTS))[:, None]
    value = reach * np.array([-_NINETY_PERCENT, 0, _NINETY_PERCENT])
    # The highest point of a random walk is spread like the size of where it ends: the reflection principle.
    crest = reach * np.array([0.063, 0.189, 0.385, 0.674, 1.036, 1.44, 1.96])
    return Opinion(np.tile(value, (series, 1, 1)), np.tile(crest, (series, 1, 1)))


def _band(analogs: Analogs) -> tuple[Floats, Floats]:
    """The fourth and the 96th percentile of what came after the analogs, moved along with the point."""
    count = analogs.paths.shape[1]
    low = round((count - 1) * _TAIL_SHARE)
    high = count - 1 - low
    ordered = np.sort(analogs.paths, axis=1)
    shift = analogs.point - ordered[:, count // 2]
    return ordered[:, low] + shift, ordered[:, high] + shift


def _between(at_knots: Floats, knots: Sequence[float], wanted: Floats) -> Floats:
    """Straight lines between the knots, along the last axis."""
    places = np.asarray(knots, np.float64)
    right = np.clip(np.searchsorted(places, wanted), 1, len(places) - 1)
    part = np.clip((wanted - places[right - 1]) / (places[right] - places[right - 1]), 0, 1)
    left = at_knots[..., right - 1]
    return np.asarray(left + (at_knots[..., right] - left) * part)


@cache
def shipped_voices() -> Voices:
    """The networks that came with this version."""
    return Voices(unpack(weights_hours.PACKED, weights_hours.SIZES), unpack(weights_days.PACKED, weights_days.SIZES))
