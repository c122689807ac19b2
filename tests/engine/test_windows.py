"""The windows of an engine: what all of them show is told when it changes, and not otherwise."""

from __future__ import annotations

from nodescaler_tui.engine.windows import Windows
from nodescaler_tui.presence_state import InFront, Sight

PLAN = InFront(Sight.PLAN, "g")
JOURNAL = InFront(Sight.JOURNAL)


def test_what_each_window_shows_is_told_as_it_changes_until_it_is_closed() -> None:
    told: list[tuple[InFront, ...]] = []
    windows = Windows(told.append)
    windows.shows("one", PLAN)
    windows.shows("one", PLAN)
    windows.shows("two", JOURNAL)
    windows.left("one")
    windows.left("one")
    windows.left("two")
    assert told == [(PLAN,), (PLAN, JOURNAL), (JOURNAL,), ()]
