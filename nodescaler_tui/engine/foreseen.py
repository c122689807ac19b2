"""What was foreseen, as a plan that was made on a forecast tells it: its evidence, and what the step should bring."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

from nodescaler_tui.decide.ahead import ExpectedBreach
from nodescaler_tui.decide.ahead_words import boot_sentence, expected_sentence
from nodescaler_tui.decide.forecast.outlook import STEP_S
from nodescaler_tui.decide.forecast.words import approval_sentence
from nodescaler_tui.decide.plan import Evidence
from nodescaler_tui.engine.assessment import Assessment


def expected_evidence(assessment: Assessment, now: datetime) -> tuple[Evidence, ...]:
    """One entry for each expected breach: in how many seconds, counted from when the forecast's hour began.

    Empty unless the plan follows from a forecast.
    """
    ahead = assessment.ahead
    if ahead is None or not ahead.proposes:
        return ()
    lead = f"lead time {round(ahead.boot.lead_s)} s: {boot_sentence(ahead.boot)}"
    return tuple(
        Evidence(
            signal=f"{each.judgement.signal.value} ahead",
            value=str(each.crossing.expected_s),
            source=f"forecast: {expected_sentence(each)}; {lead}",
            sampled_at=now - timedelta(seconds=each.age_s),
        )
        for each in ahead.expected
    )


def expected_projection(assessment: Assessment, requested: int, now: datetime) -> str:
    """What the nodes that are asked for would bring once they work, if the load comes as forecast; else empty."""
    ahead = assessment.ahead
    if ahead is None or not ahead.proposes:
        return ""
    return "; ".join(_projected(each, requested, ahead.boot.lead_s, now) for each in ahead.expected)


def _projected(expected: ExpectedBreach, requested: int, lead_s: float, now: datetime) -> str:
    """At the first step of the forecast that ends after the lead time, or at its last."""
    step = min(max(math.ceil((lead_s + expected.age_s) / STEP_S), 1), len(expected.load.point)) - 1
    at = now + timedelta(seconds=(step + 1) * STEP_S - expected.age_s)
    return approval_sentence(expected.load, requested, step, f"{at.astimezone():%H:%M}")
