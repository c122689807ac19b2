"""Type-ahead: what is typed in one burst arrives whole where it was meant to, and none of it is taken for a command."""

from __future__ import annotations

import asyncio
import os
import signal

import pytest
from textual.command import CommandInput
from textual.events import Key, Paste
from textual.pilot import Pilot
from textual.widgets import Input

from nodescaler_tui.intents import AnswerDoubt, ApprovePlan, EndPause, Intent, PauseGroup
from nodescaler_tui.show import type_ahead
from nodescaler_tui.show.app import NodescalerApp
from nodescaler_tui.show.screens.approval import ApprovalScreen
from nodescaler_tui.state import State
from tests.show.conftest import SpokenEngine, grid, make_app, until
from tests.show.doubtful_states import BROKEN_GLASS, DOUBTFUL, IN_DOUBT, PAUSED
from tests.show.pictures import settled
from tests.show.states import BREACH
from tests.show.test_hostile_text import InPty
from tests.show.test_key_flows import play

AS_LONG_AS_A_PERSON_WAITS_S = type_ahead.LONGEST_HOLD_S
NAMES = {" ": "space", "-": "minus", "/": "slash", "\r": "enter", "\x10": "ctrl+p", "\x1b": "escape"}
DECISIONS = (AnswerDoubt, ApprovePlan, EndPause, PauseGroup)


def burst(app: NodescalerApp, text: str) -> None:
    """All of it at once, as a terminal delivers what was typed while the program was busy."""
    for character in text:
        app.post_message(Key(NAMES.get(character, character), character if character.isprintable() else None))


def value_of(app: NodescalerApp, selector: str) -> str:
    return next((field.value for field in app.screen.query(selector).results(Input)), "")


@pytest.mark.parametrize(
    ("text", "selector", "arrives"),
    [
        ("/us-prod", "#filter", "us-prod"),
        ("/axqp", "#filter", "axqp"),
        ("l/kind:thresholds", "#journal-filter", "kind:thresholds"),
        ("\x10thresholds", "CommandInput", "thresholds"),
        ("p45\rmigration", "#field-1", "migration"),
        ("t\x1b/eu", "#filter", "eu"),
    ],
    ids=["filter", "filter of commands", "journal", "palette", "reason", "there and back"],
)
def test_a_burst_arrives_whole(text: str, selector: str, arrives: str) -> None:
    async def script(app: NodescalerApp, _: SpokenEngine, __: Pilot[str]) -> None:
        burst(app, text)
        await until(lambda: value_of(app, selector) == arrives)

    play(script)


def decided(text: str, state: State) -> list[Intent]:
    async def script(app: NodescalerApp, engine: SpokenEngine, _: Pilot[str]) -> None:
        burst(app, text)
        await until(lambda: any(isinstance(each, DECISIONS) for each in engine.asked))

    return [each for each in play(script, state).asked if isinstance(each, DECISIONS)]


def test_a_question_is_answered_by_one_burst() -> None:
    assert decided("p30\rwhy\r", BREACH) == [PauseGroup("g-eu", 30, "why")]
    assert decided("pover\r", PAUSED) == [EndPause("g-ap", "over")]
    assert decided("aaseen\r", IN_DOUBT) == [AnswerDoubt("op-1", 1, "acted", "", "seen")]


def test_the_name_and_the_reason_of_a_broken_glass_are_typed_in_one_burst_and_confirmed_by_another() -> None:
    async def script(app: NodescalerApp, engine: SpokenEngine, _: Pilot[str]) -> None:
        burst(app, f"a{DOUBTFUL.group_name}\rcalls drop")
        await until(lambda: value_of(app, "#reason") == "calls drop")
        assert engine.all(ApprovePlan) == []
        burst(app, "\r")
        await until(lambda: bool(engine.all(ApprovePlan)))

    play(script, BROKEN_GLASS)


def test_what_is_pasted_after_a_key_keeps_its_place() -> None:
    async def script(app: NodescalerApp, _: SpokenEngine, __: Pilot[str]) -> None:
        burst(app, "/")
        app.post_message(Paste("us-"))
        burst(app, "prod")
        await until(lambda: value_of(app, "#filter") == "us-prod")

    play(script)


def test_what_was_typed_before_a_plan_was_painted_approves_nothing_however_late_it_is_done() -> None:
    async def script(app: NodescalerApp, engine: SpokenEngine, pilot: Pilot[str]) -> None:
        early = Key("y", "y")
        burst(app, "ayyyy")
        await until(lambda: isinstance(app.screen, ApprovalScreen) and "Plan for" in grid(app))
        await settled(pilot)
        app.post_message(early)
        await settled(pilot)
        assert engine.all(ApprovePlan) == []
        burst(app, "y")
        await until(lambda: bool(engine.all(ApprovePlan)))

    play(script)


def test_a_key_that_arrives_while_the_app_is_closing_is_for_nothing_and_no_error() -> None:
    async def run() -> None:
        app, _ = make_app(BREACH)
        async with app.run_test() as pilot:
            await settled(pilot)
        on_its_way = Key("j", "j")
        on_its_way._set_forwarded()
        for event in (Key("j", "j"), on_its_way):
            await app.on_event(event)

    asyncio.run(run())


def test_a_widget_that_never_passes_a_key_on_locks_nobody_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(type_ahead, "LONGEST_HOLD_S", AS_LONG_AS_A_PERSON_WAITS_S)

    async def script(app: NodescalerApp, _: SpokenEngine, __: Pilot[str]) -> None:
        stuck = asyncio.Event()
        app.screen.call_later(stuck.wait)
        burst(app, "jj\x10")
        try:
            await until(lambda: isinstance(app.focused, CommandInput))
            burst(app, "help")
            await until(lambda: value_of(app, "CommandInput") == "help")
        finally:
            stuck.set()

    play(script)


def test_in_a_real_terminal_a_burst_arrives_whole_too() -> None:
    terminal = InPty()
    terminal.read_until(b"media-ap-prod-01")
    os.write(terminal.master, b"/us-prod")
    output = terminal.read_until("filter “us-prod”: 1 of 6 groups".encode())
    terminal.process.send_signal(signal.SIGTERM)
    terminal.end()
    assert "filter “us-prod”: 1 of 6 groups".encode() in output
