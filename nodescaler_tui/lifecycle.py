"""The life of an operation as a transition table: which event may follow in which phase, and where it leads.

It is the law for whoever applies events to an operation and for the database's own guard; both read it from here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from nodescaler_tui.events import SETTLED_PHASES, EventKind, OperationPhase

Phase = OperationPhase
OPEN_PHASES: Final = frozenset(Phase) - SETTLED_PHASES

TRANSITIONS: Final[Mapping[EventKind, frozenset[Phase]]] = {
    EventKind.OPERATION_SENDING: frozenset({Phase.APPROVED, Phase.WAITING}),
    EventKind.OPERATION_RETRYING: frozenset({Phase.SENDING, Phase.IN_DOUBT}),
    EventKind.OPERATION_IN_DOUBT: frozenset({Phase.SENDING, Phase.WAITING}),
    EventKind.OPERATION_RESEND_ORDERED: frozenset({Phase.IN_DOUBT}),
    EventKind.OPERATION_ACCEPTED: frozenset({Phase.SENDING, Phase.IN_DOUBT}),
    EventKind.OPERATION_VERIFYING: frozenset({Phase.ACCEPTED}),
    EventKind.OPERATION_PROGRESSED: frozenset({Phase.VERIFYING, Phase.IN_DOUBT}),
    EventKind.OPERATION_REPORTED: frozenset({Phase.VERIFYING}),
    EventKind.OPERATION_SETTLED: frozenset({Phase.SENDING, Phase.IN_DOUBT, Phase.ACCEPTED, Phase.VERIFYING}),
    EventKind.OPERATION_CANCELLED: frozenset({Phase.APPROVED, Phase.WAITING}),
    EventKind.OPERATION_RESUMED: OPEN_PHASES,
    EventKind.AUDIT_RECORDED: SETTLED_PHASES,
}
"""In which phases an operation may take each event; PLAN_APPROVED begins one and is allowed in none."""

NEXT_PHASE: Final[Mapping[EventKind, Phase]] = {
    EventKind.OPERATION_SENDING: Phase.SENDING,
    EventKind.OPERATION_RETRYING: Phase.WAITING,
    EventKind.OPERATION_RESEND_ORDERED: Phase.WAITING,
    EventKind.OPERATION_IN_DOUBT: Phase.IN_DOUBT,
    EventKind.OPERATION_ACCEPTED: Phase.ACCEPTED,
    EventKind.OPERATION_VERIFYING: Phase.VERIFYING,
    EventKind.OPERATION_CANCELLED: Phase.CANCELLED,
}
"""Where an event leads; the others leave the phase as it is, save OPERATION_SETTLED, which names its own."""
