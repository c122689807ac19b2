"""Boot time: how long new nodes of a group take to take up work, as a fold over what the journal tells."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from nodescaler_tui.act.operation import Operation, optional_number
from nodescaler_tui.decide.ahead import BootTime
from nodescaler_tui.events import EventKind, OperationPhase

NEWEST: Final = 5
"""The slowest of so many is a high figure that one slow day long ago does not set for ever."""


def boot_time(operations: Iterable[Operation], group_id: str, assumed_s: float) -> BootTime:
    """The slowest of the group's last verified scale-ups, from sending to proof; the assumed time where there is none.

    `operations` are in the order of their approval. A declared group's nodes are never seen, so nothing is measured.
    """
    taken = [
        seconds
        for operation in operations
        if operation.group_id == group_id and _shows_nodes_booting(operation)
        for seconds in (_seconds_taken(operation),)
        if seconds > 0
    ][-NEWEST:]
    return BootTime(max(taken), len(taken)) if taken else BootTime(assumed_s)


def _shows_nodes_booting(operation: Operation) -> bool:
    added = operation.plan.requested_nodes > operation.plan.from_nodes
    return operation.phase is OperationPhase.VERIFIED and added and operation.plan.declared_nodes is None


def _seconds_taken(operation: Operation) -> float:
    """From the attempt that may first have acted to the proof, 0 when it cannot be told.

    The audit record's latency comes from a clock that does not jump and began earlier, so nothing took longer.
    """
    began_at = _first_sent_at(operation) if operation.may_have_acted else operation.sent_at
    if began_at is None or operation.settled_at is None:
        return 0.0
    by_the_wall = (operation.settled_at - began_at).total_seconds()
    latencies = (
        optional_number(event.fields, "latency_ms")
        for event in operation.events
        if event.kind is EventKind.AUDIT_RECORDED
    )
    return min([by_the_wall, *(latency / 1000 for latency in latencies if latency)])


def _first_sent_at(operation: Operation) -> datetime | None:
    sent = (event.at for event in operation.events if event.kind is EventKind.OPERATION_SENDING)
    return next(sent, None)
