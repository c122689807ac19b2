"""Threshold words: any history folds to the same on every engine, and what cannot be used changes nothing silently."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from functools import reduce

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.threshold_words import FOR_ALL, TAKES_BACK, ThresholdWords
from nodescaler_tui.decide.plan import matrix_fields
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.team_book import TeamBook
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.events import Event, EventKind, FieldValue

BEGAN = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
FILE = ThresholdBook({"": ThresholdMatrix(max_nodes=30), "g-2": ThresholdMatrix(max_nodes=40)})
SCOPES = ("", "g-1", "g-2")


def event(seq: int, fields: dict[str, FieldValue], operator: str = "ana@host") -> Event:
    at, scope = BEGAN + timedelta(minutes=seq), fields.get("scope")
    group = scope if isinstance(scope, str) else ""
    return Event(seq, f"{seq:064x}", EventKind.THRESHOLDS_CHANGED, at, operator, group, "", fields)


def change(seq: int, scope: str, most: int, operator: str = "ana@host") -> Event:
    new = matrix_fields(ThresholdMatrix(max_nodes=most))
    return event(seq, {"scope": scope, "new": new, FOR_ALL: True}, operator)


def undo(seq: int, taken_back: int, scope: str = "") -> Event:
    return event(seq, {"scope": scope, "new": {}, FOR_ALL: True, TAKES_BACK: taken_back}, "ben@host")


def folded(events: Sequence[Event]) -> ThresholdWords:
    return reduce(lambda words, each: words.after(each), events, ThresholdWords())


def book(words: ThresholdWords, file: ThresholdBook = FILE, hard_max_nodes: int = 200) -> ThresholdBook:
    return TeamBook(file, hard_max_nodes).under(words)


Written = tuple[str, str, int]
WRITTEN = st.lists(
    st.tuples(st.sampled_from(["change", "undo", "session", "unusable"]), st.sampled_from(SCOPES), st.integers(1, 199)),
    max_size=12,
)


def history(written: Sequence[Written]) -> list[Event]:
    """What a team writes: changes, undos of the last change that holds, a session's own, and what nobody can use."""
    events: list[Event] = []
    holding: list[int] = []
    for seq, (kind, scope, most) in enumerate(written, 1):
        if kind == "undo" and holding:
            events.append(undo(seq, holding.pop(), scope))
        elif kind == "session":
            events.append(event(seq, {"scope": scope, "new": matrix_fields(ThresholdMatrix(max_nodes=7))}))
        elif kind == "unusable":
            events.append(event(seq, {"scope": scope, "new": {"cpu_warning": "9"}, FOR_ALL: True}))
        else:
            events.append(change(seq, scope, most))
            holding.append(seq)
    return events


HISTORIES = WRITTEN.map(history)


@given(HISTORIES, st.lists(st.integers(0, 12), max_size=3))
def test_every_engine_has_the_same_book_from_the_start_step_by_step_or_with_events_told_twice(
    events: list[Event], cuts: list[int]
) -> None:
    late = Ledger(events)
    early = Ledger()
    for cut in [*sorted(cuts), len(events)]:
        early.extend(events[:cut])
        book(early.thresholds)
    assert early.thresholds == late.thresholds == folded(events)
    assert book(early.thresholds) == book(late.thresholds)
    assert not late.problem, "thresholds that cannot be used close no gate"


@given(HISTORIES)
def test_the_book_is_the_files_and_over_it_the_last_change_of_each_scope_that_was_not_taken_back(
    events: list[Event],
) -> None:
    undone = {each.fields[TAKES_BACK] for each in events if TAKES_BACK in each.fields}
    usable = [each for each in events if FOR_ALL in each.fields and len(each.fields["new"]) > 1]  # type: ignore[arg-type]
    holding = {each.group_id: each for each in usable if each.seq not in undone}
    found = book(folded(events))
    for scope in SCOPES:
        word = found.word(scope)
        if scope in holding:
            assert matrix_fields(found.matrix(scope)) == holding[scope].fields["new"]
            assert word is not None
            assert word.seq == holding[scope].seq
        elif scope in FILE.matrices or "" not in holding:
            assert found.matrix(scope) == FILE.matrix(scope)
            assert word is None


