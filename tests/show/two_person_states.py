"""State literals of the two-person rule: nobody has approved yet, somebody has, it is void, and both are named."""

from __future__ import annotations

from typing import Final

import msgspec

from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.state import GroupState, PlanState, State, TwoPersonState
from tests.show.states import CALM, CRITICAL, OPERATING, PLAN, RUNNING, WARNING, ago, fleet

NOBODY_YET: Final = TwoPersonState(on_honour=False)
ANA_FIRST: Final = TwoPersonState(on_honour=False, first_operator=DisplayText("ana@laptop"), first_at=ago(40))


def _proposed(two: TwoPersonState, said: str = "") -> State:
    plan: PlanState = msgspec.structs.replace(PLAN, two_person=two)
    group: GroupState = msgspec.structs.replace(CRITICAL, plan=plan, first_approval=DisplayText(said))
    return fleet(group, WARNING, CALM)


TAKES_TWO: Final = _proposed(NOBODY_YET)
APPROVED_FIRST: Final = _proposed(ANA_FIRST)
ON_HONOUR: Final = _proposed(msgspec.structs.replace(ANA_FIRST, on_honour=True))
VOID: Final = _proposed(
    NOBODY_YET,
    "ana@laptop's first approval (10 → 12, 03:03 UTC) is void: current nodes: 10 → 11; requested nodes: 12 → 13.",
)
NOT_HERE: Final = fleet(
    msgspec.structs.replace(
        WARNING,
        first_approval=DisplayText(
            "ana@laptop's first approval (24 → 30, 03:03 UTC) does not hold here: nothing would be proposed now."
        ),
    ),
    CALM,
)
BOTH: Final = msgspec.structs.replace(
    OPERATING, operations=(msgspec.structs.replace(RUNNING, operator=DisplayText("ana@laptop and ben@desk")),)
)
