"""Every screen from State literals, against its kept picture: at four sizes, and in four looks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest
from textual.widgets import Input

from nodescaler_tui.state import State
from tests.show.conftest import app_on, grid
from tests.show.looked_at import LookedAtEngine
from tests.show.pictures import THEMES, Look, look, picture, settled, without_colour
from tests.show.screens import CONDITIONS, SCREENS, Shown
from tests.show.states import BREACH

pytestmark = pytest.mark.usefixtures("seen_by_nobody")

SIZES = [(80, 24), (120, 36), (200, 60)]
SMALL = (60, 20)
Matches = Callable[[str, str], None]


async def looks(shown: Shown, size: tuple[int, int], names: tuple[str, ...]) -> list[Look]:
    """This screen in these looks, one after the other."""
    engine = LookedAtEngine()
    engine.refusal = shown.refusal
    app = app_on(engine, shown.state)
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        if shown.opened is not None:
            shown.opened(app)
        for key in shown.keys:
            await pilot.press(key)
        await settled(pilot)
        for typed in app.screen.query(Input):
            typed.cursor_blink = False
        for update in shown.says:
            engine.says.put_nowait(update)
        await settled(pilot)
        found = []
        for name in names:
            app.theme = name if name in THEMES else "dark"
            await settled(pilot)
            found.append(look(app, name))
        return found


def text_of(shown: Shown, size: tuple[int, int]) -> str:
    return asyncio.run(looks(shown, size, ("dark",)))[0].text


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_looks_as_it_did_in_every_theme_and_without_colour(
    name: str, size: tuple[int, int], matches: Matches
) -> None:
    found = asyncio.run(looks(SCREENS[name], size, THEMES))
    with without_colour():
        found += asyncio.run(looks(SCREENS[name], size, ("no colour",)))
    matches(f"{name}-{size[0]}x{size[1]}", picture(found))


@pytest.mark.parametrize("name", CONDITIONS)
def test_a_condition_is_told_as_it_was(name: str, matches: Matches) -> None:
    matches(f"{name}-80x24", text_of(CONDITIONS[name], (80, 24)))


@pytest.mark.parametrize("name", SCREENS)
def test_a_screen_stays_usable_on_a_small_terminal(name: str, matches: Matches) -> None:
    text = text_of(SCREENS[name], SMALL)
    assert max(len(line) for line in text.splitlines()) <= SMALL[0]
    matches(f"{name}-{SMALL[0]}x{SMALL[1]}", text)


def test_severity_is_told_by_word_and_symbol_and_not_by_colour_alone() -> None:
    text = text_of(Shown(BREACH), (80, 24))
    for word in ("● media-eu-prod-01", "CRITICAL", "◐", "WARNING", "?", "UNKNOWN", "○", "ok"):
        assert word in text


def test_unknown_is_a_dash_or_a_question_mark_and_never_zero() -> None:
    line = next(row for row in text_of(Shown(BREACH), (80, 24)).splitlines() if "media-sa-stage" in row)
    assert "?/50" in line
    assert "–" in line
    assert " 0 " not in line


def test_beyond_policy_something_must_be_typed() -> None:
    text = text_of(SCREENS["plan-to-be-typed"], (80, 24))
    assert "type the requested number: 12" in text
    assert "the cooldown is overridden" in text


def test_keys_that_mean_nothing_for_the_selected_group_are_not_offered() -> None:
    assert "approve" in text_of(Shown(BREACH), (80, 24)).splitlines()[-1]
    assert "approve" not in text_of(CONDITIONS["dashboard-calm"], (80, 24)).splitlines()[-1]


@pytest.mark.parametrize("size", [SMALL, *SIZES], ids=lambda size: f"{size[0]}x{size[1]}")
def test_a_terminal_that_is_resized_shows_what_one_of_that_size_shows(size: tuple[int, int]) -> None:
    async def resized() -> str:
        app = app_on(LookedAtEngine(), BREACH)
        async with app.run_test(size=(133, 41)) as pilot:
            await settled(pilot)
            await pilot.resize_terminal(*size)
            await settled(pilot)
            await settled(pilot)
            return grid(app)

    assert asyncio.run(resized()) == text_of(Shown(BREACH), size)


def test_an_app_without_any_state_shows_that_it_knows_nothing_yet() -> None:
    assert "the engine is starting" in text_of(Shown(State.EMPTY), (80, 24))
