"""An outlook held against what is measured now: a forecast is minutes old, and what came since goes before it. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import structs

from nodescaler_tui.decide.decision import Judgement
from nodescaler_tui.decide.forecast.outlook import STEP_S, SignalForecast
from nodescaler_tui.decide.forecast.words import reached_sentence, surprise_sentence
from nodescaler_tui.decide.signals import Level, SignalName
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.outlook_book import GroupOutlook
from nodescaler_tui.outlook_state import CrossingState, OutlookState, SignalOutlook

NOT_KNOWN_NOW: Final = display_text("not forecast while it is unknown")

_LEAST_SURPRISE: Final = 0.05
"""Of the critical limit: one poll is noisier than the mean of five minutes that is forecast."""

_CERTAIN: Final = (1.0, 1.0, 1.0)


def held_against(
    outlook: OutlookState, made: GroupOutlook, judgements: Sequence[Judgement], nodes: int, now: datetime
) -> OutlookState:
    """What was forecast as far as it still holds, with so many nodes.

    Nothing is said of a signal that is unknown. A limit that is reached is reached, whatever was expected. Where what
    is measured has left the band, the forecast is doubted.
    """
    judged: Mapping[SignalName, Judgement] = {judgement.signal: judgement for judgement in judgements}
    signals = tuple(_held(each, made, judged.get(each.signal), nodes, now) for each in outlook.signals)
    changed = any(now_said is not said for now_said, said in zip(signals, outlook.signals, strict=True))
    return structs.replace(outlook, signals=signals) if changed else outlook


def _held(
    said: SignalOutlook, made: GroupOutlook, judgement: Judgement | None, nodes: int, now: datetime
) -> SignalOutlook:
    forecast = made.forecast.signal(said.signal)
    if said.critical is None or not isinstance(forecast, SignalForecast):
        return said
    value = None if judgement is None or judgement.level.unknown else judgement.sample.value
    if judgement is None or not isinstance(value, int | float):
        return SignalOutlook(said.signal, NOT_KNOWN_NOW)
    load = value * (1 if said.signal is SignalName.SESSIONS else nodes)
    read_at = now - timedelta(seconds=judgement.sample.age_s or 0.0)
    surprise = _surprise(forecast, load, said.critical.limit * nodes, _step(made, read_at))
    if surprise is not None:
        lowest, highest = (edge / nodes for edge in surprise)
        said = structs.replace(
            said, doubt=display_text(surprise_sentence(said.signal, load / nodes, lowest, highest)), alert=False
        )
    return _reached(said, judgement.level)


def _step(made: GroupOutlook, read_at: datetime) -> int:
    return max(0, int((read_at - made.begins_at).total_seconds() // STEP_S))


def _surprise(forecast: SignalForecast, load: float, critical: float, step: int) -> tuple[float, float] | None:
    """The band that was forecast for now, where the load has left it by more than its width; else None."""
    steps = slice(max(step - 1, 0), step + 1)
    edges = [*forecast.lower[steps], *forecast.upper[steps], *((forecast.now,) if step == 0 else ())]
    if not edges:
        return None
    lowest, highest = min(edges), max(edges)
    margin = max(highest - lowest, _LEAST_SURPRISE * critical)
    return None if lowest - margin <= load <= highest + margin else (lowest, highest)


def _reached(said: SignalOutlook, level: Level) -> SignalOutlook:
    """Its limits as they are reached now."""
    critical = _as_measured(said.critical, reached=level is Level.CRITICAL)
    warning = _as_measured(said.warning, reached=level in {Level.WARNING, Level.CRITICAL})
    if critical is said.critical and warning is said.warning:
        return said
    why = said.why
    if critical is not None and critical.reached:
        why = display_text(reached_sentence(said.signal, critical.limit))
    return structs.replace(said, why=why, critical=critical, warning=warning)


def _as_measured(crossing: CrossingState | None, *, reached: bool) -> CrossingState | None:
    if crossing is None or (not reached and not crossing.reached):
        return crossing
    if not reached:
        return structs.replace(crossing, reached=False)
    return CrossingState(crossing.limit, _CERTAIN, None, None, None, None, reached=True)
