"""The screens of an engine in a team: who is here, quietly, on terminals of three widths; and a clock that is off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Final

import msgspec
import pytest

from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.intents import ApprovePlan, ShowsNow
from nodescaler_tui.show.widgets.link_line import link_content, problem_content
from nodescaler_tui.state import InFront, LinkStatus, Sight, State
from tests.show.conftest import make_app
from tests.show.pictures import settled
from tests.show.screens import Shown
from tests.show.states import BREACH, CRITICAL, NOW, fleet
from tests.show.team_states import ALONE_IN_TEAM, ANA, BOB, CLOSED_TEAM, TEAM, VIC, WARNED, WARNED_TEAM, in_team
from tests.show.test_screens import text_of

SIZES: Final = [(60, 20), (80, 24), (120, 36)]
SCREENS: Final = {
    "team-dashboard": Shown(TEAM),
    "team-group": Shown(TEAM, ("enter",)),
    "team-plan": Shown(TEAM, ("a",)),
    "team-who": Shown(WARNED_TEAM, ("w",)),
    "team-clock-off": Shown(CLOSED_TEAM),
}


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
def test_a_team_is_shown_as_it_was(name: str, size: tuple[int, int], matches: Callable[[str, str], None]) -> None:
    text = text_of(SCREENS[name], size)
    assert max(len(line) for line in text.splitlines()) <= size[0]
    matches(f"{name}-{size[0]}x{size[1]}", text)


@pytest.mark.parametrize("width", range(60, 161))
@pytest.mark.parametrize("poller", ["you poll", "ana@desk polls", "a-very-long-login@a-long-host-name polls"])
def test_the_top_line_keeps_the_time_and_how_genesys_is_whoever_is_here(width: int, poller: str) -> None:
    for present in ((), (BOB,), (ANA, BOB), (ANA, BOB, VIC) * 2):
        text = link_content(in_team(BREACH, *present, poller=poller), None, "jane@laptop", NOW, width).plain
        assert len(text) == width
        assert "polled 3 s ago" in text
        assert " · ok" in text
        assert text.endswith("03:04:05 ")
        if len(present) in {1, 2}:
            assert "with bob" in text or "with ana, bob" in text or f"with {len(present)}" in text


def test_an_engine_that_is_alone_says_nothing_of_it_and_offers_no_list() -> None:
    for width in (60, 80, 120):
        assert " with " not in link_content(BREACH, None, "jane@laptop", NOW, width).plain
    text = text_of(Shown(BREACH, ("w",)), (80, 24))
    assert "Who is here" not in text
    assert "Who else" not in text_of(Shown(BREACH, ("question_mark",)), (120, 60))
    assert "Who else" in text_of(Shown(TEAM, ("question_mark",)), (120, 60))
    assert "Nobody else is here." in text_of(Shown(ALONE_IN_TEAM, ("w",)), (80, 24))


def test_a_clock_that_closes_the_gate_is_told_before_genesys_and_a_warning_after_it() -> None:
    lost = msgspec.structs.replace(TEAM.link, status=LinkStatus.LOST, problems=(DisplayText("Genesys answered 429."),))
    for state, first in ((CLOSED_TEAM, "7.0 s behind"), (WARNED_TEAM, "429")):
        content = problem_content(msgspec.structs.replace(state, link=lost), None, NOW, 120)
        assert content is not None
        assert first in content.plain
    warned = problem_content(WARNED_TEAM, None, NOW, 120)
    assert warned is not None
    assert WARNED in warned.plain


def shown_by(keys: tuple[str, ...], state: State = TEAM) -> list[InFront]:
    """What the engine is told that this window shows, one after the other."""

    async def told() -> list[InFront]:
        app, engine = make_app(state)
        async with app.run_test(size=(120, 36)) as pilot:
            await settled(pilot)
            for key in keys:
                await pilot.press(key)
                await settled(pilot)
            if ApprovePlan in {type(intent) for intent in engine.asked}:
                kinds = [type(intent) for intent in engine.asked if isinstance(intent, ShowsNow | ApprovePlan)]
                assert kinds.index(ApprovePlan) == len(kinds) - 1, "that it is approved is told before it is"
            return [intent.in_front for intent in engine.asked if isinstance(intent, ShowsNow)]

    return asyncio.run(told())


def test_the_engine_is_told_what_is_in_front_of_the_operator_and_of_the_way_back() -> None:
    dashboard, group, plan = (
        InFront(Sight.DASHBOARD),
        InFront(Sight.GROUP, CRITICAL.id),
        InFront(Sight.PLAN, CRITICAL.id),
    )
    assert shown_by(("enter", "a", "escape", "escape")) == [dashboard, group, plan, group, dashboard]
    assert shown_by(("l", "escape", "t")) == [
        dashboard,
        InFront(Sight.JOURNAL),
        dashboard,
        InFront(Sight.THRESHOLDS, CRITICAL.id),
    ]


def test_help_and_the_list_of_who_is_here_change_nothing_of_what_others_see() -> None:
    assert shown_by(("enter", "w", "escape", "question_mark", "escape")) == [
        InFront(Sight.DASHBOARD),
        InFront(Sight.GROUP, CRITICAL.id),
    ]


def test_whoever_confirms_is_seen_approving() -> None:
    assert shown_by(("a", "y"))[-1] == InFront(Sight.APPROVING, CRITICAL.id)


def test_what_is_not_watched_here_is_not_named_by_its_id() -> None:
    elsewhere = msgspec.structs.replace(BOB, in_front=(InFront(Sight.PLAN, "g-of-another-region"),))
    text = text_of(Shown(in_team(fleet(CRITICAL), elsewhere), ("w",)), (120, 36))
    assert "reading the plan for a group that is not watched here" in text
    assert "g-of-another-region" not in text
