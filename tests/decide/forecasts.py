"""Forecasts for tests: what is said of each signal's critical limit, without a history that it would follow from."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from nodescaler_tui.decide.ahead import DatedForecast
from nodescaler_tui.decide.forecast.climbs import Climbs, SimilarHours
from nodescaler_tui.decide.forecast.outlook import GroupForecast, NotEnoughHistory, SignalForecast
from nodescaler_tui.decide.forecast.track import Track
from nodescaler_tui.decide.signals import SignalName

NEVER = (0.0,) * 12
SOON = (0.3, 0.6, 0.8, *(0.9,) * 9)
"""Even odds after 8 m 20 s."""


def forecast_of(
    signal: SignalName,
    odds: Sequence[float],
    *,
    nodes: int = 10,
    upper: float = 0.95,
    crossed: int = 7,
    of: int = 20,
    now: float = 0.7,
) -> SignalForecast:
    """`odds` are those of the critical limit, whichever it is; `upper` and `now` are per node, save for sessions."""
    share = 1 if signal is SignalName.SESSIONS else nodes
    evidence = SimilarHours.of([(3600, (math.inf if number < crossed else 0.0,)) for number in range(of)])
    band = (upper * share,) * len(odds)
    return SignalForecast(signal, now * share, band, band, band, Climbs.to_any_value(odds), evidence, 90_000.0)


def dated_forecast(
    age_s: float = 60.0,
    tracks: dict[SignalName, Track] | None = None,
    **odds: Sequence[float] | NotEnoughHistory,
) -> DatedForecast:
    """One forecast for each signal that is named; the others are not forecast."""
    signals = tuple(
        (name, given if isinstance(given, NotEnoughHistory) else forecast_of(name, given))
        for name in SignalName
        if name.value in odds
        for given in (odds[name.value],)
    )
    return DatedForecast(GroupForecast("g-1", signals), age_s, tracks or {})


def dated_forecast_of(vector: dict[str, Any]) -> DatedForecast:
    """The forecast of a test vector."""
    ahead, nodes = vector["ahead"], vector["current_nodes"] or 0
    signals: list[tuple[SignalName, SignalForecast | NotEnoughHistory]] = []
    for name in SignalName:
        given = ahead.get(name.value)
        if given is not None:
            told = {key: given[key] for key in ("upper", "crossed", "of") if key in given}
            known = forecast_of(name, given["odds"], nodes=nodes, **told) if "odds" in given else None
            signals.append((name, known or NotEnoughHistory(given["history"], 7200.0)))
    judged = [name for name in SignalName if "track" in ahead.get(name.value, ())]
    tracks = {name: Track(ahead[name.value]["track"], 96) for name in judged}
    return DatedForecast(GroupForecast("g-1", tuple(signals)), ahead["age"], tracks)
