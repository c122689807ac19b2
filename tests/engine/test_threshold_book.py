"""The threshold book: a group's own matrix goes before the default, and every change can be taken back."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.threshold_book import ThresholdBook

OURS = ThresholdMatrix(max_nodes=12)
SCOPES = st.sampled_from(["", "g-1", "g-2"])
CHANGES = st.lists(st.tuples(SCOPES, st.integers(1, 200).map(lambda most: ThresholdMatrix(max_nodes=most))))


def test_a_groups_own_matrix_goes_before_the_default() -> None:
    book = ThresholdBook({"": ThresholdMatrix(max_nodes=30), "g-1": OURS})
    assert (book.matrix("g-1").max_nodes, book.matrix("g-2").max_nodes) == (12, 30)
    assert ThresholdBook({}).matrix("g-1") == ThresholdMatrix()


def test_where_a_matrix_is_from_is_said() -> None:
    book = ThresholdBook({"g-1": OURS})
    assert (book.origin("g-1"), book.origin("g-2")) == ("this group, configuration", "default")
    edited = book.changed("g-1", OURS).changed("", OURS)
    assert edited.origin("g-1") == "this group, edited in this session"
    assert edited.origin("g-2") == "default, edited in this session"


@given(CHANGES)
def test_taking_every_change_back_gives_the_book_as_it_was(changes: list[tuple[str, ThresholdMatrix]]) -> None:
    first = ThresholdBook({"g-1": OURS})
    books = [first]
    for scope, matrix in changes:
        books.append(books[-1].changed(scope, matrix))
        assert books[-1].matrix(scope) == matrix
    book = books[-1]
    for earlier in reversed(books[:-1]):
        book = book.undone()
        assert book == earlier
    assert book.undone() == first
