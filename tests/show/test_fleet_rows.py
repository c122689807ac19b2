"""The rows of the fleet: which columns a width has room for, and that the one that tells what comes is among them."""

from __future__ import annotations

import asyncio

import pytest

from nodescaler_tui.show.widgets.fleet_order import Arrangement
from nodescaler_tui.show.widgets.fleet_rows import columns_for, header, row
from tests.show.conftest import app_on, grid
from tests.show.foreseen_states import FORESEEN, FORESEEN_GROUP, PROPOSED
from tests.show.looked_at import LookedAtEngine
from tests.show.pictures import settled
from tests.show.states import NOW


@pytest.mark.parametrize("width", range(52, 141))
def test_a_row_is_as_wide_as_its_table_and_has_the_eta(width: int) -> None:
    columns = columns_for(width)
    for cells in (row(FORESEEN_GROUP, columns, NOW), [cell for cell, _ in header(columns, Arrangement())]):
        assert sum(len(cell.text) for cell in cells) == width
    assert "~18m" in "".join(cell.text for cell in row(FORESEEN_GROUP, columns, NOW))


def test_the_eta_is_on_the_dashboard_at_every_width_from_80_on() -> None:
    async def shown() -> dict[int, str]:
        app, found = app_on(LookedAtEngine(), FORESEEN), {}
        async with app.run_test(size=(80, 24)) as pilot:
            for width in range(80, 141):
                await pilot.resize_terminal(width, 24)
                await settled(pilot)
                found[width] = grid(app)
        return found

    for width, screen in asyncio.run(shown()).items():
        head, first = (line[: line.index("│", 1)] for line in screen.splitlines()[2:4])
        assert " eta " in head, width
        assert "~18m" in first, width


def test_what_an_approval_would_bring_is_on_the_card_of_a_narrow_screen_that_is_tall() -> None:
    async def shown() -> dict[tuple[int, int], str]:
        app, found = app_on(LookedAtEngine(), PROPOSED), {}
        async with app.run_test(size=(80, 24)) as pilot:
            for size in ((80, 24), (80, 27), (80, 28), (100, 40), (110, 24)):
                await pilot.resize_terminal(*size)
                await settled(pilot)
                found[size] = grid(app)
        return found

    found = asyncio.run(shown())
    assert {size for size, screen in found.items() if "if you approve: CPU " in screen} == {
        (80, 28),
        (100, 40),
        (110, 24),
    }
    for screen in found.values():
        assert "gates  ✓ all 5 open" in screen
