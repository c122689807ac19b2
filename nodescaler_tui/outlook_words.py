"""The outlook in words, counted from now, so that it goes on counting between one forecast and the next. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from nodescaler_tui.decide.forecast.outlook import HORIZONS_S, Likelihood, TimeToBreach
from nodescaler_tui.decide.forecast.words import breach_words, chance
from nodescaler_tui.decide.signals import Level, SignalName
from nodescaler_tui.decide.wording import percent
from nodescaler_tui.outlook_state import CrossingState, SignalOutlook
from nodescaler_tui.state import GroupState, PlanState

NAMES: Final = {SignalName.CPU: "CPU", SignalName.MEMORY: "memory", SignalName.SESSIONS: "sessions/node"}
_HALF_AN_HOUR: Final = HORIZONS_S.index(1800)


def worst_outlook(group: GroupState) -> SignalOutlook | None:
    """The signal that is expected to turn critical first, or is the likeliest to; None while nothing is forecast."""
    if group.outlook is None:
        return None
    if group.outlook.soonest is not None:
        return group.outlook.soonest[1]
    return max(group.outlook.signals, key=_likely, default=None)


def _likely(signal: SignalOutlook) -> float:
    return signal.critical.within[-1] if signal.critical is not None else -1.0


def outlook_words(signal: SignalOutlook, now: datetime) -> str:
    """When the signal may turn critical, how likely, and why, or why not to believe it; or that history is missing."""
    if signal.critical is None:
        return f"{NAMES[signal.signal]}: {signal.why}"
    why = f"but the forecast {signal.doubt}" if signal.doubt else "" if signal.critical.reached else str(signal.why)
    return f"{NAMES[signal.signal]} {crossing_words(signal.critical, now)}{f'; {why}' if why else ''}"


def crossing_words(crossing: CrossingState, now: datetime) -> str:
    """When: "critical in 12–25 min, likely", or the chance that it is within the hour, or that it is now."""
    if crossing.reached:
        return "critical now"
    if crossing.earliest_at is None or crossing.latest_at is None or crossing.likelihood is None:
        return f"critical within the hour: {chance(crossing.within[-1])}"
    return breach_words(
        TimeToBreach(
            max(0, round((crossing.earliest_at - now).total_seconds())),
            max(60, round((crossing.latest_at - now).total_seconds())),
            Likelihood(crossing.likelihood),
        ),
        "critical",
    )


def approval_words(group: GroupState, plan: PlanState) -> str:
    """What the plan would bring in half an hour, as load is expected to go on: "CPU 78 % (71–84 %) at 15:00".

    Empty while nothing is forecast that can be believed. The load is the same for whatever number of nodes, so it is
    only shared anew.
    """
    signal = _decisive(group)
    if group.outlook is None or signal is None or signal.doubt or not signal.expected or not plan.requested_nodes:
        return ""
    share = plan.current_nodes / plan.requested_nodes
    point, lowest, highest = (
        values[_HALF_AN_HOUR] * share for values in (signal.expected, signal.lowest, signal.highest)
    )
    at = f"{group.outlook.at(HORIZONS_S[_HALF_AN_HOUR]).astimezone():%H:%M}"
    return f"{NAMES[signal.signal]} {_amount(signal.signal, point)} ({_span(signal.signal, lowest, highest)}) at {at}"


def _decisive(group: GroupState) -> SignalOutlook | None:
    """The signal that the plan is about: one that is critical, else the one that is expected to be."""
    critical = [signal.name for signal in group.signals if signal.level is Level.CRITICAL]
    found = None if group.outlook is None or not critical else group.outlook.signal(critical[0])
    return found or worst_outlook(group)


def _amount(signal: SignalName, value: float) -> str:
    return f"{value:.2f}" if signal is SignalName.SESSIONS else percent(round(value, 2))


def _span(signal: SignalName, lowest: float, highest: float) -> str:
    if signal is SignalName.SESSIONS:
        return f"{lowest:.2f}–{highest:.2f}"
    return f"{lowest * 100:.0f}–{highest * 100:.0f} %"
