"""What on-call engineers use today, as forecasters to compare with. All take `seen` (moments, samples), newest last."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

import numpy as np

from benchmarks.forecast_traces import DAY_S, HORIZON_S, Cut, Floats
from nodescaler_tui.decide.forecast import linear
from nodescaler_tui.decide.forecast.batch import Voices, forecast_many


@dataclass(frozen=True, slots=True)
class Answer:
    """What a forecaster says at every moment: (moments, steps), and P(breach) by threshold and steps ahead."""

    point: Floats
    lower: Floats
    upper: Floats
    breach: Callable[[float, int], Floats]


Forecaster = Callable[[Cut], Answer | None]


def product(voices: Voices | None = None) -> Forecaster:
    """The forecast of this product, with the shipped voice or another one."""

    def ask(cut: Cut) -> Answer:
        step = cut.window.step_s
        many = forecast_many(cut.times_s, cut.seen, HORIZON_S, step, voices)
        return Answer(
            many.point,
            many.lower,
            many.upper,
            lambda threshold, ahead: many.breach(np.full(len(cut.seen), threshold), ahead * step),
        )

    return ask


def last_value(cut: Cut) -> Answer:
    """It stays where it is, with a band from how far it moved in as many steps."""
    ahead = cut.came.shape[1]
    skipped = min(20, cut.seen.shape[1] // 4)
    point = np.repeat(cut.seen[:, -1:], ahead, axis=1)
    moves = [
        np.quantile((cut.seen[:, step:] - cut.seen[:, :-step])[:, skipped:][:, -600:], [0.05, 0.95], axis=1)
        for step in range(1, ahead + 1)
    ]
    lower, upper = np.stack(moves, axis=2)
    return _with_normal_tails(point, point + lower, point + upper)


def predict_linear(cut: Cut) -> Answer:
    """Prometheus `predict_linear(x[1h], …)`: least squares through the last hour, read off at evaluation time."""
    hour = cut.seen[:, -HORIZON_S // cut.window.step_s :]
    return _with_normal_tails(*linear.predict_linear(hour, cut.came.shape[1]))


def double_exponential_smoothing(cut: Cut, level_rate: float = 0.3, trend_rate: float = 0.1) -> Answer:
    """The recursion of Prometheus' `double_exponential_smoothing`, projected along its last trend."""
    seen = cut.seen
    before: Floats = np.zeros(len(seen))
    level, trend = seen[:, 0].copy(), seen[:, 1] - seen[:, 0]
    squares = np.zeros(len(seen))
    for sample in range(1, seen.shape[1]):
        if sample > 1:
            trend = trend_rate * (level - before) + (1 - trend_rate) * trend
        expected = level + trend
        if sample > 10:
            squares += (seen[:, sample] - expected) ** 2
        before, level = level, level_rate * seen[:, sample] + (1 - level_rate) * expected
    trend = trend_rate * (level - before) + (1 - trend_rate) * trend
    ahead, gain = np.arange(1.0, cut.came.shape[1] + 1), level_rate * trend_rate
    growth = level_rate**2 + level_rate * gain * ahead + gain**2 * ahead * (2 * ahead - 1) / 6
    deviation = np.sqrt(squares / max(seen.shape[1] - 11, 1))[:, None] * np.sqrt(1 + (ahead - 1) * growth)
    point = level[:, None] + trend[:, None] * ahead
    return _with_normal_tails(
        point, point - linear.NINETY_PERCENT * deviation, point + linear.NINETY_PERCENT * deviation
    )


def seasonal_naive(cut: Cut) -> Answer | None:
    """It does what it did a day ago; silent with less than a day of history."""
    day, ahead, samples = DAY_S // cut.window.step_s, cut.came.shape[1], cut.seen.shape[1]
    if samples < day:
        return None
    point = cut.seen[:, samples - day : samples - day + ahead]
    if samples >= 2 * day:
        errors = (cut.seen[:, day:] - cut.seen[:, :-day])[:, -600:]
    else:
        errors = np.diff(cut.seen, axis=1) * np.sqrt(ahead)
    lower, upper = np.quantile(errors, [0.05, 0.95], axis=1)
    return _with_normal_tails(point, point + lower[:, None], point + upper[:, None])


RIVALS: Final[dict[str, Forecaster]] = {
    "last value": last_value,
    "predict_linear[1h]": predict_linear,
    "double exponential smoothing": double_exponential_smoothing,
    "seasonal naive 24 h": seasonal_naive,
}


def _with_normal_tails(point: Floats, lower: Floats, upper: Floats) -> Answer:
    """P(breach) for those that give none: the likeliest step, each step spread like a bell as wide as its band."""

    def breach(threshold: float, ahead: int) -> Floats:
        return linear.breach_of_band(point[:, :ahead], lower[:, :ahead], upper[:, :ahead], threshold)

    return Answer(point, lower, upper, breach)
