"""Plots: limits carry their word, a gap is no line, what was done stands on the time axis, and it can be read."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

import pytest

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.engine.history import GroupHistory
from nodescaler_tui.engine.marks import Mark
from nodescaler_tui.engine.plots import Moment, draw
from nodescaler_tui.views import Ink, Plot, PlotSize

BEGAN = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
SIZE = PlotSize(SignalName.CPU, 60, 12)


def history(values: Mapping[int, float | None]) -> GroupHistory:
    found = GroupHistory()
    for second, cpu in sorted(values.items()):
        found.add((BEGAN + timedelta(seconds=second)).timestamp(), (cpu, cpu, cpu, cpu, None))
    return found


def plot(values: Mapping[int, float | None], *marks: Mark, now_s: int = 600) -> Plot:
    moment = Moment(BEGAN + timedelta(seconds=now_s), 900, 30.0, marks)
    return draw(SIZE, history(values), ThresholdMatrix(), moment)


def text(found: Plot) -> list[str]:
    return ["".join(run.text for run in row) for row in found.rows]


def inked(found: Plot, ink: Ink) -> str:
    return "".join(run.text for row in found.rows for run in row if run.ink is ink)


def test_each_limit_carries_its_word_and_its_value() -> None:
    rows = text(plot(dict.fromkeys(range(0, 600, 10), 0.3)))
    assert any(row.startswith("  90┤critical ") for row in rows)
    assert any(row.startswith("  75┤warning ") for row in rows)


def test_the_word_gives_way_to_a_curve_that_runs_where_it_would_stand() -> None:
    found = plot({second: 0.9 if second < 300 else 0.3 for second in range(0, 900, 10)}, now_s=890)
    row = next(row for row in text(found) if row.startswith("  90┤"))
    assert "critical" in row
    assert not row.startswith("  90┤critical")


def test_a_curve_reaches_the_right_edge_of_its_canvas_however_small_the_engines_own_terminal_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    monkeypatch.setenv("LINES", "10")
    moment = Moment(BEGAN + timedelta(seconds=890), 900, 30.0)
    wide = draw(
        PlotSize(SignalName.CPU, 160, 40), history(dict.fromkeys(range(0, 900, 10), 0.5)), ThresholdMatrix(), moment
    )
    curved = [row for row in wide.rows if any(run.ink in {Ink.MEAN, Ink.WORST} for run in row)]
    assert len(wide.rows) == 40
    assert curved
    assert max(len("".join(run.text for run in row).rstrip("\u2800 ")) for row in curved) >= 158


def test_no_line_is_drawn_across_missing_data() -> None:
    known = {second: 0.5 for second in range(0, 600, 10) if not 200 <= second < 400}
    found = plot(known)
    assert found.starts_at is not None
    began = (BEGAN - found.starts_at).total_seconds()
    middle = range(int((began + 210) / found.column_s), int((began + 390) / found.column_s))
    assert len(middle) > 5
    assert all(found.means[column] is None for column in middle)
    for row in found.rows[:-2]:
        drawn = "".join(run.text if run.ink in {Ink.MEAN, Ink.WORST} else " " * len(run.text) for run in row)
        assert all(drawn[found.left + column : found.left + column + 1] in {"", " "} for column in middle)


def test_what_was_done_stands_on_the_time_axis_with_its_words() -> None:
    mark = Mark(BEGAN + timedelta(seconds=300), "g", "▲", DisplayText("scale-up approved by jane"))
    found = plot(dict.fromkeys(range(0, 600, 10), 0.3), mark)
    assert inked(found, Ink.MARK) == "▲"
    assert found.marks[0].words == "scale-up approved by jane"


def test_every_column_can_be_read_and_a_peak_is_not_averaged_away() -> None:
    values: dict[int, float | None] = {**dict.fromkeys(range(0, 600, 10), 0.3), 305: 0.97}
    found = plot(values)
    assert abs(max(value for value in found.means if value is not None) - 0.97) < 1e-6
    assert len(found.means) == SIZE.width - found.left


def test_every_row_fits_the_canvas() -> None:
    assert {len(row) for row in text(plot(dict.fromkeys(range(0, 600, 10), 0.3)))} == {SIZE.width}


def test_from_one_second_to_the_next_almost_nothing_changes() -> None:
    values: dict[int, float | None] = dict.fromkeys(range(0, 600, 2), 0.5)
    before, after = text(plot(values, now_s=598)), text(plot({**values, 600: 0.5}, now_s=600))
    pairs = zip("".join(before), "".join(after), strict=True)
    assert sum(one != other for one, other in pairs) <= 3
