"""From what was measured to forecasts of load, for all groups and signals in one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nodescaler_tui.decide.forecast.analogs import EVIDENCE
from nodescaler_tui.decide.forecast.bars import BARS_A_DAY, BARS_AHEAD, HORIZON_S, Floats
from nodescaler_tui.decide.forecast.batch import Forecasts, Part, forecast_many
from nodescaler_tui.decide.forecast.outlook import (
    STEP_S,
    Analog,
    Climb,
    GroupForecast,
    NotEnoughHistory,
    SignalForecast,
)
from nodescaler_tui.decide.signals import SignalName

NEEDED_S: Final = 7200.0
"""Less than two hours are not forecast."""

_LEAST_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class LoadHistory:
    """One signal of one group over time.

    `load` is utilization times nodes in service at that time (`busy_nodes`), or sessions as they are; NaN where
    nothing was measured. The newest sample is the last, samples are about `STEP_S` apart.
    """

    group_id: str
    signal: SignalName
    times_s: Floats
    load: Floats


def busy_nodes(utilization: Floats, nodes: Floats) -> Floats:
    """Utilization as load: how many nodes' worth of work there is. Unknown where either is, or where no node is."""
    utilization, nodes = np.asarray(utilization, np.float64), np.asarray(nodes, np.float64)
    return np.where(nodes > 0, utilization * nodes, np.nan)


def enough_history(history: LoadHistory) -> NotEnoughHistory | None:
    """None when there is enough: two hours, at least half of them measured, and something within the last hour."""
    times, load = np.asarray(history.times_s, np.float64), np.asarray(history.load, np.float64)
    known = times[np.isfinite(times) & np.isfinite(load)]
    if not len(known):
        return NotEnoughHistory(0.0, NEEDED_S)
    end = float(times[np.isfinite(times)][-1])
    recent = known[(known <= end) & (known > end - NEEDED_S - STEP_S)]
    if not len(recent) or end - float(recent.max()) > HORIZON_S:
        return NotEnoughHistory(0.0, NEEDED_S)
    span = end - float(known[known <= end].min())
    measured = len(np.unique(np.floor((end - recent) / STEP_S))) * STEP_S
    if span + STEP_S < NEEDED_S or measured < NEEDED_S * _LEAST_SHARE:
        return NotEnoughHistory(min(span, float(measured)), NEEDED_S)
    return None


def forecast_groups(histories: Sequence[LoadHistory]) -> tuple[GroupForecast, ...]:
    """The outlook of every group, in the order in which the groups first appear."""
    missing = [enough_history(history) for history in histories]
    asked = [history for history, lack in zip(histories, missing, strict=True) if lack is None]
    made = iter(_forecast(asked))
    groups: dict[str, list[tuple[SignalName, SignalForecast | NotEnoughHistory]]] = {}
    for history, lack in zip(histories, missing, strict=True):
        groups.setdefault(history.group_id, []).append((history.signal, lack or next(made)))
    return tuple(GroupForecast(group_id, tuple(signals)) for group_id, signals in groups.items())


def _forecast(histories: list[LoadHistory]) -> list[SignalForecast]:
    if not histories:
        return []
    longest = max(len(history.load) for history in histories)
    times, values = (np.full((len(histories), longest), np.nan) for _ in range(2))
    for row, history in enumerate(histories):
        times[row, longest - len(history.times_s) :] = history.times_s
        values[row, longest - len(history.load) :] = history.load
    many = forecast_many(times, values, HORIZON_S, STEP_S)
    made: dict[int, SignalForecast] = {}
    for part in many.parts:
        tables = [_lists(part.crests.tables(step)) for step in range(1, BARS_AHEAD + 1)]
        evidence = _evidence(part)
        for place, row in enumerate(part.rows.tolist()):
            climbs = tuple(Climb(tuple(at[place]), tuple(p[place])) for at, p in tables)
            made[row] = _signal(histories[row], many, row, climbs, evidence[place])
    return [made[row] for row in range(len(histories))]


def _lists(table: tuple[Floats, Floats]) -> tuple[list[list[float]], list[list[float]]]:
    return table[0].tolist(), table[1].tolist()


def _signal(
    history: LoadHistory, many: Forecasts, row: int, climbs: tuple[Climb, ...], evidence: tuple[Analog, ...]
) -> SignalForecast:
    known = np.isfinite(history.load) & np.isfinite(history.times_s)
    times, load = np.asarray(history.times_s)[known], np.asarray(history.load)[known]
    fell, days = _falls(times, load)
    return SignalForecast(
        history.signal,
        float(load[-1]),
        _not_negative(many.point[row]),
        _not_negative(many.lower[row]),
        _not_negative(many.upper[row]),
        climbs,
        evidence,
        float(times[-1] - times.min()),
        fell,
        days,
    )


def _evidence(part: Part) -> list[tuple[Analog, ...]]:
    """The nearest analogs of each series of the part, in load units."""
    if part.analogs is None:
        return [()] * len(part.rows)
    nearest = part.analogs.paths[:, :EVIDENCE].astype(np.float64)
    paths = np.maximum(part.base[:, :, None] + part.move[:, :, None] * nearest, 0.0).tolist()
    ago_s = (part.analogs.bars_ago[:, :EVIDENCE] * STEP_S).tolist()
    return [
        tuple(Analog(ago, tuple(path)) for ago, path in zip(agos, hours, strict=True))
        for agos, hours in zip(ago_s, paths, strict=True)
    ]


def _falls(times: Floats, load: Floats) -> tuple[int, int]:
    """On how many of the known days the load fell within the hour after this time of day."""
    order = np.argsort(times, kind="stable")
    at, total = times[order], np.append(0.0, np.cumsum(load[order]))
    day_s = STEP_S * BARS_A_DAY
    then = times[-1] - day_s * np.arange(1, int((times[-1] - at[0]) // day_s) + 1)
    before, after = _mean_near(at, total, then), _mean_near(at, total, then + HORIZON_S)
    known = np.isfinite(before) & np.isfinite(after)
    return int((after[known] < before[known]).sum()), int(known.sum())


def _mean_near(at: Floats, total: Floats, moments: Floats) -> Floats:
    """The mean load within ten minutes of each moment, NaN where there is none."""
    first = np.searchsorted(at, moments - 2 * STEP_S)
    stop = np.searchsorted(at, moments + 2 * STEP_S, side="right")
    return np.where(stop > first, (total[stop] - total[first]) / np.maximum(stop - first, 1), np.nan)


def _not_negative(values: Floats) -> tuple[float, ...]:
    """Load is never below zero, so neither is its forecast."""
    return tuple(np.maximum(values, 0.0).tolist())
