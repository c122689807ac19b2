"""The State that the last engine left: what is shown, with its age, until this one has read anything itself."""

from __future__ import annotations

from pathlib import Path

import msgspec

from nodescaler_tui.decide.decision import Verdict
from nodescaler_tui.decide.signals import Level
from nodescaler_tui.display_text import EMPTY, display_text
from nodescaler_tui.state import GroupState, Scope, Severity, State

NOT_READ_YET = display_text("Known from before this engine began; it could not be read since, so nothing is proposed.")


def last_state(path: Path) -> State:
    """The kept State, or an empty one where there is none that can be read. Who was here then need not be here now."""
    try:
        kept = msgspec.json.decode(path.read_bytes(), type=State)
    except (OSError, msgspec.DecodeError):
        return State.EMPTY
    store = msgspec.structs.replace(kept.store, clock=EMPTY, clock_closes=False)
    return msgspec.structs.replace(kept, present=(), store=store)


def recalled(kept: State, scope: Scope) -> tuple[GroupState, ...]:
    """The groups of a kept State as they may be shown now: with their old values and ages, and judged by none of them.

    Those of another region or mode are not ours to show.
    """
    return tuple(_recalled(group) for group in kept.groups) if kept.scope == scope else ()


def _recalled(group: GroupState) -> GroupState:
    signals = tuple(
        signal if signal.value is None else msgspec.structs.replace(signal, level=Level.STALE)
        for signal in group.signals
    )
    return msgspec.structs.replace(
        group,
        severity=Severity.UNKNOWN,
        verdict=Verdict.NO_DATA,
        sentence=NOT_READ_YET,
        signals=signals,
        plan=None,
        operation_id="",
        cooldown_until=None,
        outlook=None,
    )
