"""The load book: bars of five minutes that nodes coming and going leave no step in, with every unknown left out."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine.load_book import MOST_BARS, LoadBars, LoadBook, loads_of
from nodescaler_tui.record.history.figures import Figure, Figures

BEGINS_S = 6_000_000 * 300.0


def figures(cpu: float | None, nodes: float | None = 4, sessions: float | None = None) -> Figures:
    known = {Figure.CPU: cpu, Figure.NODES: nodes, Figure.SESSIONS: sessions}
    return tuple(known.get(figure) for figure in Figure)


def bars(book: LoadBook, signal: SignalName = SignalName.CPU) -> LoadBars:
    return book.of("g")[signal]


def polled(*polls: tuple[float, float | None]) -> LoadBook:
    """CPU of four nodes at so many seconds after the begin."""
    book = LoadBook()
    for at_s, cpu in polls:
        book.add("g", BEGINS_S + at_s, figures(cpu))
    return book


def test_a_bar_is_the_mean_of_its_polls_times_the_nodes_in_service() -> None:
    found = bars(polled((10, 0.4), (20, 0.5), (290, 0.6)))
    assert (list(found.indices), list(found.loads)) == ([6_000_000], [2.0])


def test_nodes_that_come_leave_no_step() -> None:
    book = LoadBook()
    for index, nodes in enumerate((4, 4, 8, 8)):
        book.add("g", BEGINS_S + 300 * index + 200, figures(3.2 / nodes, nodes))
    assert list(bars(book).loads) == pytest.approx([3.2] * 4)


def test_a_bar_that_has_hardly_begun_waits() -> None:
    assert list(bars(polled((10, 0.4), (310, 0.9), (440, 0.9))).indices) == [6_000_000]
    assert list(bars(polled((10, 0.4), (310, 0.9), (460, 0.9))).indices) == [6_000_000, 6_000_001]


@pytest.mark.parametrize(
    ("cpu", "nodes", "sessions", "loads"),
    [
        (None, 4.0, 9.0, (None, None, 9.0)),
        (0.5, None, None, (None, None, None)),
        (0.5, 0.0, None, (None, None, None)),
        (0.0, 4.0, 0.0, (0.0, None, 0.0)),
    ],
)
def test_a_load_that_cannot_be_known_is_none_and_never_zero(
    cpu: float | None, nodes: float | None, sessions: float | None, loads: tuple[float | None, ...]
) -> None:
    assert loads_of(figures(cpu, nodes, sessions)) == loads


def test_a_gap_is_no_bar() -> None:
    assert list(bars(polled((200, 0.4), (500, None), (800, 0.4))).indices) == [6_000_000, 6_000_002]


def test_a_clock_that_was_set_back_overwrites_what_it_passes_again() -> None:
    found = bars(polled((200, 0.4), (500, 0.5), (800, 0.6), (250, 0.2)))
    assert list(found.indices) == [6_000_000]
    assert list(found.loads) == pytest.approx([0.8])


def test_what_is_stored_comes_before_what_was_measured_here() -> None:
    book = polled((200, 0.5))
    stored = array("q", [5_999_998, 5_999_999, 6_000_000]), array("f", [1.0, 1.5, 9.0])
    book.recall("g", {SignalName.CPU: stored})
    assert list(bars(book).indices) == [5_999_998, 5_999_999, 6_000_000]
    assert list(bars(book).loads) == [1.0, 1.5, 2.0]


def test_what_is_stored_fills_the_gaps_of_what_is_known() -> None:
    book = polled((200, 0.5))
    book.recall("g", {SignalName.CPU: (array("q", [5_999_990]), array("f", [1.0]))})
    book.recall("g", {SignalName.CPU: (array("q", [5_999_990, 5_999_995]), array("f", [9.0, 1.5]))})
    assert list(bars(book).indices) == [5_999_990, 5_999_995, 6_000_000]
    assert list(bars(book).loads) == [1.0, 1.5, 2.0]


def test_a_group_that_was_never_polled_here_has_what_is_stored() -> None:
    book = LoadBook()
    book.recall(
        "g",
        {SignalName.CPU: (array("q", [10, 12]), array("f", [1.0, 2.0])), SignalName.MEMORY: (array("q"), array("f"))},
    )
    assert list(book.of("g")) == [SignalName.CPU]
    assert (list(bars(book).indices), bars(book).newest_s) == ([10, 12], 13 * 300.0)


def test_memory_is_bounded_however_long_it_runs() -> None:
    book = LoadBook()
    for index in range(2 * MOST_BARS):
        book.add("g", BEGINS_S + 300.0 * index + 200, figures(0.5))
    found = bars(book)
    assert MOST_BARS <= len(found.indices) <= MOST_BARS + 288
    assert found.indices[-1] == 6_000_000 + 2 * MOST_BARS - 1


@given(st.lists(st.tuples(st.integers(0, 4000), st.none() | st.floats(0, 1)), max_size=60))
def test_bars_are_in_order_and_within_what_was_measured(polls: list[tuple[int, float | None]]) -> None:
    book = polled(*polls)
    for found in book.of("g").values():
        assert sorted(set(found.indices)) == list(found.indices)
        assert all(0 <= load <= 4.0001 for load in found.loads)
        assert not found.indices or found.newest_s <= (found.indices[-1] + 1) * 300.0
