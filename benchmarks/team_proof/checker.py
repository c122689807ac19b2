"""The checker: which promises a run broke, each by its name. Pure: it only compares what was written down."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from benchmarks.team_proof.evidence import Evidence
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import Operation
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.events import Event, EventKind


class Promise(StrEnum):
    """What a team relies on, named by how it is broken."""

    DOUBLE_SEND = "double send"
    UNANNOUNCED = "send without an announcement"
    NOT_ALLOWED = "sent again without being allowed"
    LOST_EVENT = "lost event"
    LOST_APPROVAL = "lost approval"
    BROKEN_CHAIN = "broken chain"
    APPROVED_TWICE = "plan that was approved twice"
    TWO_OPEN = "two open operations in a group"
    OLD_TOKEN = "observation under an old token"  # noqa: S105 - a lease's token
    TOKEN_FELL = "token that did not rise"  # noqa: S105 - a lease's token
    NOT_SETTLED = "operation that did not settle"


@dataclass(frozen=True, slots=True)
class Violation:
    """One promise that was broken, and how."""

    promise: Promise
    sentence: str

    def __str__(self) -> str:
        return f"{self.promise}: {self.sentence}"


def violations(evidence: Evidence, *, faults_are_over: bool) -> list[Violation]:
    """Everything that is wrong; only once the faults are over must each operation have settled."""
    ledger = Ledger(evidence.events)
    operations = {operation.id: operation for operation in ledger.operations()}
    found = [
        *_chain(evidence, ledger),
        *_confirmed(evidence),
        *_approvals(evidence, operations),
        *_approved_once(evidence.events),
        *_one_open(evidence.events),
        *_deliveries(evidence, operations),
        *_effects(evidence, operations),
        *_repeats(evidence, operations),
        *_polling(evidence),
    ]
    if faults_are_over:
        found += _unsettled(operations)
    return found


def _chain(evidence: Evidence, ledger: Ledger) -> Iterator[Violation]:
    for sentence in (evidence.flaw, ledger.problem):
        if sentence:
            yield Violation(Promise.BROKEN_CHAIN, sentence)


def _confirmed(evidence: Evidence) -> Iterator[Violation]:
    """The events were read after the confirmations were, so each must be among them."""
    hashes = {event.seq: event.hash for event in evidence.events}
    for each in evidence.confirmed:
        if hashes.get(each.seq) != each.hash:
            sentence = f"event {each.seq} was confirmed to {each.instance} and is not in the chain"
            yield Violation(Promise.LOST_EVENT, sentence)


def _approvals(evidence: Evidence, operations: Mapping[str, Operation]) -> Iterator[Violation]:
    for operation_id in evidence.told:
        if operation_id not in operations:
            yield Violation(Promise.LOST_APPROVAL, f"{operation_id} was approved, and the chain knows nothing of it")


def _approved_once(events: Iterable[Event]) -> Iterator[Violation]:
    approved = Counter(str(event.fields["plan_hash"]) for event in events if event.kind is EventKind.PLAN_APPROVED)
    for plan, count in approved.items():
        if count > 1:
            yield Violation(Promise.APPROVED_TWICE, f"the plan {plan} was approved {count} times")


def _one_open(events: Iterable[Event]) -> Iterator[Violation]:
    """Read anew from the events alone: a group's next approval comes after its operation has ended."""
    ends = {EventKind.OPERATION_SETTLED, EventKind.OPERATION_CANCELLED}
    is_open: dict[str, str] = {}
    for event in events:
        if event.kind is EventKind.PLAN_APPROVED:
            if event.group_id in is_open:
                sentence = f"{event.operation_id} was approved while {is_open[event.group_id]} was open"
                yield Violation(Promise.TWO_OPEN, sentence)
            is_open[event.group_id] = event.operation_id
        elif event.kind in ends and is_open.get(event.group_id) == event.operation_id:
            del is_open[event.group_id]


