"""Marks on the plots: what people did, kept in the order in which it was done, and only so much of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from nodescaler_tui.engine.marks import MOST_KEPT, Marks
from nodescaler_tui.events import Event, EventKind

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
CHANGED = Event(1, "", EventKind.THRESHOLDS_CHANGED, NOON, "ana", "", "", {"summary": "CPU 90 → 85"})


def test_a_change_for_all_is_on_every_plot_and_a_scale_up_on_its_groups_only() -> None:
    marks = Marks().after([CHANGED, replace(CHANGED, kind=EventKind.PLAN_APPROVED, group_id="g-1")])
    assert [mark.symbol for mark in marks.on("g-1")] == ["◆", "▲"]
    assert [mark.symbol for mark in marks.on("g-2")] == ["◆"]


def test_what_leaves_no_mark_changes_nothing() -> None:
    marks = Marks()
    assert marks.after([replace(CHANGED, kind=EventKind.GROUP_PAUSED)]) is marks


def test_the_oldest_make_room() -> None:
    marks = Marks().after(replace(CHANGED, operator=str(number)) for number in range(MOST_KEPT + 1))
    assert len(marks.kept) == MOST_KEPT
    assert "by 1:" in marks.kept[0].words
