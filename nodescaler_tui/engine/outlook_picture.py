"""The outlook as it is shown: a forecast of load, under the limits and with the nodes that hold now. Pure.

What was forecast stays the same until it is made anew, so its picture is made once for each node count and matrix.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from nodescaler_tui.decide.forecast.outlook import HORIZONS_S, STEP_S, Crossing, NotEnoughHistory, SignalForecast
from nodescaler_tui.decide.forecast.words import evidence_sentence, history_sentence, track_sentence
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.assessment import Assessment
from nodescaler_tui.engine.outlook_book import GroupOutlook
from nodescaler_tui.engine.outlook_measured import held_against
from nodescaler_tui.outlook_state import CrossingState, OutlookState, SignalOutlook

_STEPS: Final = tuple(horizon // STEP_S - 1 for horizon in HORIZONS_S)


def critical_load(signal: SignalName, matrix: ThresholdMatrix, nodes: int) -> float:
    """The load at which so many nodes are critical."""
    limits = {SignalName.CPU: matrix.cpu_critical, SignalName.MEMORY: matrix.memory_critical}
    return limits.get(signal, float(matrix.sessions_limit_per_node)) * nodes


def warning_load(signal: SignalName, matrix: ThresholdMatrix, nodes: int) -> float | None:
    """The load at which so many nodes are worth a warning; sessions have no such limit."""
    limits = {SignalName.CPU: matrix.cpu_warning, SignalName.MEMORY: matrix.memory_warning}
    return limits[signal] * nodes if signal in limits else None


def outlook_state(outlook: GroupOutlook, nodes: int, matrix: ThresholdMatrix) -> OutlookState:
    """What the next hour may bring with so many nodes, at least one, under this matrix."""
    signals = tuple(_signal(outlook, signal, nodes, matrix) for signal, _ in outlook.forecast.signals)
    return OutlookState(outlook.made_at, outlook.begins_at, signals)


def _signal(outlook: GroupOutlook, name: SignalName, nodes: int, matrix: ThresholdMatrix) -> SignalOutlook:
    forecast = outlook.forecast.utilization(name, nodes)
    if not isinstance(forecast, SignalForecast):
        lack = forecast if isinstance(forecast, NotEnoughHistory) else NotEnoughHistory(0.0, 0.0)
        return SignalOutlook(name, display_text(history_sentence(lack)))
    critical = forecast.crossing(critical_load(name, matrix, 1))
    warning = warning_load(name, matrix, 1)
    return SignalOutlook(
        signal=name,
        why=display_text(evidence_sentence(forecast, critical)),
        expected=tuple(forecast.point[step] for step in _STEPS),
        lowest=tuple(forecast.lower[step] for step in _STEPS),
        highest=tuple(forecast.upper[step] for step in _STEPS),
        warning=None if warning is None else _crossing(forecast, forecast.crossing(warning), outlook.begins_at),
        critical=_crossing(forecast, critical, outlook.begins_at),
        doubt=display_text(track_sentence(outlook.tracks.get(name))),
        alert=name in outlook.alerts,
    )


def _crossing(forecast: SignalForecast, crossing: Crossing, begins_at: datetime) -> CrossingState:
    when = crossing.when

    def at(seconds: int | None) -> datetime | None:
        return None if seconds is None else begins_at + timedelta(seconds=seconds)

    return CrossingState(
        limit=crossing.threshold,
        within=crossing.within,
        earliest_at=None if when is None else at(when.earliest_s),
        latest_at=None if when is None else at(when.latest_s),
        expected_at=at(crossing.expected_s),
        likelihood=None if when is None else when.likelihood,
        reached=forecast.now >= crossing.threshold,
    )


class OutlookPictures:
    """The pictures that were made last, by group."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[GroupOutlook, int, ThresholdMatrix, OutlookState]] = {}

    def of(self, outlook: GroupOutlook | None, assessment: Assessment, now: datetime) -> OutlookState | None:
        """The picture of this outlook as it holds now; None without one, and while the number of nodes is not known."""
        nodes, matrix = assessment.reading.current_nodes.value, assessment.situation.matrix
        if outlook is None or not isinstance(nodes, int) or nodes < 1:
            return None
        made = self._as_forecast(outlook, nodes, matrix)
        return held_against(made, outlook, assessment.decision.judgements, nodes, now)

    def _as_forecast(self, outlook: GroupOutlook, nodes: int, matrix: ThresholdMatrix) -> OutlookState:
        group_id = outlook.forecast.group_id
        found = self._made.get(group_id)
        if found is None or found[0] is not outlook or found[1] != nodes or found[2] != matrix:
            found = self._made[group_id] = (outlook, nodes, matrix, outlook_state(outlook, nodes, matrix))
        return found[3]
