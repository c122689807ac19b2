"""The two-person rule in words: who has approved, who is still needed, and until when."""

from __future__ import annotations

from typing import Final

from nodescaler_tui.show.words import clock
from nodescaler_tui.state import PlanState, TwoPersonState

ON_HONOUR: Final = "on honour: names come from this machine"


def two_person_words(plan: PlanState, two: TwoPersonState) -> str:
    """How far the approval of a plan that takes two people is."""
    if two.first_at is None:
        return "two people must approve this plan; the first approval sends nothing"
    until = clock(plan.expires_at)
    return f"{two.first_operator} approved first at {clock(two.first_at)}; a second person must approve before {until}"


def short_two_person_words(plan: PlanState, two: TwoPersonState) -> str:
    """The same in one line of the card."""
    honour = ", on honour" if two.on_honour else ""
    if two.first_at is None:
        return f"two people must approve{honour}; the first approval sends nothing"
    return (
        f"{two.first_operator} approved first{honour}; a second person must approve before {clock(plan.expires_at)[:5]}"
    )


def approve_label(plan: PlanState) -> str:
    """What the button does."""
    waits = plan.two_person is not None and plan.two_person.first_at is None
    return "Approve first, send nothing  y" if waits else "Approve and send  y"
