"""Attention: once for each change, never in quiet hours, and no control code that came from outside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.show.attention import Attention, window_title
from nodescaler_tui.show.preferences import AttentionPreferences, QuietHours
from nodescaler_tui.state import Notice, Severity, State
from tests.show.states import BREACH, HOSTILE, NOW

BAD = Notice(1, NOW, Severity.CRITICAL, DisplayText("media-eu is critical"))
GOOD = Notice(2, NOW, Severity.OK, DisplayText("media-eu is ok"))


def written(preferences: AttentionPreferences, *notices: Notice, in_tmux: bool = False) -> str:
    said: list[str] = []
    Attention(preferences, said.append, in_tmux=in_tmux).call(notices, NOW)
    return "".join(said)


def test_a_breach_rings_once_and_tells_the_desktop_in_both_dialects() -> None:
    text = written(AttentionPreferences(), BAD, BAD)
    assert text.startswith("\a\x1b]9;media-eu is critical\x07")
    assert text.count("\a") == 1 + 2 * 2, "one bell, and the ends of two sequences for each notice"
    assert text.count("\x1b]777;notify;nodescaler;media-eu is critical\x07") == 2


def test_that_all_is_well_again_rings_for_nobody() -> None:
    assert written(AttentionPreferences(), GOOD) == ""


def test_each_way_can_be_turned_off() -> None:
    assert written(AttentionPreferences(bell=False, desktop=False), BAD) == ""
    assert written(AttentionPreferences(desktop=False), BAD) == "\a"


def test_nothing_rings_in_quiet_hours_which_may_pass_midnight() -> None:
    asleep = QuietHours(22 * 60, 7 * 60)
    assert asleep.hold(NOW.hour * 60)
    assert not asleep.hold(12 * 60)
    assert written(AttentionPreferences(quiet=asleep), BAD) == ""


def test_hostile_text_can_end_no_sequence_and_begin_none() -> None:
    hostile = Notice(1, NOW, Severity.CRITICAL, DisplayText(HOSTILE))
    text = written(AttentionPreferences(bell=False), hostile)
    assert text.count("\x1b") == 2
    assert text.count("\x07") == 2


def test_in_tmux_a_sequence_is_wrapped_to_be_handed_on() -> None:
    assert written(AttentionPreferences(bell=False), BAD, in_tmux=True).startswith("\x1bPtmux;\x1b\x1b]9;")


def told(*states: State) -> list[list[int]]:
    """The numbers of the notices that each of these States makes news of."""
    said: list[str] = []
    attention = Attention(AttentionPreferences(), said.append, in_tmux=False)
    return [[notice.number for notice in attention.news(state)] for state in states]


def noticing(*notices: Notice) -> State:
    return msgspec.structs.replace(BREACH, notices=notices)


def test_the_very_first_notice_of_a_new_engine_is_news() -> None:
    assert told(noticing(), noticing(BAD), noticing(BAD), noticing(BAD, GOOD)) == [[], [1], [], [2]]


def test_what_was_noticed_before_the_window_opened_is_no_news() -> None:
    assert told(noticing(BAD), noticing(BAD), noticing(BAD, GOOD)) == [[], [], [2]]


def test_an_engine_that_started_anew_and_counts_from_one_again_is_heard() -> None:
    again = msgspec.structs.replace(BAD, at=NOW + timedelta(minutes=5))
    assert told(noticing(), noticing(BAD, GOOD), noticing(), noticing(again)) == [[], [1, 2], [], [1]]


def test_the_title_names_the_worst_and_is_written_once() -> None:
    said: list[str] = []
    attention = Attention(AttentionPreferences(), said.append, in_tmux=False)
    attention.entitle(BREACH)
    attention.entitle(BREACH)
    assert said == ["\x1b]2;● 1 critical · nodescaler\x07"]


@pytest.mark.parametrize("state", [State.EMPTY])
def test_a_window_without_groups_claims_nothing(state: State) -> None:
    assert window_title(state) == "nodescaler"


def test_quiet_hours_are_of_the_operators_day_and_not_of_another() -> None:
    noon = datetime(2026, 3, 1, 12, tzinfo=UTC)
    assert not QuietHours(22 * 60, 7 * 60).hold(noon.hour * 60)
