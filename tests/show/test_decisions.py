"""What takes more than a key: deciding a doubt, closing, pausing, breaking the glass, taking back."""

from __future__ import annotations

import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.intents import (
    AnswerDoubt,
    ApprovePlan,
    BreakGlass,
    DeclareFreeze,
    EndPause,
    Intent,
    LiftFreeze,
    PauseGroup,
    ProposeAhead,
    ProposeInverse,
)
from nodescaler_tui.show.app import NodescalerApp
from nodescaler_tui.show.screens.approval import ApprovalScreen
from nodescaler_tui.show.screens.asking import AskScreen
from nodescaler_tui.state import State
from nodescaler_tui.views import Answer
from tests.show.conftest import SpokenEngine, grid
from tests.show.doubtful_states import AHEAD, BROKEN_GLASS, DOUBTFUL, IN_DOUBT, PAUSED, VERIFIED
from tests.show.states import BREACH, FROZEN, NOW, OPERATING, fleet
from tests.show.test_key_flows import play, press

NAME = str(DOUBTFUL.group_name)


def asked(state: State, *keys: str) -> list[Intent]:
    """What the engine was asked for by these keys, looks left aside."""

    async def script(_: NodescalerApp, __: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, *keys)

    decisions = (
        *(AnswerDoubt, ApprovePlan, BreakGlass, DeclareFreeze, EndPause, LiftFreeze),
        *(PauseGroup, ProposeAhead, ProposeInverse),
    )
    return [intent for intent in play(script, state).asked if isinstance(intent, decisions)]


def test_sending_again_names_the_attempt_and_takes_the_groups_name_and_a_reason() -> None:
    keys = ("a", "s", *NAME, "enter", *"log", "enter")
    assert asked(IN_DOUBT, *keys) == [AnswerDoubt("op-1", 1, "resend", NAME, "log")]


def test_saying_that_the_provider_acted_takes_a_reason() -> None:
    assert asked(IN_DOUBT, "a", "a", *"seen", "enter") == [AnswerDoubt("op-1", 1, "acted", "", "seen")]


def test_closing_takes_the_groups_name_and_a_reason() -> None:
    keys = ("a", "x", *NAME, "tab", *"gone", "ctrl+s")
    assert asked(IN_DOUBT, *keys) == [AnswerDoubt("op-1", 1, "close", NAME, "gone")]


@pytest.mark.parametrize("key", ["s", "a", "x", "i", "c"])
def test_one_key_decides_nothing(key: str) -> None:
    assert asked(IN_DOUBT, "a", key) == []


@pytest.mark.parametrize(("state", "key"), [(OPERATING, "s"), (OPERATING, "i"), (VERIFIED, "s"), (VERIFIED, "x")])
def test_a_key_that_means_nothing_now_does_nothing(state: State, key: str) -> None:
    async def script(app: NodescalerApp, _: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "o", key)
        assert isinstance(app.screen, ApprovalScreen)

    play(script, state)
    assert asked(state, "o", key) == []


def test_a_refused_answer_stays_on_screen_with_what_was_typed() -> None:
    async def script(app: NodescalerApp, engine: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "a", "a", *"seen", "enter")
        sentence = DisplayText("Attempt 1 may still be under way; decide in 17 s.")
        engine.says.put_nowait(Answer(len(engine.asked), done=False, sentence=sentence))
        await pilot.pause()
        assert isinstance(app.screen, AskScreen)
        assert "decide in 17 s" in grid(app)
        assert app.screen.query_one(Input).value == "seen"

    play(script, IN_DOUBT)


def test_an_accepted_answer_leads_back() -> None:
    async def script(app: NodescalerApp, engine: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "a", "a", *"seen", "enter")
        engine.says.put_nowait(Answer(len(engine.asked), done=True, sentence=DisplayText("Taken as accepted.")))
        await pilot.pause()
        await pilot.pause()
        assert isinstance(app.screen, ApprovalScreen)

    play(script, IN_DOUBT)


def test_a_second_enter_while_the_answer_is_awaited_asks_nothing_more() -> None:
    assert len(asked(IN_DOUBT, "a", "a", *"seen", "enter", "enter", "enter")) == 1


def test_a_pause_takes_minutes_and_a_reason() -> None:
    assert asked(BREACH, "p", "3", "0", "enter", *"why", "enter") == [PauseGroup("g-eu", 30, "why")]


@pytest.mark.parametrize("minutes", ["", "x", "-", "1h", "²"])
def test_minutes_that_are_no_number_are_refused_at_once(minutes: str) -> None:
    assert asked(BREACH, "p", *minutes, "tab", *"why", "enter") == []


def test_a_paused_group_offers_to_end_the_pause() -> None:
    assert asked(PAUSED, "p", *"over", "enter") == [EndPause("g-ap", "over")]


def test_a_freeze_takes_its_end_and_a_reason_and_needs_no_group() -> None:
    freeze = DeclareFreeze(NOW.replace(hour=6, minute=0, second=0), "move")
    assert asked(BREACH, "Z", *"06:00", "enter", *"move", "enter") == [freeze]
    assert asked(fleet(), "Z", *"06:00", "enter", *"move", "enter") == [freeze]


@pytest.mark.parametrize("until", ["", "soon", "25:00", "-5"])
def test_an_end_that_cannot_be_read_is_refused_at_once(until: str) -> None:
    assert asked(BREACH, "Z", *until, "tab", *"why", "enter") == []


def test_while_a_freeze_holds_the_same_key_offers_to_lift_it() -> None:
    assert asked(FROZEN, "Z", *"over", "enter") == [LiftFreeze(7, "over")]


def test_proposing_ahead_is_switched_on_and_off_with_a_reason() -> None:
    assert asked(BREACH, "F", *"why", "enter") == [ProposeAhead("g-eu", on=True, reason="why")]
    assert asked(AHEAD, "F", *"over", "enter") == [ProposeAhead("g-ap", on=False, reason="over")]


def test_a_plan_on_a_forecast_takes_its_number_and_a_reason_and_y_is_only_typed() -> None:
    assert asked(AHEAD, "a", "y", "y", "enter", "enter") == [ApprovePlan("g-ap", "a" * 64, "yy", "")]
    keys = ("a", "1", "2", "enter", *"peak", "enter")
    assert asked(AHEAD, *keys) == [ApprovePlan("g-ap", "a" * 64, "12", "peak")]


def test_breaking_the_glass_only_proposes() -> None:
    assert asked(BREACH, "R") == [BreakGlass("g-eu")]


def test_a_plan_with_a_broken_glass_takes_the_groups_name_which_has_the_focus() -> None:
    keys = ("a", *NAME, "enter", *"now", "enter")
    assert asked(BROKEN_GLASS, *keys) == [ApprovePlan("g-eu", "a" * 64, NAME, "now")]


def test_taking_back_only_proposes() -> None:
    assert asked(VERIFIED, "o", "i") == [ProposeInverse("op-1")]
