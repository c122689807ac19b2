"""The operation: one approved scale-up, as the fold of its journal events.

The transition table is the law. An event that the table does not allow cannot be applied, and since every writer
applies an event before appending it, an illegal history cannot be written.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Final

from nodescaler_tui.events import Event, EventKind, FieldValue, OperationPhase
from nodescaler_tui.lifecycle import NEXT_PHASE, OPEN_PHASES, TRANSITIONS

Phase = OperationPhase


class IllegalTransition(Exception):  # noqa: N818 - it names what was attempted
    """An event that an operation in this phase cannot take: a defect in the caller, never written."""


@dataclass(frozen=True, slots=True)
class ApprovedPlan:
    """What was approved, as its event tells it: the exact bytes to send and how success will be recognised.

    `payload` holds the tutorial's seven fields; `body` is what really goes out, which a receiver may want nested.
    """

    plan_hash: str
    payload: str
    payload_sha256: str
    body: str
    body_sha256: str
    from_nodes: int
    requested_nodes: int
    group_name: str
    receiver: str
    critical: Mapping[str, str]
    declared_nodes: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Tally:
    """What the verification has measured since all nodes joined: good samples in a row, bad ones, and all of them."""

    consecutive_successes: int = 0
    failures: int = 0
    measured: int = 0


@dataclass(frozen=True, slots=True)
class Operation:
    """An approved scale-up now. `attempt` counts sends; `holder` is the process that carries it out.

    `first_operator` is who approved the plan before `operator` did, where it took two; empty where one was enough.
    `may_have_acted` stays set once the outcome of any attempt was unknown: from then on no later refusal can prove that
    nothing was done. `ordered_at` is set while an operator's order to send again has not been carried out.
    """

    id: str
    group_id: str
    operator: str
    plan: ApprovedPlan
    approved_at: datetime
    phase: Phase
    holder: str
    first_operator: str = ""
    attempt: int = 0
    may_have_acted: bool = False
    sent_at: datetime | None = None
    next_attempt_at: datetime | None = None
    wait_began_at: datetime | None = None
    ordered_at: datetime | None = None
    accepted_at: datetime | None = None
    settled_at: datetime | None = None
    webhook_status: str = ""
    status_url: str = ""
    receiver_report: str = ""
    reported_at: datetime | None = None
    nodes_now: int | None = None
    tally: Tally = Tally()
    last_sample_at: datetime | None = None
    events: tuple[Event, ...] = field(default=())

    @property
    def open(self) -> bool:
        """Whether something may still happen on its own."""
        return self.phase in OPEN_PHASES

    def earliest_since(self, kind: EventKind) -> datetime:
        """The earliest moment on record from the last event of this kind on, or from the approval where there is none.

        A clock that was set back meanwhile must not make an approval or an order any younger.
        """
        positions = [index for index, event in enumerate(self.events) if event.kind is kind]
        begin = positions[-1] if positions else 0
        return min((event.at for event in self.events[begin:]), default=self.approved_at)

    @property
    def may_have_changed_something(self) -> bool:
        """Whether the receiver took it, or may have."""
        return self.accepted_at is not None or self.may_have_acted


def approved_operation(event: Event) -> Operation:
    """The operation that a PLAN_APPROVED event begins."""
    fields = event.fields
    plan = ApprovedPlan(
        plan_hash=text(fields, "plan_hash"),
        payload=text(fields, "payload"),
        payload_sha256=text(fields, "payload_sha256"),
        body=text(fields, "body"),
        body_sha256=text(fields, "body_sha256"),
        from_nodes=number(fields, "current_nodes"),
        requested_nodes=number(fields, "requested_nodes"),
        group_name=text(fields, "group_name"),
        receiver=text(fields, "receiver_name"),
        critical=mapping(fields, "critical"),
        declared_nodes=optional_number(fields, "declared_nodes"),
        reason=text(fields, "reason"),
    )
    return Operation(
        id=event.operation_id,
        group_id=event.group_id,
        operator=event.operator,
        plan=plan,
        approved_at=event.at,
        phase=Phase.APPROVED,
        holder=text(event.fields, "holder"),
        first_operator=text(fields, "first_operator"),
        events=(event,),
    )


def apply(operation: Operation, event: Event) -> Operation:
    """The operation after this event. Raises IllegalTransition where the table does not allow it."""
    allowed = TRANSITIONS.get(event.kind, frozenset())
    if operation.phase not in allowed:
        raise IllegalTransition(f"{event.kind} cannot follow the phase {operation.phase!r} of {operation.id}")
    advanced = replace(
        operation,
        phase=_phase_after(operation, event),
        events=(*operation.events, event),
    )
    return _with_details(advanced, event)


def _phase_after(operation: Operation, event: Event) -> Phase:
    if event.kind is EventKind.OPERATION_SETTLED:
        return Phase(text(event.fields, "outcome"))
    return NEXT_PHASE.get(event.kind, operation.phase)


def _with_details(operation: Operation, event: Event) -> Operation:
    details = _DETAILS.get(event.kind)
    return operation if details is None else replace(operation, **details(event))


_NO_WAIT: Final = {"next_attempt_at": None, "wait_began_at": None, "ordered_at": None}


def _sending_details(event: Event) -> dict[str, Any]:
    return {"attempt": number(event.fields, "attempt"), "sent_at": event.at, **_NO_WAIT}


def _retrying_details(event: Event) -> dict[str, Any]:
    details = _wait_details(event)
    return {**details, "may_have_acted": True} if event.fields.get("may_have_acted") is True else details


def _ordered_details(event: Event) -> dict[str, Any]:
    return {**_wait_details(event), "ordered_at": event.at}


def _wait_details(event: Event) -> dict[str, Any]:
    return {"next_attempt_at": moment(event.fields, "next_attempt_at"), "wait_began_at": event.at}


def _doubt_details(_: Event) -> dict[str, Any]:
    return {"may_have_acted": True, **_NO_WAIT}


def _accepted_details(event: Event) -> dict[str, Any]:
    return {
        "accepted_at": event.at,
        "webhook_status": text(event.fields, "webhook_status"),
        "status_url": text(event.fields, "status_url"),
    }


def _reported_details(event: Event) -> dict[str, Any]:
    return {"receiver_report": text(event.fields, "report"), "reported_at": event.at}


def _progressed_details(event: Event) -> dict[str, Any]:
    return {
        "nodes_now": optional_number(event.fields, "nodes"),
        "tally": Tally(
            number(event.fields, "consecutive_successes"),
            optional_number(event.fields, "failures") or 0,
            optional_number(event.fields, "measured") or 0,
        ),
        "last_sample_at": moment(event.fields, "sampled_at"),
    }


def _end_details(event: Event) -> dict[str, Any]:
    return {"settled_at": event.at}


def _resumed_details(event: Event) -> dict[str, Any]:
    return {"holder": text(event.fields, "holder")}


_DETAILS: Final[Mapping[EventKind, Callable[[Event], dict[str, Any]]]] = {
    EventKind.OPERATION_SENDING: _sending_details,
    EventKind.OPERATION_RETRYING: _retrying_details,
    EventKind.OPERATION_RESEND_ORDERED: _ordered_details,
    EventKind.OPERATION_IN_DOUBT: _doubt_details,
    EventKind.OPERATION_REPORTED: _reported_details,
    EventKind.OPERATION_ACCEPTED: _accepted_details,
    EventKind.OPERATION_PROGRESSED: _progressed_details,
    EventKind.OPERATION_SETTLED: _end_details,
    EventKind.OPERATION_CANCELLED: _end_details,
    EventKind.OPERATION_RESUMED: _resumed_details,
}


def text(fields: Mapping[str, FieldValue], name: str) -> str:
    """A string field, empty when absent."""
    value = fields.get(name)
    return value if isinstance(value, str) else ""


def optional_number(fields: Mapping[str, FieldValue], name: str) -> int | None:
    """A whole-number field, None when absent."""
    value = fields.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def number(fields: Mapping[str, FieldValue], name: str) -> int:
    """A whole-number field that must be there. Raises IllegalTransition when it is not."""
    value = optional_number(fields, name)
    if value is None:
        raise IllegalTransition(f"the event lacks the number {name!r}")
    return value


def moment(fields: Mapping[str, FieldValue], name: str) -> datetime | None:
    """A time field, written in ISO 8601, None when absent."""
    value = text(fields, name)
    return datetime.fromisoformat(value) if value else None


def mapping(fields: Mapping[str, FieldValue], name: str) -> Mapping[str, str]:
    """A field that maps names to strings, empty when absent."""
    value = fields.get(name)
    if not isinstance(value, Mapping):
        return {}
    return {key: entry for key, entry in value.items() if isinstance(entry, str)}


def strings(fields: Mapping[str, FieldValue], name: str) -> tuple[str, ...]:
    """A field that lists strings, empty when absent."""
    value = fields.get(name)
    if isinstance(value, str) or not isinstance(value, Sequence):
        return ()
    return tuple(entry for entry in value if isinstance(entry, str))
