"""The two-person rule on the card and in the plan: who has approved, who is still needed, and why it is void."""

from __future__ import annotations

import pytest

from nodescaler_tui.state import State
from tests.show.screens import Shown
from tests.show.test_screens import Matches, text_of
from tests.show.two_person_states import APPROVED_FIRST, BOTH, NOT_HERE, ON_HONOUR, TAKES_TWO, VOID

STATES = {
    "two-person": TAKES_TWO,
    "two-person-approved-first": APPROVED_FIRST,
    "two-person-on-honour": ON_HONOUR,
    "two-person-void": VOID,
    "two-person-not-here": NOT_HERE,
    "two-person-both": BOTH,
}
PLANS = ("two-person", "two-person-approved-first", "two-person-on-honour", "two-person-void")


@pytest.mark.parametrize("name", STATES)
def test_the_card_tells_how_far_it_is(name: str, matches: Matches) -> None:
    matches(f"dashboard-{name}-80x24", text_of(Shown(STATES[name]), (80, 24)))


@pytest.mark.parametrize("name", [*PLANS, "two-person-both"])
def test_the_plan_in_full_tells_it_too(name: str, matches: Matches) -> None:
    matches(f"plan-{name}-80x24", text_of(Shown(STATES[name], ("a",)), (80, 24)))


@pytest.mark.parametrize(("state", "label"), [(TAKES_TWO, "Approve first, send nothing"), (APPROVED_FIRST, "and send")])
def test_the_button_says_whether_anything_is_sent(state: State, label: str) -> None:
    assert label in text_of(Shown(state, ("a",)), (80, 24))


def test_whoever_reads_the_plan_sees_that_somebody_approved_it_first_meanwhile() -> None:
    text = text_of(Shown(TAKES_TWO, ("a",), says=(APPROVED_FIRST,)), (80, 24))
    assert "ana@laptop approved first" in text
    assert "Approve and send" in text


@pytest.mark.parametrize("size", [(60, 20), (80, 24), (120, 36)])
def test_on_the_card_the_first_name_and_the_keys_are_there_at_every_size(size: tuple[int, int]) -> None:
    text = text_of(Shown(APPROVED_FIRST), size)
    assert "ana@laptop approved first; a second" in text
    assert "expires" in text
