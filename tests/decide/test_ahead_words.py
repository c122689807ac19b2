"""Looking ahead in words: that nothing is critical yet comes first, and what was not measured is not said to be."""

from __future__ import annotations

from dataclasses import replace

import pytest

from nodescaler_tui.decide.ahead import Ahead, BootTime, DatedForecast, decide_ahead
from nodescaler_tui.decide.ahead_words import NOTHING_YET, ahead_reasons, ahead_sentence, boot_sentence
from nodescaler_tui.decide.decision import Situation, decide
from nodescaler_tui.decide.forecast.outlook import GroupForecast, NotEnoughHistory
from nodescaler_tui.decide.forecast.track import Track
from nodescaler_tui.decide.signals import Sample, SignalName, Signals
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.decide.wording import verdict_sentence
from tests.decide.forecasts import NEVER, SOON, dated_forecast, forecast_of

CALM = Situation(10, Signals(Sample(0.7), Sample(0.1), Sample(3)), ThresholdMatrix())
JUDGED = dict.fromkeys(SignalName, Track(0.8, 40))
EXPECTED = dated_forecast(240.0, JUDGED, cpu=SOON, memory=NEVER, sessions=NEVER)
WORDS = "CPU is expected to reach 90 % in 0–8 min, likely: 7 of 20 similar hours crossed 90 %"
TOOK = "new nodes of this group took 4 m 10 s to take up work (the slowest of the last 3 scale-ups)"


def look(dated: DatedForecast | None, situation: Situation = CALM, boot: BootTime = BootTime(250.0, 3)) -> Ahead:  # noqa: B008
    return decide_ahead(decide(situation), situation, dated, boot, on=True)


def said(dated: DatedForecast | None, situation: Situation = CALM) -> str:
    return ahead_sentence(look(dated, situation), situation)


def test_the_reasons_begin_with_what_is_not_the_case_and_go_on_with_what_is_expected_and_how_soon_nodes_help() -> None:
    assert ahead_reasons(look(EXPECTED)) == (NOTHING_YET, WORDS, TOOK)


def test_the_sentence_says_that_it_is_ahead_of_a_breach_and_on_a_forecast() -> None:
    assert said(EXPECTED) == (
        f"10 → 12 nodes ahead of a breach, on a forecast: nothing is critical yet. {WORDS}; {TOOK}."
    )


@pytest.mark.parametrize(
    ("boot", "words"),
    [
        (BootTime(300.0), "new nodes are assumed to take 5 m to take up work (no scale-up was measured)"),
        (BootTime(250.0, 1), "new nodes of this group took 4 m 10 s to take up work (the last scale-up)"),
        (BootTime(250.0, 3), TOOK),
    ],
)
def test_a_boot_time_is_measured_or_assumed_and_says_which(boot: BootTime, words: str) -> None:
    assert boot_sentence(boot) == words


def test_a_forecast_without_a_record_of_its_own_says_so() -> None:
    reasons = ahead_reasons(look(replace(EXPECTED, tracks={})))
    assert "forecasts of CPU have not been judged here yet" in reasons


def test_a_warning_and_a_step_that_may_not_be_enough_are_told_too() -> None:
    warned = replace(CALM, signals=replace(CALM.signals, cpu=Sample(0.8)))
    high = GroupForecast("g-1", ((SignalName.CPU, forecast_of(SignalName.CPU, SOON, upper=1.2)),))
    reasons = ahead_reasons(look(DatedForecast(high, 60.0, JUDGED), warned))
    assert "CPU 80 % ≥ 75 % warning" in reasons
    assert "if the load comes as high as it may, this step alone will not keep it below critical" in reasons


def test_sessions_are_told_as_the_count_at_which_the_group_is_critical() -> None:
    reasons = ahead_reasons(look(dated_forecast(0.0, JUDGED, sessions=SOON)))
    assert reasons[1] == "sessions are expected to reach 12 in 4–12 min, likely: 7 of 20 similar hours crossed 12"


def test_a_load_that_was_at_the_limit_when_the_forecast_was_made_is_not_said_to_be_there_now() -> None:
    above = GroupForecast("g-1", ((SignalName.CPU, forecast_of(SignalName.CPU, (1.0,) * 12, now=0.95)),))
    reasons = ahead_reasons(look(DatedForecast(above, 200.0, JUDGED)))
    assert reasons[1].endswith("likely: it was there 3 m 20 s ago")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"cooldown_remaining_s": 40.0}, f"{WORDS}; cooling down for 40 s more since the last scale-up."),
        ({"pending_nodes": 2}, f"{WORDS}; a scale-up is already under way."),
        ({"matrix": ThresholdMatrix(max_nodes=10)}, f"{WORDS}, but the group is at its maximum of 10 nodes"),
        ({"matrix": ThresholdMatrix(max_nodes=9)}, f"{WORDS}, but the group is already above its maximum of 9 nodes."),
    ],
)
def test_what_holds_an_expected_breach_back_is_told_beside_it(change: dict[str, object], words: str) -> None:
    assert words in said(EXPECTED, replace(CALM, **change))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("dated", "words"),
    [
        (
            dated_forecast(0.0, cpu=NEVER, memory=NEVER, sessions=NEVER),
            "No breach of CPU, memory and sessions is expected within 9 m 10 s, the lead time of new nodes.",
        ),
        (None, "Nothing can be proposed ahead on CPU, memory and sessions (there is no forecast)."),
        (
            dated_forecast(720.0, cpu=SOON, memory=SOON, sessions=SOON),
            "Nothing can be proposed ahead on CPU, memory and sessions (the forecast is 12 m old).",
        ),
        (
            dated_forecast(0.0, cpu=NotEnoughHistory(2400, 7200), memory=NEVER, sessions=NEVER),
            "Nothing can be proposed ahead on CPU (not enough history: 40 m of 2 h).",
        ),
        (
            dated_forecast(0.0, {SignalName.CPU: Track(1.4, 40)}, cpu=SOON, memory=NEVER, sessions=NEVER),
            "on CPU (the forecast has been wrong lately: 1.4 × the error of assuming no change, over 40 forecasts).",
        ),
        (
            dated_forecast(-400.0, cpu=SOON, memory=SOON, sessions=SOON),
            "(the forecast is of a time to come)",
        ),
    ],
)
def test_where_nothing_is_proposed_ahead_a_sentence_says_why(dated: DatedForecast | None, words: str) -> None:
    assert words in said(dated)
    assert not look(dated).proposes


def test_where_the_rule_has_nothing_to_say_the_decisions_own_sentence_stands_alone() -> None:
    blind = replace(CALM, signals=replace(CALM.signals, memory=Sample(None)))
    assert said(EXPECTED, blind) == verdict_sentence(decide(blind), blind)
