"""What keys do: three of them from breach to sent, none of them sends alone, and Cancel has the focus."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from itertools import groupby

import msgspec
import pytest
from textual.pilot import Pilot
from textual.widgets import Input

from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.intents import (
    ApprovePlan,
    PreviewThresholds,
    RejectPlan,
    SaveThresholds,
    VerifyJournal,
    WatchGroup,
)
from nodescaler_tui.show.actions import ACTIONS, actions_at, target
from nodescaler_tui.show.app import NodescalerApp
from nodescaler_tui.show.screens.approval import ApprovalScreen
from nodescaler_tui.show.widgets.fleet import FleetTable
from nodescaler_tui.state import Severity, State
from nodescaler_tui.views import Answer, FieldError, GroupDetail, ThresholdPreview
from tests.show.conftest import SpokenEngine, grid, make_app
from tests.show.states import BEYOND_POLICY, BREACH, CALM, CRITICAL, OPERATING, PLAN, RUNNING, WARNING, fleet

Script = Callable[[NodescalerApp, SpokenEngine, Pilot[str]], Awaitable[None]]


def play(script: Script, state: State = BREACH, size: tuple[int, int] = (100, 30)) -> SpokenEngine:
    async def run() -> SpokenEngine:
        app, engine = make_app(state)
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            await script(app, engine, pilot)
        return engine

    return asyncio.run(run())


async def press(pilot: Pilot[str], *keys: str) -> None:
    for key in keys:
        await pilot.press(key)
        await pilot.pause()
        await pilot.pause()


def test_from_breach_to_sent_takes_two_keys_and_names_exactly_the_plan_that_was_shown() -> None:
    async def script(_: NodescalerApp, __: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "a", "y")

    assert play(script).all(ApprovePlan) == [ApprovePlan("g-eu", PLAN.hash, "", "")]


@pytest.mark.parametrize("key", sorted({key for action in ACTIONS for key in action.keys.split(",")}))
def test_no_single_key_sends_anything(key: str) -> None:
    async def script(_: NodescalerApp, __: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, key)

    assert play(script).all(ApprovePlan) == []


def test_cancel_has_the_focus_and_enter_by_habit_does_nothing() -> None:
    async def script(app: NodescalerApp, _: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "a")
        assert app.focused is not None
        assert app.focused.id == "cancel"
        await press(pilot, "enter")
        assert not isinstance(app.screen, ApprovalScreen)

    assert play(script).all(ApprovePlan) == []


def test_a_second_press_while_the_answer_is_awaited_sends_nothing_more() -> None:
    async def script(_: NodescalerApp, __: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "a", "y", "y", "y")

    assert len(play(script).all(ApprovePlan)) == 1


def test_beyond_policy_the_number_and_a_reason_are_typed() -> None:
    async def script(app: NodescalerApp, _: SpokenEngine, pilot: Pilot[str]) -> None:
        app.push_screen(ApprovalScreen(app.desk, CRITICAL, BEYOND_POLICY))
        await pilot.pause()
        app.screen.query_one("#typed", Input).focus()
        await press(pilot, "1", "2", "enter", *"load", "enter")

    assert play(script).all(ApprovePlan) == [ApprovePlan("g-eu", BEYOND_POLICY.hash, "12", "load")]


def test_the_plan_does_not_change_under_the_readers_eyes() -> None:
    async def script(app: NodescalerApp, engine: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "a")
        other = msgspec.structs.replace(PLAN, hash="c" * 64, requested_nodes=13)
        engine.says.put_nowait(fleet(msgspec.structs.replace(CRITICAL, plan=other)))
        await pilot.pause()
        assert "no longer stands" in grid(app)
        await press(pilot, "y")

    assert play(script).all(ApprovePlan) == [ApprovePlan("g-eu", PLAN.hash, "", "")]


def test_who_reads_a_plan_that_somebody_else_approves_is_told_who_was_first() -> None:
    async def script(app: NodescalerApp, engine: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "a")
        group = msgspec.structs.replace(CRITICAL, plan=None, operation_id=RUNNING.id)
        engine.says.put_nowait(msgspec.structs.replace(fleet(group), operations=(RUNNING,)))
        await pilot.pause()
        assert f"{RUNNING.operator} was first" in grid(app)

    play(script)


def test_a_refusal_lists_what_changed() -> None:
    async def script(app: NodescalerApp, engine: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "a", "y")
        number = len(engine.asked)
        changes = (DisplayText("current nodes: 10 → 11"),)
        engine.says.put_nowait(
            Answer(number, done=False, sentence=DisplayText("The plan went stale."), changes=changes)
        )
        await pilot.pause()
        await pilot.pause()
        text = grid(app)
        assert "The plan went stale." in text
        assert "current nodes: 10 → 11" in text

    play(script)


def test_an_approved_plan_turns_into_its_operation_in_the_same_place() -> None:
    async def script(app: NodescalerApp, engine: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "a", "y")
        engine.says.put_nowait(
            Answer(len(engine.asked), done=True, sentence=DisplayText("Approved."), operation_id="op-1")
        )
        engine.says.put_nowait(OPERATING)
        await pilot.pause()
        await pilot.pause()
        text = grid(app)
        assert "nodes in service 11 of 12" in text
        assert "recorded" in text

    play(script)


def test_the_selected_group_stays_selected_when_the_order_changes() -> None:
    async def script(app: NodescalerApp, engine: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "j")
        fleet_table = app.screen.query_one(FleetTable)
        assert fleet_table.selected_id == "g-us"
        worse = msgspec.structs.replace(CALM, severity=Severity.CRITICAL)
        engine.says.put_nowait(fleet(CRITICAL, WARNING, worse))
        await pilot.pause()
        assert fleet_table.selected_id == "g-us"

    play(script)


def test_until_somebody_moves_the_worst_group_is_the_selected_one() -> None:
    async def script(app: NodescalerApp, engine: SpokenEngine, pilot: Pilot[str]) -> None:
        assert app.screen.query_one(FleetTable).selected_id == "g-us"
        engine.says.put_nowait(BREACH)
        await pilot.pause()
        assert app.screen.query_one(FleetTable).selected_id == "g-eu"

    play(script, state=fleet(WARNING, CALM))


def test_selecting_a_group_asks_for_its_plots_in_the_size_that_there_is() -> None:
    async def script(_: NodescalerApp, __: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "j")

    watches = [watch for watch in play(script, size=(120, 36)).all(WatchGroup) if isinstance(watch, WatchGroup)]
    assert watches[-1].group_id == "g-us"
    assert len(watches[-1].plots) == 3


def test_the_filter_narrows_and_escape_clears_it() -> None:
    async def script(app: NodescalerApp, _: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "slash", *"us-prod")
        assert "media-ap-prod-01" not in grid(app)
        assert "media-us-prod-02" in grid(app)
        await press(pilot, "escape")
        await pilot.pause()
        assert "media-ap-prod-01" in grid(app)

    play(script)


def test_reject_names_the_plan() -> None:
    async def script(_: NodescalerApp, __: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "x")

    assert play(script).all(RejectPlan) == [RejectPlan("g-eu", PLAN.hash)]


def test_typing_a_threshold_asks_what_it_would_do_and_shows_the_error_at_its_field() -> None:
    async def script(app: NodescalerApp, engine: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "t", "2")
        error = FieldError("cpu_warning", DisplayText("must be a number from 0 to 1"))
        engine.says.put_nowait(ThresholdPreview("g-eu", (error,), (), ()))
        await pilot.pause()
        await pilot.pause()
        assert "must be a number from 0 to 1" in grid(app)
        await press(pilot, "ctrl+s")

    engine = play(script)
    previews = [each for each in engine.all(PreviewThresholds) if isinstance(each, PreviewThresholds)]
    assert previews[-1].values["cpu_warning"].startswith("2")
    assert len(engine.all(SaveThresholds)) == 1


def test_the_journal_can_be_verified_from_its_screen() -> None:
    async def script(_: NodescalerApp, __: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "l", "v")

    assert play(script).all(VerifyJournal) == [VerifyJournal()]


def test_every_key_in_the_footer_has_an_action_behind_it() -> None:
    async def script(app: NodescalerApp, _: SpokenEngine, pilot: Pilot[str]) -> None:
        for opening in ((), ("enter",), ("escape", "a"), ("escape", "t"), ("escape", "l")):
            await press(pilot, *opening)
            for place in app.travel.places():
                for action in actions_at(place):
                    holder = app if target(action).startswith("app.") else app.screen
                    assert hasattr(holder, f"action_{action.name}"), f"{type(app.screen).__name__} {action.name}"

    play(script)


def test_similar_hours_are_asked_for_by_one_key_on_every_screen_with_plots_until_it_is_pressed_again() -> None:
    async def script(_: NodescalerApp, __: SpokenEngine, pilot: Pilot[str]) -> None:
        await press(pilot, "h", "enter", "h")

    watches = [watch for watch in play(script, size=(120, 36)).all(WatchGroup) if isinstance(watch, WatchGroup)]
    asked = [similar for similar, _ in groupby(watch.similar_hours for watch in watches)]
    assert asked == [False, True, False]
    assert sum(watch.similar_hours for watch in watches) >= 2


def test_what_arrives_while_a_screen_is_being_opened_does_not_bring_the_app_down() -> None:
    async def script(app: NodescalerApp, engine: SpokenEngine, pilot: Pilot[str]) -> None:
        app.travel.thresholds()
        engine.says.put_nowait(GroupDetail("g-eu", nodes=(), queues=(), plots=(), span_s=3600))
        await press(pilot, "tab")
        assert app.is_running

    play(script)
