"""Figures: what is believed of a group is kept; what is too old, impossible or missing is unknown, never zero."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from nodescaler_tui.facts import (
    GroupKind,
    GroupReading,
    Lifecycle,
    NodeReading,
    Observation,
    QueueReading,
    Reading,
    RequestBudget,
    WorstNode,
)
from nodescaler_tui.record.history.figures import MOST_NODES_A_POLL, Figure, figures_of, poll_of
from tests.record.history.measured import NOON


def reading(value: float | None, age_s: float = 5.0) -> Reading:
    return Reading(value, "test", None if value is None else NOON - timedelta(seconds=age_s))


def node(number: int) -> NodeReading:
    return NodeReading(
        f"n{number}", f"i-{number}", "g", Lifecycle.IN_SERVICE, reading(0.5), reading(None), reading(4), reading(1)
    )


GROUP: Final = GroupReading(
    id="g",
    name="media",
    site="Dublin",
    kind=GroupKind.EDGE,
    managed=False,
    current_nodes=reading(4),
    cpu=reading(0.7),
    memory=reading(0.5),
    sessions=reading(10),
    cpu_worst=WorstNode(0.9, "i-1"),
    memory_worst=WorstNode(0.6, "i-2"),
    fresh_nodes=4,
    nodes=tuple(map(node, range(3))),
)


def kept(group: GroupReading) -> dict[Figure, float | None]:
    return dict(zip(Figure, figures_of(group, NOON, 90.0), strict=True))


def queue(waiting: float | None, occupancy: float | None) -> QueueReading:
    return QueueReading("q", "calls", reading(waiting), reading(3), reading(occupancy), reading(240_000.0))


def test_what_was_measured_is_kept() -> None:
    found = kept(GROUP)
    assert (found[Figure.CPU], found[Figure.CPU_WORST], found[Figure.MEMORY_WORST]) == (0.7, 0.9, 0.6)
    assert (found[Figure.SESSIONS], found[Figure.NODES], found[Figure.SESSIONS_PER_NODE]) == (10, 4, 2.5)
    assert found[Figure.WAITING] is None


def test_what_is_too_old_or_impossible_is_unknown_with_all_that_follows_from_it() -> None:
    old = kept(replace(GROUP, cpu=reading(0.7, age_s=91), sessions=reading(10, age_s=91)))
    assert (old[Figure.CPU], old[Figure.CPU_WORST], old[Figure.SESSIONS], old[Figure.SESSIONS_PER_NODE]) == (None,) * 4
    assert kept(replace(GROUP, cpu=reading(7.0)))[Figure.CPU] is None
    assert kept(replace(GROUP, current_nodes=reading(0)))[Figure.SESSIONS_PER_NODE] is None
    assert kept(replace(GROUP, current_nodes=reading(None)))[Figure.NODES] is None


def test_several_queues_are_summed_and_one_that_is_unknown_makes_the_sum_unknown() -> None:
    both = kept(replace(GROUP, queues=(queue(2, 0.8), queue(5, 0.6))))
    assert (both[Figure.WAITING], both[Figure.INTERACTING], both[Figure.OCCUPANCY]) == (7, 6, 0.8)
    assert both[Figure.HANDLE_TIME_MS] == 240_000.0
    assert kept(replace(GROUP, queues=(queue(2, 0.8), queue(None, 0.6))))[Figure.WAITING] is None


@pytest.mark.parametrize(("troubled", "count"), [((), 0), (("g",), 3), (("gone",), 0)])
def test_the_nodes_of_troubled_groups_only_are_kept(troubled: tuple[str, ...], count: int) -> None:
    assert len(poll_of(observation(GROUP), 90.0, troubled).nodes) == count


def test_a_bad_day_has_a_bounded_size() -> None:
    large = replace(GROUP, nodes=tuple(map(node, range(2 * MOST_NODES_A_POLL))))
    assert len(poll_of(observation(large), 90.0, ("g",)).nodes) == MOST_NODES_A_POLL


def observation(*groups: GroupReading) -> Observation:
    budget = RequestBudget(5, 300, limit_is_live=False)
    return Observation(NOON, 5, inventory_read=True, groups=groups, problems=(), budget=budget)
