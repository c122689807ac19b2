"""Defects: each breaks the production code in one place, to show that the simulation would notice."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, Final
from unittest.mock import patch

from benchmarks.reliability.memory_journal import MemoryTransaction
from nodescaler_tui.act import dispatch, operation_log
from nodescaler_tui.act.conductor import Conductor
from nodescaler_tui.act.dispatch import INTERRUPTED, Dispatch
from nodescaler_tui.act.drafts import in_doubt, retrying, sending
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import Operation, Phase
from nodescaler_tui.act.operation_log import OperationLog
from nodescaler_tui.act.orders import Order, Orders
from nodescaler_tui.act.outcome import Outcome
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.act.schedule import GiveUp
from nodescaler_tui.act.surroundings import NextStep
from nodescaler_tui.act.verification import Settlement
from nodescaler_tui.act.watch import Watch
from nodescaler_tui.act.webhook import Delivery
from nodescaler_tui.events import Draft, Event


@contextmanager
def no_settle_delay() -> Iterator[None]:
    """Whoever is in doubt decides at once, while the request may still be under way."""
    with (
        patch.object(Watch, "settles_in_s", lambda *_: 0.0),
        patch.object(Watch, "_may_ask_again", lambda self, *_: self._world.repeats is Repeats.ABSOLUTE),
    ):
        yield


@contextmanager
def order_without_its_attempt() -> Iterator[None]:
    """An operator's word is taken for whatever attempt is in doubt now."""
    judged = Orders._refusal

    def refusal(self: Orders, operation: Operation, order: Order) -> object:
        return judged(self, operation, replace(order, attempt=operation.attempt))

    with patch.object(Orders, "_refusal", refusal):
        yield


@contextmanager
def sent_before_the_intent() -> Iterator[None]:
    """The request leaves first, and is put on record afterwards."""

    def send(self: Any, operation: Operation) -> NextStep:
        outcome = self._attempt(replace(operation, attempt=operation.attempt + 1))
        announced = self._log.record(operation, sending(operation, self._world.clock()))
        if announced is not None:
            self._unrecorded[operation.id] = outcome
            return NextStep(self.record_outcome(announced).at)
        return NextStep(self._world.clock())

    with patch.object(Dispatch, "send", send):
        yield


def _delivering(change: Callable[[Delivery], Delivery]) -> Callable[[Any, Operation], Outcome]:
    def attempt(self: Any, operation: Operation) -> Outcome:
        delivery = Delivery(
            operation.plan.body.encode(), operation.plan.body_sha256, operation.id, operation.attempt, "0:0"
        )
        outcome: Outcome = self._world.sender.send(change(delivery), self._world.clock())
        return outcome

    return attempt


@contextmanager
def key_for_each_attempt() -> Iterator[None]:
    """A repeat has another key, so that nobody can recognise it."""
    change = _delivering(lambda one: replace(one, idempotency_key=f"{one.idempotency_key}-{one.attempt}"))
    with patch.object(Dispatch, "_attempt", change):
        yield


@contextmanager
def body_made_anew() -> Iterator[None]:
    """A repeat has other bytes than those that were approved."""
    change = _delivering(lambda one: replace(one, body=one.body + b" " * (one.attempt - 1)))
    with patch.object(Dispatch, "_attempt", change):
        yield


@contextmanager
def sent_again_whatever_the_kind() -> Iterator[None]:
    """Every receiver is taken for one that recognises repeats."""

    def after_unknown(self: Any, operation: Operation, outcome: Any, health: Any) -> Draft:
        now, due = self._world.clock(), self.next_attempt(operation, None)
        if isinstance(due, GiveUp):
            return in_doubt(operation, now, outcome.sentence, health)
        return retrying(operation, now, outcome.sentence, due, may_have_acted=True, health=health)

    with patch.object(Dispatch, "after_unknown", after_unknown):
        yield


@contextmanager
def several_open_operations() -> Iterator[None]:
    """Nobody asks whether an operation is open on the group."""
    with patch.object(Ledger, "open_operation", lambda *_: None):
        yield


@contextmanager
def plan_used_twice() -> Iterator[None]:
    """An approval works more than once."""
    with (
        patch.object(Ledger, "plan_used", lambda *_: False),
        patch.object(Ledger, "cooldown_remaining_s", lambda *_: 0.0),
    ):
        yield


