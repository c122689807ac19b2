"""Story words: a fraction is a percentage everywhere on screen, and nothing is shown that was not recorded."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.decide.plan import matrix_fields
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.operations import sentence_of
from nodescaler_tui.engine.story_words import change_words, field_words
from nodescaler_tui.events import Event, EventKind, Fields
from tests.show.states import NOW


def changed(before: ThresholdMatrix, after: ThresholdMatrix, **more: str) -> Event:
    fields: Fields = {"scope": "", "old": matrix_fields(before), "new": matrix_fields(after), **more}
    return Event(1, "ab", EventKind.THRESHOLDS_CHANGED, NOW, "jane", "", "", fields)


def test_what_was_measured_is_told_by_the_name_of_its_signal_in_percent() -> None:
    evidence = [
        {"signal": "cpu", "value": "0.9283333333333333", "source": "edge metrics", "sampled_at": NOW.isoformat()},
        {"signal": "sessions", "value": "11", "source": "trunk metrics", "sampled_at": ""},
    ]
    assert field_words("evidence", evidence) == (
        f"cpu 92.8 %, source edge metrics, sampled_at {NOW.isoformat()}; sessions 11, source trunk metrics"
    )


def test_limits_are_told_in_percent_and_counts_as_they_are() -> None:
    assert field_words("critical", {"cpu": "0.9", "sessions": "14.4"}) == "cpu 90 %, sessions 14.4"


def test_a_latency_is_told_as_recorded_and_in_seconds() -> None:
    assert field_words("latency_ms", 12345) == "12345 (12.3 s)"


def test_yes_no_and_unknown_are_words() -> None:
    assert [field_words("health_verified", value) for value in (True, False, None)] == ["yes", "no", "–"]


def test_the_bytes_that_were_sent_are_shown_as_they_were_sent() -> None:
    body = '{"cpu_threshold":0.9,"current_nodes":10}'
    assert field_words("body", body) == body


def test_a_change_of_thresholds_is_told_in_percent_in_the_list_too() -> None:
    event = changed(ThresholdMatrix(), ThresholdMatrix(cpu_critical=0.85, max_nodes=60), summary="cpu_critical 0.9 …")
    assert sentence_of(event) == "thresholds of all groups: cpu critical 90 % → 85 %, max nodes 50 → 60"


def test_a_change_too_small_for_a_percentage_is_told_as_it_was_recorded() -> None:
    assert change_words({"cpu_critical": "0.9"}, {"cpu_critical": "0.9001"}) == "cpu critical 0.9 → 0.9001"


@given(st.text())
def test_text_that_is_no_fraction_stays_as_it_was_recorded(text: str) -> None:
    assert field_words("reason", text) == text
    if not any(character.isdigit() for character in text):
        assert field_words("cpu", text) == text
