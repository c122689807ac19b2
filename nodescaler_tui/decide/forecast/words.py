"""The outlook in words: one sentence that a tired person understands. Needs no numpy."""

from __future__ import annotations

from typing import Final

from nodescaler_tui.decide.forecast.outlook import Crossing, NotEnoughHistory, SignalForecast, TimeToBreach
from nodescaler_tui.decide.forecast.track import Track
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.wording import duration, percent

_NAMES: Final = {SignalName.CPU: "CPU", SignalName.MEMORY: "memory", SignalName.SESSIONS: "sessions"}
_EVERY_DAY: Final = 3
_DAY_S: Final = 86_400
_WRONG: Final = 1.0


def history_sentence(missing: NotEnoughHistory) -> str:
    """Why there is no forecast: "not enough history: 40 m of 2 h"."""
    return f"not enough history: {duration(missing.known_s)} of {duration(missing.needed_s)}"


def breach_words(when: TimeToBreach, name: str) -> str:
    """When a threshold is crossed: "critical in 12–25 min, likely"."""
    first, last = round(when.earliest_s / 60), max(1, round(when.latest_s / 60))
    span = f"in {first}–{last} min" if first < last else f"in {last} min"
    return f"{name} {span}, {when.likelihood.value}"


def evidence_sentence(forecast: SignalForecast, crossing: Crossing) -> str:
    """Why this is expected, from the strongest evidence there is."""
    limit = amount(forecast.signal, crossing.threshold)
    if forecast.now >= crossing.threshold:
        return reached_sentence(forecast.signal, crossing.threshold)
    if _falls_daily(forecast) and not crossing.when:
        return f"falls within the hour after this time every day ({forecast.known_days} days known)"
    if crossing.analogs:
        return f"{crossing.crossed} of {crossing.analogs} similar hours crossed {limit}"
    return f"from {duration(forecast.history_s)} of history only: no similar hour is known yet"


def reached_sentence(signal: SignalName, limit: float) -> str:
    """That a limit is reached already."""
    return f"{_NAMES[signal]} is at or above {amount(signal, limit)} already"


def surprise_sentence(signal: SignalName, value: float, lowest: float, highest: float) -> str:
    """That what is measured lies far outside of what was forecast for now; all for each node."""
    band = f"{amount(signal, round(lowest, 2))} to {amount(signal, round(highest, 2))}"
    return f"did not see this coming: {amount(signal, round(value, 2))} where it expected {band}"


def amount(signal: SignalName, value: float) -> str:
    """A threshold or a value: a percentage, or sessions."""
    return f"{value:g}" if signal is SignalName.SESSIONS else percent(value)


def chance(p: float) -> str:
    """A probability without false precision: never 0 % or 100 %."""
    if p < 0.01:
        return "< 1 %"
    return "> 99 %" if p > 0.99 else f"{p * 100:.0f} %"


def track_sentence(track: Track | None) -> str:
    """Whether to believe the forecast: empty while it does better than "it stays where it is"."""
    if track is None or track.relative <= _WRONG:
        return ""
    return (
        f"has been wrong lately: {track.relative:.1f} × the error of assuming no change, over {track.judged} forecasts"
    )


def _falls_daily(forecast: SignalForecast) -> bool:
    return forecast.known_days >= _EVERY_DAY and forecast.fell_on_days == forecast.known_days
