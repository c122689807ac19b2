"""State literals of what has to be decided: a doubt, a paused group, a broken glass, a plan on a forecast."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec

from nodescaler_tui.decide.decision import Verdict
from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.state import ConfirmationKind, GateState, OperationPhase, StepState
from tests.show.states import BREACH, CALM, CRITICAL, NOW, OPERATING, PLAN, RUNNING, ago, fleet

DOUBTFUL: Final = msgspec.structs.replace(
    RUNNING,
    phase=OperationPhase.IN_DOUBT,
    nodes_now=10,
    steps=(
        StepState(ago(30), DisplayText("approved")),
        StepState(ago(30), DisplayText("sent"), DisplayText("attempt 1")),
        StepState(ago(28), DisplayText("in doubt"), DisplayText("The receiver answered 500."), failed=True),
        StepState(ago(5), DisplayText("counted"), DisplayText("10 nodes before, 10 now")),
    ),
    advice=DisplayText("The receiver may have acted on attempt 1: 10 nodes before, 10 now."),
    can_close=True,
    attempt=1,
    decidable_at=ago(3),
)
IN_DOUBT: Final = msgspec.structs.replace(OPERATING, operations=(DOUBTFUL,))
STILL_UNDER_WAY: Final = msgspec.structs.replace(
    OPERATING,
    operations=(msgspec.structs.replace(DOUBTFUL, decidable_at=NOW + timedelta(seconds=18)),),
)
VERIFIED: Final = msgspec.structs.replace(
    OPERATING,
    operations=(msgspec.structs.replace(RUNNING, phase=OperationPhase.VERIFIED, nodes_now=12, can_take_back=True),),
)
PAUSED: Final = fleet(
    msgspec.structs.replace(
        CALM, paused_until=NOW + timedelta(minutes=30), pause=DisplayText("by jane@laptop: provider migration")
    )
)
AHEAD: Final = fleet(
    msgspec.structs.replace(
        CALM,
        verdict=Verdict.PROPOSE_AHEAD,
        looks_ahead=True,
        plan=msgspec.structs.replace(
            PLAN,
            on_forecast=True,
            reasons=(
                DisplayText("ahead of a breach, on a forecast: nothing is critical yet"),
                DisplayText("CPU is expected to reach 90 % in 6–15 min, likely: 7 of 20 similar hours crossed 90 %"),
                DisplayText(
                    "new nodes of this group took 4 m 10 s to take up work (the slowest of the last 3 scale-ups)"
                ),
            ),
            projection=DisplayText("CPU ≈ 33 % (below warning); memory ≈ 59 % (below warning)"),
            confirmation=ConfirmationKind.TYPE_REQUESTED_NODES,
            confirmation_why=DisplayText("nothing is critical yet, a breach is only expected"),
        ),
    )
)
BROKEN_GLASS: Final = msgspec.structs.replace(
    BREACH,
    groups=(
        msgspec.structs.replace(
            CRITICAL,
            plan=msgspec.structs.replace(
                PLAN,
                gates=(
                    *PLAN.gates,
                    GateState(
                        DisplayText("freeze window"),
                        passed=True,
                        sentence=DisplayText("“weekend” until Mon 06:00"),
                        overridden=True,
                    ),
                    GateState(
                        DisplayText("pause"),
                        passed=False,
                        sentence=DisplayText("by bob until Tue 10:01: migration"),
                    ),
                ),
                confirmation=ConfirmationKind.TYPE_GROUP_NAME,
                confirmation_why=DisplayText("the freeze window is overridden"),
            ),
        ),
        *BREACH.groups[1:],
    ),
)
