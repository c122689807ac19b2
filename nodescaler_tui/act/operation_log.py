"""The operation log: how an operation's events get into the journal, and how its end is written down.

Every write is a compare-and-set within one transaction: it happens only if the operation is still in the phase, at the
attempt and in the hands that the writer judged. Whoever was too late writes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

from nodescaler_tui.act.drafts import accepted, audited, paused, settled
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import Operation, Phase, apply
from nodescaler_tui.act.outcome import Accepted
from nodescaler_tui.act.surroundings import AUTO_PAUSE_AFTER, AUTO_PAUSE_S, Surroundings
from nodescaler_tui.act.verification import Settlement
from nodescaler_tui.events import Draft, Event, Transaction

Condition = Callable[[Operation], bool]


class OperationLog:
    """Appends to the journal on behalf of operations, and keeps the true time that each has taken."""

    def __init__(self, ledger: Ledger, world: Surroundings) -> None:
        self._ledger = ledger
        self._world = world
        self._began: dict[str, float] = {}

    def began(self, operation: Operation) -> None:
        """Start the stopwatch; after a restart only the wall clock can tell how long an operation took."""
        self._began.setdefault(operation.id, self._world.monotonic())

    def record(self, operation: Operation, *drafts: Draft, provided: Condition | None = None) -> Operation | None:
        """Append these events in one transaction; None when the operation is not what was judged any more."""

        def unchanged(current: Operation) -> bool:
            return _same(current, operation) and (provided is None or provided(current))

        return self._append(operation.id, drafts, unchanged)

    def record_late_answer(self, operation: Operation, outcome: Accepted) -> Operation | None:
        """The receiver took an attempt that had been given up: the doubt about that very attempt is over."""
        return self._append(
            operation.id,
            [accepted(operation, self._world.clock(), outcome)],
            lambda current: current.phase is Phase.IN_DOUBT and current.attempt == operation.attempt,
        )

    def _append(self, operation_id: str, drafts: Sequence[Draft], condition: Condition) -> Operation | None:
        with self._world.journal.transaction() as transaction:
            self._ledger.extend(transaction.read(after=self._ledger.seq))
            current = self._ledger.operation(operation_id)
            if current is None or not condition(current):
                return None
            current, events = _applied(current, drafts, transaction)
        self._ledger.extend(events)
        return current

    def ending(self, operation: Operation, settlement: Settlement) -> list[Draft]:
        """The end with its audit record, and a pause after repeated failures."""
        now = self._world.clock()
        drafts = self.with_record(operation, settled(operation, now, settlement), settlement)
        in_a_row = self._ledger.failures_in_a_row(operation.group_id) + 1
        if settlement.outcome is Phase.FAILED and in_a_row >= AUTO_PAUSE_AFTER:
            until = now + timedelta(seconds=AUTO_PAUSE_S)
            drafts.append(paused(operation.group_id, now, "engine", until, f"{in_a_row} scale-ups in a row failed"))
        return drafts

    def with_record(self, operation: Operation, end: Draft, settlement: Settlement) -> list[Draft]:
        """An end and, in the same transaction, its audit record with the true latency since the approval."""
        began = self._began.pop(operation.id, None)
        elapsed_s = (
            (end.at - operation.approved_at).total_seconds() if began is None else self._world.monotonic() - began
        )
        return [end, audited(operation, end.at, settlement, latency_ms=max(0, round(elapsed_s * 1000)))]


def _same(current: Operation, judged: Operation) -> bool:
    return current.phase is judged.phase and current.holder == judged.holder and current.attempt == judged.attempt


def _applied(operation: Operation, drafts: Sequence[Draft], transaction: Transaction) -> tuple[Operation, list[Event]]:
    """Each event is applied before the next is appended, so that an illegal history ends the transaction."""
    events: list[Event] = []
    for draft in drafts:
        event = transaction.append(draft)
        if draft.operation_id:
            operation = apply(operation, event)
        events.append(event)
    return operation, events
