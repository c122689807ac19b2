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
        tables = [part.crests.tables(step) for step in range(1, BARS_AHEAD + 1)]
        for place, row in enumerate(part.rows.tolist()):
            climbs = tuple(Climb(tuple(at[place].tolist()), tuple(p[place].tolist())) for at, p in tables)
            made[row] = _signal(histories[row], many, row, climbs, _evidence(part, place))
    return [made[row] for row in range(len(histories))]


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


def _evidence(part: Part, place: int) -> tuple[Analog, ...]:
    if part.analogs is None:
        return ()
    base, move = float(part.base[place, 0]), float(part.move[place, 0])
    return tuple(
        Analog(int(ago) * STEP_S, _not_negative(base + move * path))
        for ago, path in zip(
            part.analogs.bars_ago[place, :EVIDENCE],
            part.analogs.paths[place, :EVIDENCE].astype(np.float64),
            strict=True,
        )
    )


def _falls(times: Floats, load: Floats) -> tuple[int, int]:
    """On how many of the known days the load fell within the hour after this time of day."""
    now, day_s = times[-1], STEP_S * BARS_A_DAY
    fell = known = 0
    for day in range(1, int((now - times.min()) // day_s) + 1):
        then = now - day * day_s
        before, after = load[_near(times, then)], load[_near(times, then + HORIZON_S)]
        if len(before) and len(after):
            known += 1
            fell += bool(after.mean() < before.mean())
    return fell, known


def _near(times: Floats, moment: float) -> Floats:
    return np.asarray(np.abs(times - moment) <= 2 * STEP_S)


def _not_negative(values: Floats) -> tuple[float, ...]:
    """Load is never below zero, so neither is its forecast."""
    return tuple(np.maximum(values, 0.0).tolist())
