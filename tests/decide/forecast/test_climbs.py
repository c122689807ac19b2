"""What is kept of a forecast: any threshold can be asked for later, and the answer is that of the whole table."""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.decide.forecast.climbs import Climbs, SimilarHours

STEPS, ENTRIES = 12, 5
LOADS = st.floats(0, 1e4, allow_nan=False)
TABLE = st.tuples(
    st.lists(LOADS, min_size=ENTRIES, max_size=ENTRIES, unique=True).map(sorted),
    st.lists(st.floats(0, 1), min_size=ENTRIES, max_size=ENTRIES).map(lambda odds: sorted(odds, reverse=True)),
)
TABLES = st.lists(TABLE, min_size=STEPS, max_size=STEPS)
HOURS = st.lists(st.tuples(st.integers(3600, 700_000), st.lists(LOADS, min_size=STEPS, max_size=STEPS)), max_size=20)


@given(TABLES, LOADS)
def test_each_step_is_answered_from_its_own_table_by_straight_lines(
    tables: list[tuple[list[float], list[float]]], threshold: float
) -> None:
    each = [
        0.0 if threshold > values[-1] else float(np.interp(threshold, values, reached)) for values, reached in tables
    ]
    assert Climbs.of(tables).by_step(threshold) == pytest.approx(np.maximum.accumulate(each), abs=1e-6)


@given(TABLES, LOADS, LOADS)
def test_what_was_reached_stays_reached_and_a_higher_threshold_is_never_likelier(
    tables: list[tuple[list[float], list[float]]], one: float, other: float
) -> None:
    climbs = Climbs.of(tables)
    lower, higher = climbs.by_step(min(one, other)), climbs.by_step(max(one, other))
    assert all(before <= after for before, after in pairwise(lower))
    assert all(above <= below + 1e-9 for above, below in zip(higher, lower, strict=True))


def test_odds_that_hold_for_any_value_are_those_of_every_threshold() -> None:
    climbs = Climbs.to_any_value((0.1, 0.4, 0.4))
    assert climbs.by_step(0.0) == climbs.by_step(1e9) == climbs.by_step(math.inf) == [0.1, 0.4, 0.4]


@given(HOURS, LOADS)
def test_similar_hours_are_counted_as_one_would_by_looking_at_each(
    hours: list[tuple[int, list[float]]], threshold: float
) -> None:
    similar = SimilarHours.of(hours)
    assert similar.crossed(threshold) == sum(max(path) >= threshold for _, path in hours)
    assert [(ago_s, list(path)) for ago_s, path in similar] == hours
    assert len(similar) == len(hours)
