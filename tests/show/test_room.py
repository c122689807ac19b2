"""Room: few groups leave room for a plot, one more or less moves nothing, and no group is scrolled away for it."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.intents import Intent, WatchGroup
from nodescaler_tui.show.room import FLEET_FRAME, LEAST_DETAIL, NOTHING_YET, WHOLE, fleet_lines
from nodescaler_tui.state import GroupState
from nodescaler_tui.views import PlotSize
from tests.show.conftest import SpokenEngine, app_on, grid
from tests.show.looked_at import LookedAtEngine
from tests.show.pictures import settled
from tests.show.states import BREACH, CALM, CRITICAL, fleet

ON_24_LINES = 16


def groups(number: int) -> Iterable[GroupState]:
    return (CRITICAL, *(msgspec.structs.replace(CALM, id=f"g-{index}") for index in range(1, number)))


def lines_after(numbers: Iterable[int], room: int = ON_24_LINES) -> list[int]:
    present, found = NOTHING_YET, []
    for number in numbers:
        present = fleet_lines(number, room, present)
        found.append(present)
    return found


def test_on_24_lines_six_groups_leave_room_for_a_plot_and_seven_do_not() -> None:
    assert [lines_after([number])[0] for number in (1, 3, 6, 7, 500)] == [2, 6, 6, WHOLE, WHOLE]


def test_a_group_that_comes_and_goes_moves_the_plots_at_most_once() -> None:
    assert lines_after([6, 7, 6, 7, 6]) == [6, WHOLE, WHOLE, WHOLE, WHOLE]
    assert lines_after([6, 7, 6, 5, 6]) == [6, WHOLE, WHOLE, 6, 6]
    assert lines_after([2, 3, 2, 3]) == [2, 6, 6, 6]


@given(st.lists(st.integers(1, 80), min_size=1, max_size=20), st.integers(12, 80))
def test_no_group_is_scrolled_away_for_a_plot_and_no_plot_is_squeezed(numbers: list[int], room: int) -> None:
    for number, lines in zip(numbers, lines_after(numbers, room), strict=True):
        assert lines >= number
        assert lines == WHOLE or lines + FLEET_FRAME + LEAST_DETAIL <= room


@pytest.mark.parametrize(("number", "plots"), [(1, 1), (6, 1), (7, 0)])
def test_the_selected_group_is_plotted_under_a_small_fleet(number: int, plots: int) -> None:
    engine = LookedAtEngine()

    async def shown() -> str:
        app = app_on(engine, fleet(*groups(number)))
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            return grid(app)

    assert asyncio.run(shown()).count("┤critical") == plots


def test_the_headings_of_sites_count_as_lines_of_the_fleet() -> None:
    async def shown() -> tuple[str, str]:
        app = app_on(LookedAtEngine(), fleet(*groups(6)))
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            before = grid(app)
            await pilot.press("b")
            await settled(pilot)
            return before, grid(app)

    before, by_site = asyncio.run(shown())
    assert (before.count("media-ap"), before.count("┤critical")) == (5, 1)
    assert (by_site.count("media-ap"), by_site.count("┤critical")) == (5, 0)


def test_the_frame_titles_a_plot_that_is_alone_and_follows_its_cursor() -> None:
    async def shown() -> tuple[str, str, str]:
        app = app_on(LookedAtEngine(), BREACH)
        async with app.run_test(size=(80, 24)) as pilot:
            await settled(pilot)
            first = grid(app)
            await pilot.press("left")
            await settled(pilot)
            pointed = grid(app)
            await pilot.press("escape", "slash")
            await settled(pilot)
            return first, pointed, grid(app)

    first, pointed, filtering = asyncio.run(shown())
    assert "╭─ CPU 93 % ● CRITICAL  3 s old" in first
    assert "╭─ CPU 03:0" in pointed
    assert "┤critical" in filtering
    assert filtering.count("CPU 93 % ● CRITICAL") == 1


def asked_on_resize(
    before: tuple[int, int], after: tuple[int, int], *keys: str, number: int = 5
) -> list[tuple[PlotSize, ...]]:
    """The plots that were asked for once a window had another size."""
    engine: SpokenEngine = LookedAtEngine()

    async def run() -> list[Intent]:
        app = app_on(engine, fleet(*groups(number)))
        async with app.run_test(size=before) as pilot:
            await settled(pilot)
            await pilot.press(*keys)
            await settled(pilot)
            engine.asked.clear()
            await pilot.resize_terminal(*after)
            await settled(pilot)
            await pilot.pause(0.2)
            return engine.all(WatchGroup)

    return [each.plots for each in asyncio.run(run()) if isinstance(each, WatchGroup)]


@pytest.mark.parametrize(
    ("before", "after", "plots"),
    [((133, 41), (120, 36), 3), ((120, 36), (80, 24), 1), ((80, 24), (120, 36), 3), ((120, 36), (120, 26), 2)],
)
def test_a_resize_asks_once_for_the_plots_that_fit(before: tuple[int, int], after: tuple[int, int], plots: int) -> None:
    assert [len(each) for each in asked_on_resize(before, after)] == [plots]


def test_a_resize_of_the_group_view_asks_once_too() -> None:
    assert [len(each) for each in asked_on_resize((80, 24), (120, 36), "enter")] == [3]


def test_plots_that_nobody_can_see_any_more_are_not_drawn_on() -> None:
    assert asked_on_resize((120, 36), (80, 24), number=7) == [()]