def _deliveries(evidence: Evidence, operations: Mapping[str, Operation]) -> Iterator[Violation]:
    """Each request was announced in the journal as this very attempt, and no attempt left twice."""
    for (operation_id, attempt), count in Counter(
        (each.operation_id, each.attempt) for each in evidence.delivered
    ).items():
        announced = attempts(operations[operation_id]) if operation_id in operations else ()
        if attempt not in announced:
            sentence = f"attempt {attempt} of {operation_id} was sent, and only {list(announced)} were announced"
            yield Violation(Promise.UNANNOUNCED, sentence)
        if count > 1:
            yield Violation(Promise.DOUBLE_SEND, f"attempt {attempt} of {operation_id} was sent {count} times")


def attempts(operation: Operation) -> list[object]:
    """The attempts that the journal announces."""
    return [event.fields["attempt"] for event in operation.events if event.kind is EventKind.OPERATION_SENDING]


def _effects(evidence: Evidence, operations: Mapping[str, Operation]) -> Iterator[Violation]:
    """Effects are counted for each operation, which is the key, and for each plan, whatever keys it was sent under."""
    acted = [
        operations[each.operation_id] for each in evidence.delivered if each.acted and each.operation_id in operations
    ]
    for of_what, key in _COUNTED.items():
        ordered: Counter[str] = Counter()
        for operation in operations.values():
            ordered[key(operation)] += _orders(operation)
        for name, count in Counter(map(key, acted)).items():
            if count > 1 + ordered[name]:
                yield Violation(Promise.DOUBLE_SEND, f"{of_what} {name} took effect {count} times")


_COUNTED: Final[Mapping[str, Callable[[Operation], str]]] = {
    "operation": lambda operation: operation.id,
    "plan": lambda operation: operation.plan.plan_hash,
}


def _orders(operation: Operation) -> int:
    """How often an operator ordered that it be sent once more although it may have acted."""
    return sum(event.kind is EventKind.OPERATION_RESEND_ORDERED for event in operation.events)


def _repeats(evidence: Evidence, operations: Mapping[str, Operation]) -> Iterator[Violation]:
    """A receiver that acts on every call gets no second request after a doubt, unless an operator orders it."""
    fired = {each.operation_id for each in evidence.delivered if each.repeats == Repeats.FIRES.value}
    for operation in operations.values():
        if operation.id in fired:
            yield from _unordered(operation)


def _unordered(operation: Operation) -> Iterator[Violation]:
    in_doubt = False
    for event in operation.events:
        if event.kind is EventKind.OPERATION_RESEND_ORDERED:
            in_doubt = False
        elif event.kind is EventKind.OPERATION_IN_DOUBT or event.fields.get("may_have_acted") is True:
            in_doubt = True
        elif event.kind is EventKind.OPERATION_SENDING and in_doubt:
            sentence = f"attempt {event.fields['attempt']} of {operation.id} followed a doubt, and nobody ordered it"
            yield Violation(Promise.NOT_ALLOWED, sentence)


def _polling(evidence: Evidence) -> Iterator[Violation]:
    """In the order in which the server did it: each change of hands raises the token, and only the newest writes."""
    newest: dict[str, int] = {}
    for entry in evidence.record:
        token = newest.get(entry.lease, 0)
        if entry.is_observation and entry.token != token:
            sentence = f"one was written under token {entry.token} when {token} was given out"
            yield Violation(Promise.OLD_TOKEN, sentence)
        elif not entry.is_observation and entry.token <= token:
            sentence = f"{entry.lease} went from token {token} to {entry.token}"
            yield Violation(Promise.TOKEN_FELL, sentence)
        if not entry.is_observation:
            newest[entry.lease] = max(entry.token, token)


def _unsettled(operations: Mapping[str, Operation]) -> Iterator[Violation]:
    for operation in operations.values():
        if operation.open:
            sentence = f"{operation.id} of {operation.operator} is {operation.phase} although nothing is in its way"
            yield Violation(Promise.NOT_SETTLED, sentence)
