"""Events: the vocabulary of the journal, and what writing to it looks like to those who act.

The journal is the truth about actions: an operation's state is the fold of its events. An event is durable before the
act that it announces. Its fields are whole numbers, strings, booleans, None, lists and objects of these; never a
binary fraction, so that its canonical bytes are the same everywhere (RFC 8785 by construction).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, Protocol

FieldValue = None | bool | int | str | Sequence["FieldValue"] | Mapping[str, "FieldValue"]
Fields = Mapping[str, FieldValue]


class EventKind(StrEnum):
    """Everything that the journal can tell."""

    JOURNAL_OPENED = "journal.opened"
    JOURNAL_ACCEPTED = "journal.accepted"
    ENGINE_STARTED = "engine.started"
    ENGINE_STOPPED = "engine.stopped"
    PLAN_FIRST_APPROVED = "plan.first_approved"
    PLAN_FIRST_APPROVAL_VOID = "plan.first_approval_void"
    PLAN_APPROVED = "plan.approved"
    PLAN_REJECTED = "plan.rejected"
    PLAN_REFUSED = "plan.refused"
    OPERATION_SENDING = "operation.sending"
    OPERATION_RETRYING = "operation.retrying"
    OPERATION_IN_DOUBT = "operation.in_doubt"
    OPERATION_RESEND_ORDERED = "operation.resend_ordered"
    OPERATION_REPORTED = "operation.reported"
    OPERATION_ACCEPTED = "operation.accepted"
    OPERATION_VERIFYING = "operation.verifying"
    OPERATION_PROGRESSED = "operation.progressed"
    OPERATION_SETTLED = "operation.settled"
    OPERATION_CANCELLED = "operation.cancelled"
    OPERATION_RESUMED = "operation.resumed"
    AUDIT_RECORDED = "audit.recorded"
    THRESHOLDS_CHANGED = "thresholds.changed"
    GROUP_PAUSED = "group.paused"
    GROUP_UNPAUSED = "group.unpaused"
    FREEZE_DECLARED = "freeze.declared"
    FREEZE_LIFTED = "freeze.lifted"
    GROUP_AHEAD_SWITCHED = "group.ahead_switched"
    GROUP_ACKNOWLEDGED = "group.acknowledged"
    TWO_PERSON_CHANGED = "two_person.changed"


class OperationPhase(StrEnum):
    """Where an approved scale-up stands: the fold of its events. The last five are ends."""

    APPROVED = "approved"
    SENDING = "sending"
    WAITING = "waiting to retry"
    IN_DOUBT = "in doubt"
    ACCEPTED = "accepted"
    VERIFYING = "verifying"
    VERIFIED = "VERIFIED"
    PARTIAL = "PARTIAL"
    INCONCLUSIVE = "INCONCLUSIVE"
    FAILED = "FAILED"
    CANCELLED = "CANCELLED"


SETTLED_PHASES: Final = frozenset(
    {
        OperationPhase.VERIFIED,
        OperationPhase.PARTIAL,
        OperationPhase.INCONCLUSIVE,
        OperationPhase.FAILED,
        OperationPhase.CANCELLED,
    }
)


@dataclass(frozen=True, slots=True)
class Draft:
    """An event that is not yet in the journal. `at` is aware UTC; empty strings where a name does not apply."""

    kind: EventKind
    at: datetime
    operator: str = ""
    group_id: str = ""
    operation_id: str = ""
    fields: Fields | None = None


@dataclass(frozen=True, slots=True)
class Event:
    """An event in the journal: its position and its hash in the chain (lower-case hexadecimal SHA-256)."""

    seq: int
    hash: str
    kind: EventKind
    at: datetime
    operator: str
    group_id: str
    operation_id: str
    fields: Fields


class JournalUnavailable(Exception):  # noqa: N818 - the name is the sentence that the operator reads first
    """The journal cannot be read or written: what happened, in words, and what to do. Nothing may be sent."""


class OutcomeUnknown(JournalUnavailable):
    """The store was lost while it confirmed: what was written, the journal says once it can be read again."""


class Transaction(Protocol):
    """One write transaction. It holds the chain's head, so what it reads cannot change until it ends."""

    def read(self, after: int) -> Sequence[Event]:
        """Every event with a position above `after`."""

    def append(self, draft: Draft) -> Event:
        """Add an event; it is durable once the transaction has ended without an exception."""


class Journal(Protocol):
    """The append-only journal. Every method may block on the disk; none may be called on an event loop."""

    def read(self, after: int = 0) -> Iterable[Event]:
        """Every event with a position above `after`, oldest first. Raises JournalUnavailable."""

    def transaction(self) -> AbstractContextManager[Transaction]:
        """Queue up with all other writers, then write. Raises JournalUnavailable; then nothing was written."""
