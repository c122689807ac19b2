"""Sparing output: the same picture for fewer bytes. Whatever changes, the terminal shows what Textual would have."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import msgspec
import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console
from textual._compositor import Compositor
from textual.content import Content
from textual.geometry import Region, Size

from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.show.sparing import SparingCompositor, SparingUpdate, apart, around
from nodescaler_tui.show.widgets.steady import Frame, changed_regions
from nodescaler_tui.state import State
from tests.show.conftest import grid, make_app
from tests.show.states import BREACH, CALM, CRITICAL, LOST, OPERATING, WARNING, fleet

SIZE = (120, 36)
WIDE = msgspec.structs.replace(CALM, id="g-wide", name=DisplayText("媒体-東京-01"))


def shown_after(states: list[State], size: tuple[int, int]) -> tuple[list[str], list[str], int, int]:
    """The screen after these States by our partial updates and by Textual's, and what each cost in bytes."""
    console = Console(force_terminal=True, color_system="truecolor", width=size[0])

    async def run() -> tuple[list[str], list[str], int, int]:
        ours, theirs = pyte.Screen(*size), pyte.Screen(*size)
        our_stream, their_stream, spent, usual = pyte.Stream(ours), pyte.Stream(theirs), 0, 0
        app, engine = make_app(states[0])
        async with app.run_test(size=size) as pilot:
            await pilot.pause()
            first = grid(app).replace("\n", "\r\n").removesuffix("\r\n")
            our_stream.feed(first)
            their_stream.feed(first)
            pairs: list[tuple[str, str]] = []
            sparing = SparingCompositor.render_partial_update

            def both(compositor: SparingCompositor) -> SparingUpdate | None:
                dirty = set(compositor._dirty_regions)
                usual_update = Compositor.render_partial_update(compositor)
                compositor._dirty_regions = dirty
                update = sparing(compositor)
                if update is not None and usual_update is not None:
                    pairs.append((update.render_segments(console), usual_update.render_segments(console)))
                return update

            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(SparingCompositor, "render_partial_update", both)
                for state in states[1:]:
                    engine.says.put_nowait(state)
                    await pilot.pause()
                    await pilot.pause()
            for written, whole in pairs:
                our_stream.feed(written)
                their_stream.feed(whole.replace("\n", ""))
                spent, usual = spent + len(written.encode()), usual + len(whole.encode())
        return ours.display, theirs.display, spent, usual

    return asyncio.run(run())


@pytest.mark.parametrize(
    "states",
    [
        [BREACH, OPERATING],
        [OPERATING, LOST, BREACH],
        [fleet(CRITICAL, WARNING), fleet(CRITICAL, CALM), fleet(CALM)],
        [fleet(WIDE, WARNING), fleet(WIDE, CALM), BREACH],
    ],
    ids=["operation", "lost and back", "groups come and go", "wide characters"],
)
def test_the_terminal_shows_what_textual_would_have_shown(states: list[State]) -> None:
    ours, theirs, spent, usual = shown_after(states, SIZE)
    assert ours == theirs
    assert spent <= usual


@pytest.mark.parametrize("size", [(80, 24), SIZE], ids=["stacked", "side by side"])
def test_a_second_that_passes_costs_a_few_hundred_bytes(size: tuple[int, int]) -> None:
    later = msgspec.structs.replace(
        BREACH, link=msgspec.structs.replace(BREACH.link, polled_at=BREACH.link.since), revision=BREACH.revision + 1
    )
    _, _, spent, usual = shown_after([BREACH, later], size)
    assert 0 < spent < min(usual, 1000)


LINES = st.text(st.sampled_from("ab 1"), max_size=30)


@given(LINES, LINES, st.integers(1, 20))
def test_every_character_that_differs_is_painted_again(one: str, other: str, width: int) -> None:
    regions = changed_regions(Content(one), Content(other), Size(width, 1)) or []
    painted = {x for region in regions for x in range(region.x, region.right)}
    cut = [text if len(text) <= width else f"{text[: width - 1]}…" for text in (one, other)]
    before, after = (text.ljust(width) for text in cut)
    assert {x for x in range(width) if before[x] != after[x]} <= painted
    assert all(region.right <= width for region in regions)


REGIONS = st.builds(Region, st.integers(0, 99), st.integers(0, 35), st.integers(1, 20), st.integers(1, 5))


@given(st.sets(REGIONS, max_size=30))
def test_every_dirty_cell_is_drawn_and_none_for_nothing(regions: set[Region]) -> None:
    assert cells(apart(regions)) == cells(regions)


@given(REGIONS, REGIONS)
def test_around_a_hole_everything_else_is_left_once(region: Region, other: Region) -> None:
    hole = region.intersection(other)
    if hole:
        rest = around(region, hole)
        assert cells(rest) == cells([region]) - cells([hole])
        assert sum(piece.area for piece in rest) == region.area - hole.area


def cells(regions: Iterable[Region]) -> set[tuple[int, int]]:
    return {(x, y) for region in regions for x in region.column_range for y in region.line_range}


def test_a_title_that_changes_paints_the_border_that_it_stands_in_and_nothing_else() -> None:
    async def painted() -> list[set[int]]:
        app, _ = make_app(BREACH)
        rows: list[set[int]] = []
        partial = SparingCompositor.render_partial_update

        def noted(compositor: SparingCompositor) -> SparingUpdate | None:
            update = partial(compositor)
            rows.append({y for patch in (update.patches if update else ()) for y in patch.region.line_range})
            return update

        async with app.run_test(size=SIZE) as pilot:
            await pilot.pause()
            box = app.screen.query_one("#fleet-box", Frame)
            with pytest.MonkeyPatch.context() as patch:
                patch.setattr(SparingCompositor, "render_partial_update", noted)
                box.title_above(Content("above"))
                await pilot.pause()
                box.title_below(Content("below"))
                await pilot.pause()
            assert "above" in grid(app).splitlines()[1]
            assert "below" in grid(app).splitlines()[28]
        return [each for each in rows if each]

    assert asyncio.run(painted()) == [{1}, {28}]
