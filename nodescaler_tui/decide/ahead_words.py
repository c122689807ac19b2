"""Looking ahead in words: nobody may take a plan that is made on a forecast for the answer to a breach."""

from __future__ import annotations

from typing import Final

from nodescaler_tui.decide.ahead import Ahead, BootTime, Doubt, ExpectedBreach, NotForecast, TooOld
from nodescaler_tui.decide.decision import Situation, Verdict
from nodescaler_tui.decide.forecast.outlook import NotEnoughHistory, TimeToBreach
from nodescaler_tui.decide.forecast.track import Track
from nodescaler_tui.decide.forecast.words import (
    amount,
    breach_words,
    evidence_sentence,
    history_sentence,
    track_sentence,
)
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.wording import duration, reason_sentences, verdict_sentence

NOTHING_YET: Final = "ahead of a breach, on a forecast: nothing is critical yet"

_NAMES: Final = {SignalName.CPU: "CPU", SignalName.MEMORY: "memory", SignalName.SESSIONS: "sessions"}
_SOONEST_S: Final = 60


def ahead_reasons(ahead: Ahead) -> tuple[str, ...]:
    """Why, for the plan: on a forecast first of all that nothing is critical yet, then what is expected and how soon.

    That its forecasts were not judged yet is no reason to be silent, and one to say so.
    """
    if not ahead.proposes:
        return reason_sentences(ahead.decision)
    untried = [each.judgement.signal for each in ahead.expected if each.track is None]
    record = (f"forecasts of {_listed(untried)} have not been judged here yet",) if untried else ()
    expected = tuple(expected_sentence(each) for each in ahead.expected)
    return (NOTHING_YET, *expected, boot_sentence(ahead.boot), *record, *reason_sentences(ahead.decision))


def ahead_sentence(ahead: Ahead, situation: Situation) -> str:
    """What is proposed, or why nothing is, and what the look ahead came to where there was one."""
    decided = verdict_sentence(ahead.decision, situation)
    return f"{decided} {_further(ahead, situation)}" if ahead.looked else decided


def _further(ahead: Ahead, situation: Situation) -> str:
    doubted = {doubt.signal for doubt in ahead.doubts}
    looked_at = [each.signal for each in ahead.decision.judgements if each.signal not in doubted]
    lead, told = duration(ahead.boot.lead_s), []
    if ahead.expected:
        told.append(f"{_expected_words(ahead)}{_held_words(ahead, situation)}.")
    elif looked_at:
        told.append(f"No breach of {_listed(looked_at)} is expected within {lead}, the lead time of new nodes.")
    if doubted:
        told.append(f"Nothing can be proposed ahead on {doubts_words(ahead.doubts)}.")
    return " ".join(_capitalized(each) for each in told)


def expected_sentence(expected: ExpectedBreach) -> str:
    """A breach to come: "CPU is expected to reach 90 % in 6–15 min, likely: 7 of 20 similar hours crossed 90 %"."""
    signal = expected.judgement.signal
    limit = amount(signal, expected.judgement.critical)
    verb = "are" if signal is SignalName.SESSIONS else "is"
    begins = f"{_NAMES[signal]} {verb} expected to reach {limit}"
    when = expected.crossing.when
    words = begins if when is None else breach_words(_from_now(when, expected.age_s), begins)
    return f"{words}: {_evidence_words(expected)}"


def boot_sentence(boot: BootTime) -> str:
    """How long new nodes take; what was not measured is said to be assumed."""
    if not boot.measured:
        return f"new nodes are assumed to take {duration(boot.seconds)} to take up work (no scale-up was measured)"
    over = "the last scale-up" if boot.measured == 1 else f"the slowest of the last {boot.measured} scale-ups"
    return f"new nodes of this group took {duration(boot.seconds)} to take up work ({over})"


def doubts_words(doubts: tuple[Doubt, ...]) -> str:
    """Which signals' forecasts are not acted on, and why: "memory (not enough history: 40 m of 2 h)"."""
    by_why: dict[str, list[SignalName]] = {}
    for doubt in doubts:
        by_why.setdefault(_why(doubt), []).append(doubt.signal)
    return "; ".join(f"{_listed(signals)} ({why})" for why, signals in by_why.items())


def _why(doubt: Doubt) -> str:
    match doubt.because:
        case NotForecast():
            return "there is no forecast"
        case TooOld(age_s):
            return "the forecast is of a time to come" if age_s < 0 else f"the forecast is {duration(age_s)} old"
        case NotEnoughHistory():
            return history_sentence(doubt.because)
        case Track():
            return f"the forecast {track_sentence(doubt.because)}"


def _listed(signals: list[SignalName]) -> str:
    names = [_NAMES[signal] for signal in signals]
    return " and ".join([", ".join(names[:-1]), names[-1]]) if len(names) > 1 else names[0]


def _expected_words(ahead: Ahead) -> str:
    expected = "; ".join(expected_sentence(each) for each in ahead.expected)
    return f"{expected}; {boot_sentence(ahead.boot)}" if ahead.proposes else expected


def _held_words(ahead: Ahead, situation: Situation) -> str:
    most = situation.matrix.max_nodes
    match ahead.held_by:
        case None:
            return ""
        case Verdict.OVER_MAX:
            return f", but the group is already above its maximum of {most} nodes"
        case Verdict.AT_MAX:
            return f", but the group is at its maximum of {most} nodes: raise the maximum to go on"
        case Verdict.IN_FLIGHT:
            return "; a scale-up is already under way"
        case _:
            return f"; cooling down for {duration(situation.cooldown_remaining_s)} more since the last scale-up"


def _from_now(when: TimeToBreach, age_s: float) -> TimeToBreach:
    """The same times counted from now. What was expected by now and has not come may come at once."""
    earliest_s = max(0, round(when.earliest_s - age_s))
    latest_s = max(_SOONEST_S, round(when.latest_s - age_s))
    return TimeToBreach(earliest_s, latest_s, when.likelihood)


def _evidence_words(expected: ExpectedBreach) -> str:
    if expected.shown.now >= expected.crossing.threshold:
        return f"it was there {duration(max(0.0, expected.age_s))} ago"
    return evidence_sentence(expected.shown, expected.crossing)


def _capitalized(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]
