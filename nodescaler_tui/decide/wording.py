"""The decision in words: a tired person should need one sentence to know what is proposed, or why nothing is."""

from __future__ import annotations

from typing import Final

from nodescaler_tui.decide.decision import Decision, Judgement, Situation, Verdict, projected
from nodescaler_tui.decide.signals import Level, SignalName, is_count, is_utilization

_NAMES: Final = {SignalName.CPU: "CPU", SignalName.MEMORY: "memory", SignalName.SESSIONS: "sessions"}


def percent(value: float) -> str:
    """A fraction as a percentage, with a decimal only where rounding would hide which side of a limit it is on."""
    hundred = round(value * 100, 6)
    return f"{hundred:.0f} %" if abs(hundred - round(hundred)) < 0.05 else f"{hundred:.1f} %"


def duration(seconds: float) -> str:
    """A length of time as it is spoken: 3 s, 2 m 10 s, 1 h 5 m, 2 d 3 h."""
    whole = max(0, round(seconds))
    if whole < 60:
        return f"{whole} s"
    minutes, second = divmod(whole, 60)
    if minutes < 60:
        return f"{minutes} m {second} s" if second else f"{minutes} m"
    hours, minute = divmod(minutes, 60)
    if hours < 48:
        return f"{hours} h {minute} m" if minute else f"{hours} h"
    days, hour = divmod(hours, 24)
    return f"{days} d {hour} h" if hour else f"{days} d"


def amount(judgement: Judgement, value: float | None) -> str:
    """A value of this signal as text: a percentage, or a count of sessions."""
    if value is None:
        return "–"
    return f"{value:g}" if judgement.signal is SignalName.SESSIONS else percent(value)


def judgement_sentence(judgement: Judgement) -> str:
    """One signal with its value and its limit, such as "CPU 93 % ≥ 90 % critical"; its age is shown beside it."""
    name, age_s = _NAMES[judgement.signal], judgement.sample.age_s
    value = judgement.sample.value
    shown = amount(judgement, value) if is_utilization(value) or is_count(value) else str(value)[:20]
    match judgement.level:
        case Level.CRITICAL:
            return f"{name} {shown} ≥ {amount(judgement, judgement.critical)} critical"
        case Level.WARNING:
            return f"{name} {shown} ≥ {amount(judgement, judgement.warning)} warning"
        case Level.OK:
            return f"{name} {shown} < {amount(judgement, judgement.warning or judgement.critical)}"
        case Level.MISSING:
            return f"{name} is not measured"
        case Level.STALE:
            return f"{name} {shown} is too old to act on ({duration(age_s or 0)})"
        case Level.INVALID:
            return f"{name} reads {shown}, which cannot be right"


def reason_sentences(decision: Decision) -> tuple[str, ...]:
    """Why, for the plan: every signal that is not plainly in order, then what shaped the step."""
    signals = tuple(
        judgement_sentence(judgement) for judgement in decision.judgements if judgement.level is not Level.OK
    )
    extra = {
        "CLIPPED_TO_MAX": "the step is cut to the maximum",
        "STEP_INSUFFICIENT": _insufficient(decision),
    }
    return signals + tuple(extra[reason] for reason in decision.reasons if reason in extra)


def _insufficient(decision: Decision) -> str:
    if decision.verdict is Verdict.PROPOSE_AHEAD:
        return "if the load comes as high as it may, this step alone will not keep it below critical"
    return "this step alone may not bring CPU below critical"


def verdict_sentence(decision: Decision, situation: Situation) -> str:
    """What is proposed, or in one sentence why nothing is."""
    breach = " and ".join(judgement_sentence(judgement) for judgement in decision.breaching)
    most = situation.matrix.max_nodes
    match decision.verdict:
        case Verdict.COUNT_UNKNOWN:
            return "The number of nodes is not known, so nothing can be proposed."
        case Verdict.COUNT_INVALID:
            return "The number of nodes cannot be right, so nothing is proposed."
        case Verdict.NO_DATA:
            return f"No signal can be judged: {_unknown_words(decision)}."
        case Verdict.DEGRADED:
            return f"A breach cannot be ruled out: {_unknown_words(decision)}."
        case Verdict.EMPTY_GROUP:
            return "The group has no nodes in service and no load."
        case Verdict.HOLD:
            return _hold_sentence(decision, situation)
        case Verdict.OVER_MAX:
            return f"{breach}, but the group is already above its maximum of {most} nodes."
        case Verdict.AT_MAX:
            return f"{breach}, but the group is at its maximum of {most} nodes: raise the maximum to go on."
        case Verdict.IN_FLIGHT:
            return f"{breach}; a scale-up is already under way."
        case Verdict.COOLDOWN:
            left = duration(situation.cooldown_remaining_s)
            return f"{breach}; cooling down for {left} more since the last scale-up."
        case Verdict.PROPOSE:
            return f"{situation.current_nodes} → {decision.requested_nodes} nodes: {breach}."
        case Verdict.PROPOSE_AHEAD:
            step = f"{situation.current_nodes} → {decision.requested_nodes} nodes"
            return f"{step} ahead of a breach, on a forecast: nothing is critical yet."


def _unknown_words(decision: Decision) -> str:
    words = [judgement_sentence(judgement) for judgement in decision.unknown]
    return "; ".join(words) if words else "every signal is switched off"


def _hold_sentence(decision: Decision, situation: Situation) -> str:
    over = f" The group is above its maximum of {situation.matrix.max_nodes} nodes." if _over(decision) else ""
    warning = [judgement for judgement in decision.judgements if judgement.level is Level.WARNING]
    if not warning:
        return f"All signals are below their limits; nothing to do.{over}"
    words = "; ".join(
        f"{_NAMES[judgement.signal]} {amount(judgement, _measured(judgement))} is above warning "
        f"{amount(judgement, judgement.warning)}, below critical {amount(judgement, judgement.critical)}"
        for judgement in warning
    )
    return f"{words}.{over}"


def _over(decision: Decision) -> bool:
    return Verdict.OVER_MAX.value in decision.reasons


def _measured(judgement: Judgement) -> float | None:
    value = judgement.sample.value
    return value if is_utilization(value) else None


def projection_sentence(decision: Decision, current_nodes: int, requested_nodes: int) -> str:
    """What the step should bring, if the load stays as it is: "CPU ≈ 78 % (above warning)"."""
    parts = [
        _projected_words(judgement, projected(judgement.sample.value, current_nodes, requested_nodes))
        for judgement in decision.judgements
        if judgement.signal is not SignalName.SESSIONS
        and not judgement.level.unknown
        and is_utilization(judgement.sample.value)
    ]
    return "; ".join(parts) if parts else "cannot be projected: no utilization is known"


def _projected_words(judgement: Judgement, value: float) -> str:
    if value >= judgement.critical:
        place = "still critical"
    elif judgement.warning is not None and value >= judgement.warning:
        place = "below critical, above warning"
    else:
        place = "below warning"
    return f"{_NAMES[judgement.signal]} ≈ {value * 100:.0f} % ({place})"
