"""Troubles: one notice for each change, silence for what was seen, and noise again once it gets worse."""

from __future__ import annotations

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.display_text import EMPTY, DisplayText
from nodescaler_tui.engine.troubles import RANKS, Troubles
from nodescaler_tui.state import GroupState, Severity
from tests.show.states import CALM

SEEN = DisplayText("by jane at 03:04 UTC")


def turned(troubles: Troubles, severity: Severity) -> list[GroupState]:
    words = troubles.acknowledged(CALM.id, severity)
    return troubles.changed([msgspec.structs.replace(CALM, severity=severity, acknowledged=words)])


def test_a_breach_makes_one_notice_and_its_end_another() -> None:
    troubles = Troubles()
    path = [Severity.OK, Severity.CRITICAL, Severity.CRITICAL, Severity.WARNING, Severity.OK]
    assert [len(turned(troubles, severity)) for severity in path] == [0, 1, 0, 1, 0]


def test_a_group_that_was_seen_flaps_in_silence() -> None:
    troubles = Troubles()
    turned(troubles, Severity.CRITICAL)
    troubles.acknowledge(CALM.id, SEEN)
    path = [Severity.WARNING, Severity.CRITICAL, Severity.WARNING, Severity.CRITICAL]
    assert [len(turned(troubles, severity)) for severity in path] == [0, 0, 0, 0]


def test_getting_worse_than_what_was_seen_ends_the_silence() -> None:
    troubles = Troubles()
    turned(troubles, Severity.WARNING)
    troubles.acknowledge(CALM.id, SEEN)
    assert len(turned(troubles, Severity.CRITICAL)) == 1
    assert troubles.acknowledged(CALM.id, Severity.CRITICAL) == EMPTY


def test_once_it_was_well_the_next_breach_is_news() -> None:
    troubles = Troubles()
    turned(troubles, Severity.CRITICAL)
    troubles.acknowledge(CALM.id, SEEN)
    turned(troubles, Severity.OK)
    assert len(turned(troubles, Severity.CRITICAL)) == 1


@given(st.lists(st.sampled_from(list(Severity)), min_size=1, max_size=30))
def test_no_group_is_ever_silent_while_it_is_worse_than_what_was_seen(path: list[Severity]) -> None:
    troubles = Troubles()
    turned(troubles, path[0])
    troubles.acknowledge(CALM.id, SEEN)
    for severity in path:
        if troubles.acknowledged(CALM.id, severity):
            assert severity is not Severity.OK
            assert RANKS[severity] >= RANKS[path[0]]
        turned(troubles, severity)
