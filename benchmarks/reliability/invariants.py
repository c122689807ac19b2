"""What must be true of every schedule, checked on the journal, on the wire and at the provider."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from benchmarks.reliability.actors import Scene
from benchmarks.reliability.memory_journal import INSTALLATION
from nodescaler_tui.act.dispatch import LONGEST_SILENCE
from nodescaler_tui.act.operation import Operation, Phase, apply, approved_operation, optional_number
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.events import Event, EventKind
from nodescaler_tui.record.canonical import chained_hash, genesis_hash


def violations(scene: Scene) -> list[str]:
    """Everything that is wrong with this schedule, in words; empty when it is right."""
    operations = _folded(scene)
    return [
        *scene.problems,
        *_chain(scene),
        *_one_at_a_time(scene),
        *_plans(scene),
        *(problem for operation in operations.values() for problem in _ended(operation)),
        *(problem for operation in operations.values() for problem in _effects(scene, operation)),
        *(problem for operation in operations.values() for problem in _deliveries(scene, operation)),
        *_orders(scene),
        *_resends(scene, operations),
    ]


def _folded(scene: Scene) -> dict[str, Operation]:
    operations: dict[str, Operation] = {}
    for event in scene.journal.events:
        if event.kind is EventKind.PLAN_APPROVED:
            operations[event.operation_id] = approved_operation(event)
        elif event.operation_id:
            operations[event.operation_id] = apply(operations[event.operation_id], event)
    return operations


def _chain(scene: Scene) -> Iterator[str]:
    digest = genesis_hash(INSTALLATION)
    for canonical, stored in scene.journal.stored:
        digest = chained_hash(digest, canonical)
        if digest != stored:
            yield "the chain does not verify"
            return


def _one_at_a_time(scene: Scene) -> Iterator[str]:
    """One open operation for each group, at every moment."""
    is_open: dict[str, str] = {}
    operations: dict[str, Operation] = {}
    for event in scene.journal.events:
        if event.kind is EventKind.PLAN_APPROVED:
            if is_open.get(event.group_id):
                yield f"two operations are open on {event.group_id}"
            operations[event.operation_id] = approved_operation(event)
            is_open[event.group_id] = event.operation_id
        elif event.operation_id:
            operation = operations[event.operation_id] = apply(operations[event.operation_id], event)
            if not operation.open and is_open.get(event.group_id) == event.operation_id:
                is_open[event.group_id] = ""


def _plans(scene: Scene) -> Iterator[str]:
    approved = Counter(
        str(event.fields["plan_hash"]) for event in scene.journal.events if event.kind is EventKind.PLAN_APPROVED
    )
    yield from (f"plan {plan[:8]} was approved {count} times" for plan, count in approved.items() if count > 1)


def _ended(operation: Operation) -> Iterator[str]:
    """No approved operation is lost, and each has one audit record, in the same transaction as its end."""
    if operation.open:
        yield f"{operation.id} never ended; it is {operation.phase.value}"
        return
    kinds = [event.kind for event in operation.events]
    if kinds.count(EventKind.AUDIT_RECORDED) != 1:
        yield f"{operation.id} has {kinds.count(EventKind.AUDIT_RECORDED)} audit records"
    ends = [event.seq for event in operation.events[-2:]]
    if len(ends) == 2 and ends[1] != ends[0] + 1:
        yield f"the audit record of {operation.id} does not stand beside its end"


def _effects(scene: Scene, operation: Operation) -> Iterator[str]:
    acted = [effect for effect in scene.provider.effects if effect.key.startswith(operation.id)]
    added = [effect for effect in acted if effect.added]
    ordered = sum(event.kind is EventKind.OPERATION_RESEND_ORDERED for event in operation.events)
    most = 1 + (ordered if scene.provider.kind is Repeats.FIRES else 0)
    if len(added) > most:
        yield f"{operation.id} had {len(added)} effects with {ordered} ordered resends"
    certain = operation.phase in {Phase.FAILED, Phase.CANCELLED} and operation.accepted_at is None
    if certain and acted:
        yield f"{operation.id} is {operation.phase.value} as if nothing had been done, but the provider acted"


def _deliveries(scene: Scene, operation: Operation) -> Iterator[str]:
    """Each delivery has its own durable intent before it, and all of them the same key and bytes."""
    wires = [
        wire
        for wire in scene.provider.wires
        if wire.delivery.body_sha256 == operation.plan.body_sha256
        and wire.delivery.idempotency_key.startswith(operation.id)
    ]
    intents = [event for event in operation.events if event.kind is EventKind.OPERATION_SENDING]
    announced = Counter(optional_number(event.fields, "attempt") for event in intents)
    sent = Counter(wire.delivery.attempt for wire in wires)
    if any(count > 1 for count in (*announced.values(), *sent.values())):
        yield f"an attempt of {operation.id} was announced or sent twice"
    if set(sent) - set(announced):
        yield f"{operation.id} was sent without an intent that is on record"
    if {wire.delivery.idempotency_key for wire in wires} - {operation.id}:
        yield f"{operation.id} was sent with another key"
    if any(wire.delivery.body != operation.plan.body.encode() for wire in wires):
        yield f"{operation.id} was sent with other bytes"


def _orders(scene: Scene) -> Iterator[str]:
    """What an operator decides is about the attempt that he looked at."""
    for order, before in scene.ordered:
        taken = next(
            event
            for event in scene.journal.events[before:]
            if (event.operation_id == order.operation_id and event.operator in {order.operator, "operator"})
            or (
                event.operation_id == order.operation_id
                and event.kind in {EventKind.OPERATION_SETTLED, EventKind.OPERATION_ACCEPTED}
            )
        )
        judged = optional_number(taken.fields, "attempt")
        if judged is not None and judged != order.attempt:
            yield f"an order about attempt {order.attempt} of {order.operation_id} was taken for attempt {judged}"


def _resends(scene: Scene, operations: dict[str, Operation]) -> Iterator[str]:
    """Nothing is sent again while it may be under way, against its receiver's kind, or after a day."""
    for wire in scene.provider.wires:
        if wire.earlier_pending and scene.provider.kind is not Repeats.DEDUPLICATES:
            yield f"{wire.delivery.idempotency_key} attempt {wire.delivery.attempt} was sent beside an earlier one"
    for operation in operations.values():
        yield from _sequence(scene.provider.kind, operation)


def _sequence(kind: Repeats, operation: Operation) -> Iterator[str]:
    """Read in order, no sending follows an unknown outcome on its own where it may not."""
    doubtful, last_order = False, operation.approved_at
    for event in operation.events:
        doubtful = doubtful or _leaves_doubt(event)
        if event.kind is EventKind.OPERATION_RESEND_ORDERED:
            doubtful, last_order = False, event.at
        if event.kind is not EventKind.OPERATION_SENDING or not doubtful:
            continue
        if kind is Repeats.FIRES:
            yield f"{operation.id} was sent again after a doubt without an order"
        if event.at - last_order > LONGEST_SILENCE:
            yield f"{operation.id} was sent again more than a day later"


def _leaves_doubt(event: Event) -> bool:
    unknown_retry = event.kind is EventKind.OPERATION_RETRYING and event.fields.get("may_have_acted") is True
    return unknown_retry or event.kind is EventKind.OPERATION_IN_DOUBT
