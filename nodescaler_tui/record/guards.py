"""Guards: SQL functions by which the database itself refuses an event that cannot follow what it holds.

They read the same table of transitions as the code that acts, so the two can never disagree.
"""

from __future__ import annotations

import sqlite3
from typing import Final

from nodescaler_tui.events import SETTLED_PHASES, EventKind, OperationPhase
from nodescaler_tui.lifecycle import NEXT_PHASE, TRANSITIONS
from nodescaler_tui.record.canonical import chained_hash, document_from
from nodescaler_tui.record.schema import HASH_FUNCTION, OPERATION_FUNCTION, PHASE_FUNCTION

NO_OPERATION: Final = ""
_STEPS: Final = frozenset({EventKind.PLAN_APPROVED, *TRANSITIONS})


def operation_of(canonical: bytes) -> str:
    """The id of the operation that an event is a step of, empty for every other kind of event."""
    document = document_from(canonical)
    operation_id = document.get("operation_id")
    is_step = document.get("kind") in _STEPS
    return operation_id if is_step and isinstance(operation_id, str) else NO_OPERATION


def phase_after(canonical: bytes, phase: str | None) -> str | None:
    """The operation's phase after this event, None when it may not follow; a phase of None is before the approval."""
    document = document_from(canonical)
    kind, before = EventKind(str(document.get("kind"))), None if phase is None else OperationPhase(phase)
    if kind is EventKind.PLAN_APPROVED:
        return OperationPhase.APPROVED.value if before is None else None
    if before is None or before not in TRANSITIONS.get(kind, frozenset()):
        return None
    if kind is not EventKind.OPERATION_SETTLED:
        return NEXT_PHASE.get(kind, before).value
    fields = document.get("fields")
    outcome = fields.get("outcome") if isinstance(fields, dict) else None
    return outcome if isinstance(outcome, str) and outcome in SETTLED_PHASES else None


def give_guards(connection: sqlite3.Connection) -> None:
    """Bring along the functions that the journal's guards call."""
    connection.create_function(HASH_FUNCTION, 2, chained_hash, deterministic=True)
    connection.create_function(OPERATION_FUNCTION, 1, operation_of, deterministic=True)
    connection.create_function(PHASE_FUNCTION, 2, phase_after, deterministic=True)
