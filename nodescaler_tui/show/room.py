"""Room: how the lines of a narrow dashboard are shared between the fleet and the selected group. Pure.

The fleet gets lines in steps, so that one group more or less moves nothing. It never gets fewer than it has groups:
where that leaves too little for a plot, the fleet has the whole room.
"""

from __future__ import annotations

from typing import Final

STEPS: Final = (2, 6, 12, 20, 30, 42, 56)
FLEET_FRAME: Final = 3
"""Two borders, and the names of the columns."""
LEAST_DETAIL: Final = 7
"""Two borders and the smallest plot; the upper border then carries its title."""
LEEWAY: Final = 1
WHOLE: Final = 1_000_000
"""No line is left for anything else."""
NOTHING_YET: Final = 0


def fleet_lines(groups: int, room: int, present: int) -> int:
    """How many groups the fleet has lines for within so much room; WHOLE when it takes all of it.

    `present` is what this was before, NOTHING_YET for a first time. The fleet grows at once, and shrinks only when
    there are fewer groups than a smaller step holds, so that a group which comes and goes moves the plots only once.
    """
    most = room - LEAST_DETAIL - FLEET_FRAME
    if groups == 0:
        return NOTHING_YET
    step = next((step for step in STEPS if step >= groups), groups)
    lines = min(step, most) if groups <= most else WHOLE
    return present if lines < present and groups > lines - LEEWAY else lines