@given(HISTORIES)
def test_taking_every_change_back_leads_to_the_file_again(events: list[Event]) -> None:
    words, seq = folded(events), len(events)
    while words.last is not None:
        seq += 1
        words = words.after(undo(seq, words.last.seq))
    assert book(words).matrices == FILE.matrices


@given(HISTORIES)
def test_of_what_the_journal_speaks_all_hosts_agree_whatever_their_files_say(events: list[Event]) -> None:
    words = folded(events)
    other = ThresholdBook({"": ThresholdMatrix(cpu_warning=0.1), "g-9": ThresholdMatrix(max_nodes=3)})
    for scope in words.latest:
        assert book(words).matrix(scope) == book(words, other).matrix(scope)


UNUSABLE: list[tuple[dict[str, FieldValue], str]] = [
    ({"scope": "g-1", "new": {**matrix_fields(ThresholdMatrix()), "disk_warning": "0.5"}}, "disk_warning"),
    ({"scope": "g-1", "new": {"cpu_warning": "0.5"}}, "is missing"),
    ({"scope": "g-1", "new": {**matrix_fields(ThresholdMatrix()), "cpu_warning": "0.99"}}, "critical limit"),
    ({"scope": "g-1", "new": {**matrix_fields(ThresholdMatrix()), "max_nodes": "many"}}, "whole number"),
    ({"scope": "g-1", "new": {**matrix_fields(ThresholdMatrix()), "max_nodes": 9}}, "max_nodes is missing"),
    ({"scope": "g-1"}, "no matrix"),
    ({"scope": 5, "new": matrix_fields(ThresholdMatrix())}, "no scope"),
    ({"scope": "g-1", "new": matrix_fields(ThresholdMatrix()), FOR_ALL: "eu"}, "somebody"),
    ({"scope": "g-1", "new": {}, TAKES_BACK: 77}, "does not hold"),
]


@pytest.mark.parametrize(("fields", "why"), UNUSABLE)
def test_an_event_that_cannot_be_used_is_told_and_what_held_before_holds(
    fields: dict[str, FieldValue], why: str
) -> None:
    before = folded([change(1, "g-1", 12)])
    after = before.after(event(2, {FOR_ALL: True, **fields}, "zoe@new"))
    assert book(after) == book(before)
    (told,) = after.problems.values()
    assert why in told
    assert "zoe@new" in told
    assert after.unread_after_last
    assert not after.after(change(3, "g-1", 13)).unread_after_last


def test_a_problem_that_is_taken_back_is_over() -> None:
    words = folded([change(1, "g-1", 12), event(2, {"scope": "g-1", FOR_ALL: True}), undo(3, 2, "g-1")])
    assert not words.problems
    assert book(words).matrix("g-1").max_nodes == 12


def test_the_hosts_own_hard_maximum_binds_whatever_the_team_allows() -> None:
    words = folded([change(1, "g-1", 150)])
    assert book(words, hard_max_nodes=60).matrix("g-1").max_nodes == 60
    assert book(words).matrix("g-1").max_nodes == 150


def test_whoever_spoke_last_of_a_group_is_known_also_by_the_default() -> None:
    words = folded([change(1, "g-1", 12), change(2, "g-2", 13), undo(3, 2, "g-2")])
    assert [None if touch is None else touch.seq for touch in map(words.touch_on, SCOPES)] == [None, 1, 3]
    changed = words.after(change(4, "", 20, "zoe@new"))
    assert {touch.operator for touch in map(changed.touch_on, SCOPES) if touch is not None} == {"zoe@new"}
