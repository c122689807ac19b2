"""Every screen at two sizes, from State literals, against its kept picture."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from nodescaler_tui.show.screens.approval import ApprovalScreen
from nodescaler_tui.state import State
from nodescaler_tui.views import JournalPage
from tests.show.conftest import grid, make_app
from tests.show.states import BEYOND_POLICY, BREACH, CRITICAL, DETAIL, ENTRIES, LOST, NO_STORE, OPERATING, fleet

SIZES = [(80, 24), (120, 36), (60, 20)]
Matches = Callable[[str, str], None]


async def picture(state: State, size: tuple[int, int], *keys: str, theme: str = "dark") -> str:
    app, engine = make_app(state, theme=theme)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        for key in keys:
            await pilot.press(key)
            await pilot.pause()
        engine.says.put_nowait(DETAIL)
        engine.says.put_nowait(JournalPage(ENTRIES, more=False))
        await pilot.pause()
        await pilot.pause()
        return grid(app)


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize(
    ("name", "state", "keys"),
    [
        ("dashboard", BREACH, ()),
        ("dashboard-lost", LOST, ()),
        ("dashboard-no-store", NO_STORE, ()),
        ("dashboard-empty", State.EMPTY, ()),
        ("dashboard-operating", OPERATING, ()),
        ("group", BREACH, ("enter",)),
        ("plan", BREACH, ("a",)),
        ("operation", OPERATING, ("a",)),
        ("thresholds", BREACH, ("t",)),
        ("journal", BREACH, ("l",)),
        ("help", BREACH, ("question_mark",)),
    ],
)
def test_a_screen_looks_as_it_did(
    name: str, state: State, keys: tuple[str, ...], size: tuple[int, int], matches: Matches
) -> None:
    text = asyncio.run(picture(state, size, *keys))
    assert max(len(line) for line in text.splitlines()) <= size[0]
    matches(f"{name}-{size[0]}x{size[1]}", text)


def test_severity_is_told_by_word_and_symbol_and_not_by_colour_alone() -> None:
    text = asyncio.run(picture(BREACH, (80, 24)))
    for word in ("● media-eu-prod-01", "CRITICAL", "◐", "WARNING", "?", "UNKNOWN", "○", "ok"):
        assert word in text


def test_a_light_theme_shows_the_same_words() -> None:
    assert asyncio.run(picture(BREACH, (120, 36), theme="light")) == asyncio.run(picture(BREACH, (120, 36)))


def test_unknown_is_a_dash_or_a_question_mark_and_never_zero() -> None:
    line = next(row for row in asyncio.run(picture(BREACH, (80, 24))).splitlines() if "media-sa-stage" in row)
    assert "?/50" in line
    assert "–" in line
    assert " 0 " not in line


def test_beyond_policy_something_must_be_typed() -> None:
    async def screen() -> str:
        app, _ = make_app(fleet(CRITICAL))
        async with app.run_test(size=(80, 24)) as pilot:
            app.push_screen(ApprovalScreen(app.desk, CRITICAL, BEYOND_POLICY))
            await pilot.pause()
            await pilot.pause()
            return grid(app)

    text = asyncio.run(screen())
    assert "type the requested number: 12" in text
    assert "the cooldown is overridden" in text
