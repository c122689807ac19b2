"""The benchmark's table: every forecaster on every trace, next to the last value."""

from __future__ import annotations

from dataclasses import astuple

import numpy as np

from benchmarks.forecast import OURS, Cell, measure, rows
from benchmarks.forecast_rivals import RIVALS, last_value
from benchmarks.forecast_scoring import Score
from benchmarks.forecast_traces import WINDOWS, Trace
from tests.decide.forecast.histories import DAY, daily


def scored(source: str, error: float) -> Score:
    return Score(source, error, error, 0.9, 0.5, 0.25, 1.0)


def test_rows_are_relative_to_the_last_value_the_smallest_error_first() -> None:
    board = {
        "last value": {"one": scored("a", 2.0), "two": scored("b", 4.0)},
        "rival": {"one": scored("a", 2.2), "two": scored("b", 4.0)},
        OURS: {"one": scored("a", 1.0), "two": scored("b", 2.0)},
    }
    found = [[cell.strip() for cell in row.strip("|").split("|")] for row in rows(Cell(WINDOWS[2], 3600, board))]
    assert [row[1] for row in found] == [f"**{OURS}**", "last value", "rival"]
    assert found[0][2:] == ["0.500", "0.500", "0.90", "0.500", "0 of 2", "0.25", "1.00"]
    assert found[2][2] == f"{1.1**0.5:.3f}"
    assert found[2][6] == "1 of 2"


def test_alerts_are_told_of_the_hour_only() -> None:
    (row,) = rows(Cell(WINDOWS[2], 900, {"last value": {"one": scored("a", 1.0)}}))
    assert row.endswith("| – | – |")


def test_everybody_is_measured_on_the_same_moments() -> None:
    trace = Trace("daily", "by hand", 300, daily(7 * DAY))
    cells = measure([trace], lambda _source: last_value, 40)
    assert [(cell.window.name, cell.horizon_s) for cell in cells] == [
        ("24h", 900),
        ("24h", 3600),
        ("7d", 900),
        ("7d", 3600),
    ]
    for cell in cells:
        assert set(cell.board) == {OURS, *RIVALS}
        ours, other = (astuple(cell.board[name]["daily"]) for name in (OURS, "last value"))
        np.testing.assert_equal(ours, other)
