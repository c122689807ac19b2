"""Reading: any span in any number of columns, from the coarsest tier that is fine enough, and never another extreme."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodescaler_tui.record.history.connection import HistoryUnavailable
from nodescaler_tui.record.history.figures import Figure
from nodescaler_tui.record.history.reader import reading_history
from nodescaler_tui.record.history.spans import Bin, Extent, in_columns, pieces, tier_for
from nodescaler_tui.record.history.tiers import (
    FIVE_MINUTES,
    MINUTES,
    QUARTER_HOURS,
    READINGS,
    Retention,
    Tier,
)
from tests.record.history.kept import Kept, keep
from tests.record.history.measured import NOON_S, poll, store

STEPS = 1200
GAP = range(300, 520)


def cpu(step: int) -> float:
    """A quiet curve with a single spike in it."""
    return 0.99 if step == 777 else 0.3 + 0.2 * (step % 97) / 97


@pytest.fixture(scope="module")
def stored(kept_for_all: Kept) -> Kept:
    polls = [poll(NOON_S + 10 * step, {"a": None if step in GAP else cpu(step)}) for step in range(STEPS)]
    keep(kept_for_all, polls)
    return kept_for_all


@cache
def measured() -> tuple[tuple[float, float], ...]:
    return tuple((NOON_S + 10 * step, round(cpu(step) * 10_000) / 10_000) for step in range(STEPS) if step not in GAP)


def span(stored: Kept, begins_s: float, ends_s: float, columns: int) -> list[Bin]:
    with stored.history.reading() as reader:
        return list(reader.span("a", [Figure.CPU], begins_s, ends_s, columns)[Figure.CPU])


@settings(max_examples=40, deadline=None)
@given(st.sampled_from([10, 60, 300, 900]), st.integers(1, 40), st.integers(0, 12))
def test_each_column_has_the_extremes_of_what_was_measured_in_it(
    stored: Kept, column_s: int, columns: int, quarters: int
) -> None:
    begins_s = NOON_S + 900 * quarters
    found = {entry.at_s: entry for entry in span(stored, begins_s, begins_s + column_s * columns, columns)}
    for index in range(columns):
        start_s = begins_s + index * column_s
        values = [value for at_s, value in measured() if start_s <= at_s < start_s + column_s]
        entry = found.get(start_s + column_s / 2)
        if not values:
            assert entry is None, "a gap is no column"
        else:
            assert entry is not None
            assert (entry.low, entry.high, entry.count) == (min(values), max(values), len(values))
            assert entry.mean == pytest.approx(sum(values) / len(values), abs=0.0002)


@pytest.mark.parametrize("columns", [1, 3, 17, 60, 240, 700])
def test_a_single_spike_is_seen_at_every_width(stored: Kept, columns: int) -> None:
    found = span(stored, NOON_S, NOON_S + 10 * STEPS, columns)
    assert max(entry.high for entry in found) == 0.99
    assert len(found) <= columns


def test_an_unknown_group_has_no_bins(stored: Kept) -> None:
    with stored.history.reading() as reader:
        assert reader.span("nobody", [Figure.CPU], 0, NOON_S, 10) == {Figure.CPU: []}


def test_an_absent_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(HistoryUnavailable, match="no history"), reading_history(tmp_path / "none.db"):
        pass


def test_what_is_older_than_a_tier_is_answered_by_a_coarser_one(tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    retention = Retention(readings_s=600, minutes_s=3600, five_minutes_s=7200, quarter_hours_s=86_400)
    store(path, [poll(NOON_S + 10 * step, {"a": cpu(step)}) for step in range(STEPS)], retention)
    with reading_history(path) as reader:
        found = reader.finest("a", [Figure.CPU], 0, NOON_S * 2)[Figure.CPU]
    widths = [entry.bin_s for entry in found]
    assert widths == sorted(widths, reverse=True)
    assert set(widths) == {900.0, 300.0, 60.0, 0.0}
    assert sum(entry.count for entry in found) == STEPS
    assert max(entry.high for entry in found) == 0.99


def test_the_last_polls_of_every_group_come_in_the_order_of_time(stored: Kept) -> None:
    with stored.history.reading() as reader:
        found = reader.last_polls(0, 3)["a"]
    assert [at_s for at_s, _ in found] == [NOON_S + 10 * step for step in range(STEPS - 3, STEPS)]
    assert [figures[Figure.CPU] for _, figures in found] == [value for _, value in measured()[-3:]]
    assert all(figures[Figure.MEMORY] is None for _, figures in found)


@pytest.mark.parametrize(
    ("column_s", "tier"),
    [(1, READINGS), (59, READINGS), (60, MINUTES), (360, FIVE_MINUTES), (2520, QUARTER_HOURS)],
)
def test_the_coarsest_tier_that_is_as_fine_as_a_column_answers(column_s: float, tier: Tier) -> None:
    assert tier_for(column_s) is tier


@settings(deadline=None)
@given(st.lists(st.integers(0, 200), min_size=8, max_size=8), st.sampled_from([READINGS, MINUTES, QUARTER_HOURS]))
def test_pieces_follow_each_other_without_overlap(ends: list[int], wanted: Tier) -> None:
    tiers = (QUARTER_HOURS, FIVE_MINUTES, MINUTES, READINGS)
    extents = {
        tier: Extent(min(pair) * 900.0, max(pair) * 900.0 + 900)
        for tier, pair in zip(tiers, zip(ends[::2], ends[1::2], strict=True), strict=True)
    }
    found = pieces(extents, 0.0, 200_000.0, wanted)
    assert all(piece.begins_s < piece.ends_s for piece in found)
    assert all(one.ends_s <= other.begins_s for one, other in pairwise(found))


def test_columns_are_merged_with_their_weights() -> None:
    bins = [Bin(1.0, 0.1, 0.2, 0.3, 1), Bin(2.0, 0.4, 0.8, 0.9, 3), Bin(7.0, 0.5, 0.5, 0.5, 2)]
    first, second = in_columns(bins, 0.0, 10.0, 2)
    assert (first.low, first.high, first.count) == (0.1, 0.9, 4)
    assert first.mean == pytest.approx(0.65)
    assert (second.at_s, second.count) == (7.5, 2)


def test_a_column_names_every_source_that_it_was_merged_from() -> None:
    bins = [Bin(float(at_s), 0.5, 0.5, 0.5, 1, source=source) for at_s, source in enumerate(["", "x", "", "y", "x"])]
    assert in_columns(bins, 0.0, 5.0, 1)[0].source == "measured, x, y"
    assert [entry.source for entry in in_columns(bins, 0.0, 5.0, 5)] == ["", "x", "", "y", "x"]


def test_a_bin_that_is_wider_than_a_column_is_in_all_those_that_it_covers() -> None:
    bins = [Bin(2.5, 0.1, 0.2, 0.3, 1, bin_s=5.0), Bin(9.0, 0.4, 0.5, 0.6, 1), Bin(11.5, 0.7, 0.7, 0.7, 1, bin_s=0.2)]
    found = in_columns(bins, 0.0, 12.0, 12)
    assert [(entry.at_s, entry.mean) for entry in found] == [
        *((index + 0.5, 0.2) for index in range(5)),
        (9.5, 0.5),
        (11.5, 0.7),
    ]


@given(st.floats(-50, 150), st.floats(0.1, 60), st.integers(1, 40))
def test_the_columns_of_a_bin_are_those_whose_middles_it_covers_and_that_of_its_own(
    at_s: float, bin_s: float, columns: int
) -> None:
    column_s = 100.0 / columns
    found = [entry.at_s for entry in in_columns([Bin(at_s, 0.5, 0.5, 0.5, 1, bin_s=bin_s)], 0.0, 100.0, columns)]
    for index in range(columns):
        middle_s = (index + 0.5) * column_s
        inside = abs(middle_s - at_s) < bin_s / 2 - 1e-6
        own = index * column_s + 1e-6 < at_s < (index + 1) * column_s - 1e-6
        beyond = abs(middle_s - at_s) > max(bin_s, column_s) / 2 + 1e-6
        assert not (inside or own) or pytest.approx(middle_s) in found
        assert not beyond or pytest.approx(middle_s) not in found
