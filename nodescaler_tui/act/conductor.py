"""The conductor: carries an open operation out, one durable step at a time.

Each step reads the journal, does one thing, and writes what came of it; so whoever calls `step` next, in this process
or in another after a crash, goes on from exactly there. Nothing is sent before the event that announces it is durable.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from nodescaler_tui.act.breaker import ReceiverHealth
from nodescaler_tui.act.dispatch import INTERRUPTED, Dispatch
from nodescaler_tui.act.drafts import resumed
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import Operation, Phase
from nodescaler_tui.act.operation_log import OperationLog
from nodescaler_tui.act.orders import Orders
from nodescaler_tui.act.stopwatch import Stopwatch
from nodescaler_tui.act.surroundings import NextStep, Surroundings
from nodescaler_tui.act.watch import Watch


class Conductor:
    """Steps the operations that this process holds, and takes over those whose process died."""

    def __init__(self, ledger: Ledger, surroundings: Surroundings) -> None:
        self._ledger = ledger
        self._world = surroundings
        self._log = OperationLog(ledger, surroundings)
        self._stopwatch = Stopwatch(surroundings.clock, surroundings.monotonic)
        self._dispatch = Dispatch(ledger, surroundings, self._log)
        self._watch = Watch(surroundings, self._log, self._dispatch)
        self.orders = Orders(ledger, surroundings, self._log, self._watch.settles_in_s)
        self._steps: Mapping[Phase, Callable[[Operation], NextStep]] = {
            Phase.APPROVED: self._dispatch.send,
            Phase.WAITING: self._send_when_due,
            Phase.SENDING: self._dispatch.record_outcome,
            Phase.ACCEPTED: self._watch.begin_verifying,
            Phase.VERIFYING: self._watch.verify,
            Phase.IN_DOUBT: self._watch.doubt,
        }

    def take_over(self) -> tuple[str, ...]:
        """Take every open operation whose process is dead, and for which we have what it takes; their ids.

        Nothing is sent by this.
        """
        orphans = [
            operation.id
            for operation in self._ledger.open_operations()
            if self._world.can_carry(operation) and not self._world.holder.is_alive(operation.holder)
        ]
        return tuple(operation_id for operation_id in orphans if self._resume(operation_id))

    def _resume(self, operation_id: str) -> bool:
        by = self._world.carrier()
        with self._world.journal.transaction() as transaction:
            self._ledger.extend(transaction.read(after=self._ledger.seq))
            operation = self._ledger.operation(operation_id)
            if operation is None or not operation.open or self._world.holder.is_alive(operation.holder):
                return False
            events = [transaction.append(resumed(operation, self._world.clock(), self._world.holder.id, by))]
            if operation.phase is Phase.SENDING:
                interrupted = self._dispatch.after_unknown(operation, INTERRUPTED, ReceiverHealth.SAYS_NOTHING)
                events.append(transaction.append(interrupted))
        self._ledger.extend(events)
        return True

    def step(self, operation_id: str) -> NextStep:
        """Do what is due on this operation now. Raises JournalUnavailable; then nothing was done."""
        operation = self._ledger.operation(operation_id)
        if operation is None or not operation.open or operation.holder != self._world.holder.id:
            return NextStep(None)
        take = self._steps.get(operation.phase)
        return NextStep(None) if take is None else take(operation)

    def _send_when_due(self, operation: Operation) -> NextStep:
        """A clock that was set back must not make a wait any longer than it was meant to be."""
        due, began = operation.next_attempt_at, operation.wait_began_at
        if due is None or began is None:
            return self._dispatch.send(operation)
        elapsed_s = self._stopwatch.elapsed_s((operation.id, operation.attempt), began)
        left_s = (due - began).total_seconds() - elapsed_s
        if left_s <= 0:
            return self._dispatch.send(operation)
        return NextStep(self._world.clock() + timedelta(seconds=left_s))

    def settles_in_s(self, operation: Operation) -> float:
        """For how long the attempt that is in doubt may still be under way; until then nobody may decide."""
        return self._watch.settles_in_s(operation)
