"""How good a forecast is: its error, its band, its breach probabilities and the alerts they would have raised.

Thresholds are the 90th and 95th percentile of the trace itself. Breaches are judged only at quiet moments: when every
sample of the last 15 minutes is below the threshold. All figures weigh every source the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.forecast_rivals import Answer
from benchmarks.forecast_traces import DAY_S, Cut, Flags, Floats
from nodescaler_tui.decide.forecast import backtest

HORIZONS_S: Final = (900, 3600)
THRESHOLDS: Final = (0.90, 0.95)


@dataclass(frozen=True, slots=True)
class Score:
    """One trace, window and horizon. `precision` is the average precision of P(breach); NaN where nothing crossed.

    With the alert that tunes itself to one false page a day: `warned` is the share of crossings that were announced
    at least 15 minutes before, `false_pages` how many a day never came true.
    """

    source: str
    error: float
    pinball: float
    covered: float
    precision: float
    warned: float
    false_pages: float


def score(cut: Cut, answer: Answer, horizon_s: int) -> Score:
    """Everything about one forecaster on one trace."""
    ahead = horizon_s // cut.window.step_s
    came = cut.came[:, :ahead]
    point, lower, upper = (part[:, :ahead] for part in (answer.point, answer.lower, answer.upper))
    alerts = [_alerts(cut, answer, float(np.quantile(cut.trace.values, level)), ahead) for level in THRESHOLDS]
    crossings = sum(found.crossings for found in alerts)
    return Score(
        cut.trace.source,
        float(np.abs(came - point).mean()),
        sum(_pinball(came, part, level) for part, level in ((lower, 0.05), (point, 0.5), (upper, 0.95))) / 3,
        float(((lower <= came) & (came <= upper)).mean()),
        _mean([found.precision for found in alerts]),
        sum(found.warned for found in alerts) / crossings if crossings else float("nan"),
        sum(found.false_pages for found in alerts) / len(alerts) / _days(cut),
    )


def relative(scores: Iterable[Score], to: Iterable[Score], figure: Callable[[Score], float]) -> float:
    """The geometric mean over traces of a figure next to that of another forecaster, every source weighing the same."""
    by_source: dict[str, list[float]] = {}
    for one, other in zip(scores, to, strict=True):
        by_source.setdefault(one.source, []).append(np.log((figure(one) + 1e-12) / (figure(other) + 1e-12)))
    return float(np.exp(np.mean([np.mean(logs) for logs in by_source.values()])))


def mean_over_sources(scores: Iterable[Score], figure: Callable[[Score], float]) -> float:
    """The mean of a figure, every source weighing the same; traces on which it is not known are left out."""
    by_source: dict[str, list[float]] = {}
    for one in scores:
        if np.isfinite(figure(one)):
            by_source.setdefault(one.source, []).append(figure(one))
    return _mean([_mean(values) for values in by_source.values()])


@dataclass(frozen=True, slots=True)
class _Alerts:
    precision: float
    crossings: int
    warned: int
    false_pages: int


def _alerts(cut: Cut, answer: Answer, threshold: float, ahead: int) -> _Alerts:
    back = max(1, backtest.QUIET_S // cut.window.step_s)
    quiet = sliding_window_view(cut.trace.values, back)[cut.moments - back + 1].max(1) < threshold
    hit = cut.came[:, :ahead] >= threshold
    crosses: Flags = np.any(hit, axis=1)
    p = answer.breach(threshold, ahead)
    apart = _apart(cut)
    raised = backtest.raised(p, quiet, ~crosses, max(1, ahead // apart), apart * cut.window.step_s)
    starts = cut.moments[quiet & hit[:, 0]] + 1
    lead = backtest.lead(cut.moments[raised], starts, ahead) * cut.window.step_s
    pages = backtest.false_pages(cut.moments[raised & ~crosses], ahead, back)
    precision = average_precision(crosses[quiet], p[quiet])
    return _Alerts(precision, len(starts), int((lead >= backtest.LEAD_S).sum()), pages)


def average_precision(crosses: Flags, p: Floats) -> float:
    """The mean precision over all alert levels, weighted by the recall that each level adds; NaN without a crossing."""
    if not crosses.any():
        return float("nan")
    order = np.argsort(-p, kind="stable")
    right, level = np.cumsum(crosses[order]), p[order]
    last_of_level = np.append(level[1:] != level[:-1], True)
    recall, precision = right / right[-1], right / np.arange(1, len(right) + 1)
    return float((np.diff(np.append(0, recall[last_of_level])) * precision[last_of_level]).sum())


def _pinball(came: Floats, quantile: Floats, level: float) -> float:
    return float(np.maximum(level * (came - quantile), (level - 1) * (came - quantile)).mean())


def _days(cut: Cut) -> float:
    return len(cut.moments) * _apart(cut) * cut.window.step_s / DAY_S


def _apart(cut: Cut) -> int:
    return int(cut.moments[1] - cut.moments[0])


def _mean(values: list[float]) -> float:
    known = [value for value in values if np.isfinite(value)]
    return float(np.mean(known)) if known else float("nan")