@contextmanager
def approved_on_an_old_ledger() -> Iterator[None]:
    """The gates are asked on what was known before the transaction."""
    read = MemoryTransaction.read

    def nothing_new(self: MemoryTransaction, after: int) -> Sequence[Event]:
        return [] if not self.written else read(self, after)

    with patch.object(MemoryTransaction, "read", nothing_new):
        yield


@contextmanager
def record_in_its_own_transaction() -> Iterator[None]:
    """The end first, the audit record after it."""
    append = OperationLog._append

    def one_by_one(self: Any, operation_id: str, drafts: Sequence[Draft], condition: Any) -> Operation | None:
        current: Operation | None = None
        for position, draft in enumerate(drafts):
            current = append(self, operation_id, [draft], condition if position == 0 else lambda _: True)
            if current is None:
                return None
        return current

    with patch.object(OperationLog, "_append", one_by_one):
        yield


@contextmanager
def written_by_whoever_comes() -> Iterator[None]:
    """No compare-and-set: an outcome is written whatever has happened meanwhile."""
    with patch.object(operation_log, "_same", lambda *_: True):
        yield


@contextmanager
def sent_after_a_day() -> Iterator[None]:
    """A repeat is sent however long ago the approval was."""
    with (
        patch.object(dispatch, "LONGEST_SILENCE", timedelta(days=9999)),
        patch.object(dispatch, "SENT_WITHIN", timedelta(days=9999)),
    ):
        yield


@contextmanager
def failed_although_it_may_have_acted() -> Iterator[None]:
    """The last attempt did nothing, so the operation is called failed, whatever an earlier one did."""

    def ended(self: Any, operation: Operation, sentence: str, _: Any) -> Sequence[Draft]:
        drafts: Sequence[Draft] = self._log.ending(operation, Settlement(Phase.FAILED, sentence, healthy=None))
        return drafts

    with patch.object(Dispatch, "_ended", ended):
        yield


@contextmanager
def cancelled_although_it_may_have_acted() -> Iterator[None]:
    """A cancellation ends the operation, whatever an earlier attempt did."""
    cancellation = Orders._cancellation

    def forgetful(self: Orders, operation: Operation, operator: str, reason: str) -> Sequence[Draft]:
        return cancellation(self, replace(operation, may_have_acted=False), operator, reason)

    with patch.object(Orders, "_cancellation", forgetful):
        yield


@contextmanager
def interrupted_means_not_sent() -> Iterator[None]:
    """What was being sent when the process died is simply sent again."""

    def after_unknown(self: Any, operation: Operation, outcome: Any, health: Any) -> Draft:
        now = self._world.clock()
        if outcome is INTERRUPTED:
            return retrying(operation, now, outcome.sentence, now, may_have_acted=False, health=health)
        return original(self, operation, outcome, health)

    original = Dispatch.after_unknown
    with patch("nodescaler_tui.act.conductor.Dispatch.after_unknown", after_unknown):
        yield


@contextmanager
def waits_by_the_wall_clock() -> Iterator[None]:
    """A retry is due when the wall clock says so, however far that was set back."""

    def send_when_due(self: Any, operation: Operation) -> NextStep:
        due = operation.next_attempt_at
        if due is None or self._world.clock() >= due:
            step: NextStep = self._dispatch.send(operation)
            return step
        return NextStep(due)

    with patch.object(Conductor, "_send_when_due", send_when_due):
        yield


@contextmanager
def breaker_by_the_wall_clock() -> Iterator[None]:
    """How long a receiver is left alone is read off the wall clock."""

    def since_failure_s(_: Any, __: str, breaker: Any, now: datetime) -> float:
        return 0.0 if breaker.failed_at is None else max(0.0, (now - breaker.failed_at).total_seconds())

    with patch.object(Ledger, "_since_failure_s", since_failure_s):
        yield


DEFECTS: Final[Mapping[str, Callable[[], Any]]] = {
    defect.__name__.replace("_", " "): defect
    for defect in (
        no_settle_delay,
        order_without_its_attempt,
        sent_before_the_intent,
        key_for_each_attempt,
        body_made_anew,
        sent_again_whatever_the_kind,
        several_open_operations,
        plan_used_twice,
        approved_on_an_old_ledger,
        record_in_its_own_transaction,
        written_by_whoever_comes,
        sent_after_a_day,
        failed_although_it_may_have_acted,
        cancelled_although_it_may_have_acted,
        interrupted_means_not_sent,
        waits_by_the_wall_clock,
        breaker_by_the_wall_clock,
    )
}
"""Each defect by its name, as a context in which the production code has it."""
