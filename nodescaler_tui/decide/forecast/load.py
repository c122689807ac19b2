"""From what was measured to forecasts of load, for all groups and signals in one call."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from nodescaler_tui.decide.forecast.analogs import EVIDENCE
from nodescaler_tui.decide.forecast.bars import BARS_A_DAY, BARS_AHEAD, HORIZON_S, Floats, Indices
from nodescaler_tui.decide.forecast.batch import Part, forecast_many
from nodescaler_tui.decide.forecast.climbs import Climbs, SimilarHours
from nodescaler_tui.decide.forecast.outlook import STEP_S, GroupForecast, NotEnoughHistory, SignalForecast
from nodescaler_tui.decide.signals import SignalName

NEEDED_S: Final = 7200.0
"""Less than two hours are not forecast."""

_LEAST_SHARE: Final = 0.5


@dataclass(frozen=True, slots=True)
class LoadHistory:
    """One signal of one group over time, one value every `STEP_S` seconds, the newest last.

    `load` is utilization times nodes in service at that time (`busy_nodes`), or sessions as they are; NaN where
    nothing was measured, above all for a signal that has not been measured lately.
    """

    group_id: str
    signal: SignalName
    load: Floats


def busy_nodes(utilization: Floats, nodes: Floats) -> Floats:
    """Utilization as load: how many nodes' worth of work there is. Unknown where either is, or where no node is."""
    utilization, nodes = np.asarray(utilization, np.float64), np.asarray(nodes, np.float64)
    return np.where(nodes > 0, utilization * nodes, np.nan)


def enough_history(load: Floats) -> NotEnoughHistory | None:
    """None when there is enough: two hours, at least half of them measured, and something within the last hour."""
    known = np.flatnonzero(np.isfinite(load))
    recent = known[np.searchsorted(known, len(load) - 1 - int(NEEDED_S) // STEP_S) :]
    if not len(recent) or len(load) - 1 - recent[-1] > BARS_AHEAD:
        return NotEnoughHistory(0.0, NEEDED_S)
    span_s, measured_s = float(len(load) - 1 - known[0]) * STEP_S, float(len(recent)) * STEP_S
    if span_s + STEP_S < NEEDED_S or measured_s < NEEDED_S * _LEAST_SHARE:
        return NotEnoughHistory(min(span_s, measured_s), NEEDED_S)
    return None


def forecast_groups(histories: Sequence[LoadHistory]) -> tuple[GroupForecast, ...]:
    """The outlook of every group, in the order in which the groups first appear."""
    missing = [enough_history(history.load) for history in histories]
    asked = [history for history, lack in zip(histories, missing, strict=True) if lack is None]
    made = iter(_forecast(asked))
    groups: dict[str, list[tuple[SignalName, SignalForecast | NotEnoughHistory]]] = {}
    for history, lack in zip(histories, missing, strict=True):
        groups.setdefault(history.group_id, []).append((history.signal, lack or next(made)))
    return tuple(GroupForecast(group_id, tuple(signals)) for group_id, signals in groups.items())


def _forecast(histories: list[LoadHistory]) -> list[SignalForecast]:
    if not histories:
        return []
    loads = _aligned([history.load for history in histories])
    times_s = np.broadcast_to(np.arange(loads.shape[1]) * float(STEP_S), loads.shape)
    many, past = forecast_many(times_s, loads, HORIZON_S, STEP_S), _past(loads)
    bands = [_rows(values) for values in (many.point, many.lower, many.upper)]
    made: dict[int, SignalForecast] = {}
    for part in many.parts:
        climbs, evidence = _climbs(part), _evidence(part)
        for place, row in enumerate(part.rows.tolist()):
            point, lower, upper = (band[row] for band in bands)
            now, history_s, fell, days = past[row]
            made[row] = SignalForecast(
                histories[row].signal, now, point, lower, upper, climbs[place], evidence[place], history_s, fell, days
            )
    return [made[row] for row in range(len(histories))]


def _aligned(loads: Sequence[Floats]) -> Floats:
    """All series with their newest value in the last column; unknown before the shorter ones began."""
    aligned = np.full((len(loads), max(len(load) for load in loads)), np.nan)
    for row, load in enumerate(loads):
        aligned[row, aligned.shape[1] - len(load) :] = load
    return aligned


def _rows(values: Floats) -> list[tuple[float, ...]]:
    """Load is never below zero, so neither is its forecast."""
    return [tuple(row) for row in np.maximum(values, 0.0).tolist()]


def _climbs(part: Part) -> list[Climbs]:
    """How high each series of the part may climb by each step, in load units."""
    tables = [part.crests.tables(step) for step in range(1, BARS_AHEAD + 1)]
    values, reached = (np.stack([table[kind] for table in tables], axis=1) for kind in range(2))
    return [Climbs(values.shape[2], _block(values[place]), _block(reached[place])) for place in range(len(part.rows))]


def _evidence(part: Part) -> list[SimilarHours]:
    """The nearest analogs of each series of the part, in load units."""
    if part.analogs is None:
        return [SimilarHours.of(())] * len(part.rows)
    nearest = part.analogs.paths[:, :EVIDENCE].astype(np.float64)
    paths = np.maximum(part.base[:, :, None] + part.move[:, :, None] * nearest, 0.0)
    peaks = np.sort(paths.max(2), axis=1)
    ago_s = part.analogs.bars_ago[:, :EVIDENCE].astype(np.int64) * STEP_S
    return [
        SimilarHours(array("q", ago_s[place].tobytes()), _block(paths[place]), _block(peaks[place]))
        for place in range(len(part.rows))
    ]


def _block(values: Floats) -> array[float]:
    return array("d", np.asarray(values, np.float64).tobytes())


def _past(loads: Floats) -> list[tuple[float, float, int, int]]:
    """Of each series: the newest load, how many seconds are known, and on how many of how many days it fell now."""
    known = np.isfinite(loads)
    first, newest = known.argmax(1), loads.shape[1] - 1 - known[:, ::-1].argmax(1)
    now = loads[np.arange(len(loads)), newest]
    fell, days = _falls(loads, first, newest)
    return list(zip(now.tolist(), ((newest - first) * float(STEP_S)).tolist(), fell, days, strict=True))


def _falls(loads: Floats, first: Indices, newest: Indices) -> tuple[list[int], list[int]]:
    """On how many of the known days each load fell within the hour after this time of day."""
    days = np.arange(1, loads.shape[1] // BARS_A_DAY + 1)
    then = newest[:, None] - BARS_A_DAY * days
    before, after = _mean_near(loads, then), _mean_near(loads, then + BARS_AHEAD)
    known = (then >= first[:, None]) & np.isfinite(before) & np.isfinite(after)
    return (known & (after < before)).sum(1).tolist(), known.sum(1).tolist()


def _mean_near(loads: Floats, moments: Indices) -> Floats:
    """The mean load within ten minutes of each moment, NaN where there is none; both (series, moments)."""
    columns = moments[:, :, None] + np.arange(-2, 3)
    near = loads[np.arange(len(loads))[:, None, None], np.clip(columns, 0, loads.shape[1] - 1)]
    known = np.isfinite(near) & (columns >= 0) & (columns < loads.shape[1])
    count = known.sum(2)
    return np.where(count > 0, np.where(known, near, 0.0).sum(2) / np.maximum(count, 1), np.nan)
