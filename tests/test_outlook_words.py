"""The outlook in words: it counts down between forecasts, never says 0 or 100 %, and says what is missing."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.outlook_words import approval_words, crossing_words, outlook_words, worst_outlook
from nodescaler_tui.state import GroupState
from tests.show.foreseen_states import (
    CALM_MEMORY,
    CRITICAL_GROUP,
    FORESEEN_CPU,
    FORESEEN_GROUP,
    LIKELY,
    OUTLOOK,
    UNKNOWN_GROUP,
    UNKNOWN_YET,
    UNLIKELY,
    WRONG_LATELY,
)
from tests.show.states import CALM, NOW, PLAN


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (0, "critical in 12–25 min, likely"),
        (4, "critical in 8–21 min, likely"),
        (20, "critical in 0–5 min, likely"),
        (40, "critical in 0–1 min, likely"),
    ],
)
def test_a_breach_that_is_foreseen_comes_nearer(minutes: int, words: str) -> None:
    assert crossing_words(LIKELY, NOW + timedelta(minutes=minutes)) == words


def test_one_that_is_there_already_is_not_announced() -> None:
    assert crossing_words(msgspec.structs.replace(LIKELY, reached=True), NOW) == "critical now"


def test_of_one_that_is_there_nothing_more_is_said_than_that_it_was_not_foreseen() -> None:
    there = msgspec.structs.replace(FORESEEN_CPU, critical=msgspec.structs.replace(LIKELY, reached=True))
    assert outlook_words(there, NOW) == "CPU critical now"
    surprised = msgspec.structs.replace(there, doubt=DisplayText("did not see this coming"))
    assert outlook_words(surprised, NOW) == "CPU critical now; but the forecast did not see this coming"


def test_one_that_is_not_even_possible_is_a_chance() -> None:
    assert crossing_words(UNLIKELY, NOW) == "critical within the hour: 5 %"
    never = msgspec.structs.replace(UNLIKELY, within=(0.0, 0.0, 0.0))
    assert crossing_words(never, NOW) == "critical within the hour: < 1 %"


def test_a_signal_says_when_and_why() -> None:
    assert outlook_words(FORESEEN_CPU, NOW) == "CPU critical in 12–25 min, likely; 14 of 20 similar hours crossed 90 %"


def test_a_signal_without_enough_history_says_how_much_is_missing() -> None:
    assert outlook_words(UNKNOWN_YET, NOW) == "CPU: not enough history: 40 m of 2 h"


def test_a_forecast_that_was_wrong_lately_says_so_instead() -> None:
    assert outlook_words(WRONG_LATELY, NOW) == (
        "CPU critical in 12–25 min, likely; but the forecast has been wrong lately: "
        "1.4 × the error of assuming no change, over 96 forecasts"
    )


def test_the_worst_signal_is_the_one_that_turns_critical_first() -> None:
    assert worst_outlook(FORESEEN_GROUP) is FORESEEN_CPU


def test_where_none_is_expected_it_is_the_likeliest() -> None:
    likelier = msgspec.structs.replace(
        CALM_MEMORY, signal=SignalName.CPU, critical=msgspec.structs.replace(UNLIKELY, within=(0.1, 0.2, 0.3))
    )
    outlook = msgspec.structs.replace(OUTLOOK, signals=(CALM_MEMORY, likelier))
    assert worst_outlook(msgspec.structs.replace(CALM, outlook=outlook)) is likelier


def test_a_group_that_is_not_forecast_has_none() -> None:
    assert worst_outlook(CALM) is None


def test_an_approval_shares_the_expected_load_over_more_nodes() -> None:
    clock = f"{(NOW + timedelta(minutes=30)).astimezone():%H:%M}"
    assert approval_words(CRITICAL_GROUP, PLAN) == f"CPU 76 % (70–80 %) at {clock}"


@pytest.mark.parametrize("group", [CALM, UNKNOWN_GROUP])
def test_without_a_forecast_nothing_is_said_of_what_an_approval_brings(group: GroupState) -> None:
    assert approval_words(group, PLAN) == ""
