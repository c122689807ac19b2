"""Orders: what an operator may decide about an operation that is under way: cancel it, or answer a doubt about it.

An answer names the attempt that was judged, so that it can never be taken for a word about a later one, and it is
refused while that attempt may still be under way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from nodescaler_tui.act.drafts import acted_by_word, cancelled, closed, resend_ordered, stopped
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import Operation, Phase
from nodescaler_tui.act.operation_log import OperationLog
from nodescaler_tui.act.surroundings import Surroundings
from nodescaler_tui.act.verification import Settlement
from nodescaler_tui.events import Draft

CAN_BE_CANCELLED: Final = frozenset({Phase.APPROVED, Phase.WAITING})
CAN_BE_CLOSED: Final = frozenset({Phase.IN_DOUBT, Phase.ACCEPTED, Phase.VERIFYING})


class Answer(StrEnum):
    """What an operator can say about an attempt of which nobody knows whether the receiver acted on it."""

    RESEND = "resend"
    ACTED = "acted"
    CLOSE = "close"


@dataclass(frozen=True, slots=True)
class Order:
    """An operator's word on one attempt of one operation; `typed` repeats the group's name or id where it is asked."""

    operation_id: str
    attempt: int
    answer: Answer
    operator: str
    typed: str
    reason: str


@dataclass(frozen=True, slots=True)
class NotOrdered:
    """Nothing was written: why."""

    sentence: str


CHANGED: Final = NotOrdered("It changed in this very moment; look at it again.")


class Orders:
    """Turns orders into events, each by compare-and-set on the phase and the attempt that was judged."""

    def __init__(
        self, ledger: Ledger, world: Surroundings, log: OperationLog, settles_in_s: Callable[[Operation], float]
    ) -> None:
        self._ledger = ledger
        self._world = world
        self._log = log
        self._settles_in_s = settles_in_s

    def cancel(self, operation_id: str, operator: str, reason: str) -> NotOrdered | None:
        """Stop an operation while nothing is under way. Where an earlier attempt may have acted, only retrying ends."""
        operation = self._ledger.operation(operation_id)
        if operation is None or operation.phase not in CAN_BE_CANCELLED:
            return NotOrdered("It was sent already; it can no longer be cancelled.")
        return self._written(operation, self._cancellation(operation, operator, reason))

    def _cancellation(self, operation: Operation, operator: str, reason: str) -> Sequence[Draft]:
        now = self._world.clock()
        if operation.may_have_acted:
            return [stopped(operation, now, operator)]
        return self._log.with_record(
            operation,
            cancelled(operation, now, operator, reason),
            Settlement(Phase.CANCELLED, f"{operator} cancelled it before it was sent.", healthy=None),
        )

    def answer(self, order: Order) -> NotOrdered | None:
        """Carry out an operator's answer, or say why it does not count. Raises JournalUnavailable."""
        operation = self._ledger.operation(order.operation_id)
        if operation is None:
            return NotOrdered("There is no such operation.")
        refusal = self._refusal(operation, order)
        return self._written(operation, self._drafts(operation, order)) if refusal is None else refusal

    def _refusal(self, operation: Operation, order: Order) -> NotOrdered | None:
        allowed = CAN_BE_CLOSED if order.answer is Answer.CLOSE else frozenset({Phase.IN_DOUBT})
        if operation.phase not in allowed:
            return NotOrdered(f"The operation is {operation.phase.value} now; there is nothing to decide.")
        if operation.attempt != order.attempt:
            return NotOrdered(
                f"That was about attempt {order.attempt}; the doubt is about attempt {operation.attempt}."
            )
        left_s = self._settles_in_s(operation) if operation.phase is Phase.IN_DOUBT else 0.0
        if left_s > 0:
            return NotOrdered(f"Attempt {order.attempt} may still be under way; decide in {left_s:.0f} s.")
        return _unconfirmed(operation, order)

    def _drafts(self, operation: Operation, order: Order) -> Sequence[Draft]:
        now, reason = self._world.clock(), order.reason.strip()
        match order.answer:
            case Answer.RESEND:
                return [resend_ordered(operation, now, order.operator, order.typed, reason)]
            case Answer.ACTED:
                return [acted_by_word(operation, now, order.operator, reason)]
            case Answer.CLOSE:
                sentence = f"{order.operator} closed it without knowing its outcome: {reason}"
                settlement = Settlement(Phase.INCONCLUSIVE, sentence, healthy=None)
                return self._log.with_record(operation, closed(operation, now, order.operator, settlement), settlement)

    def _written(self, operation: Operation, drafts: Sequence[Draft]) -> NotOrdered | None:
        return CHANGED if self._log.record(operation, *drafts) is None else None


def _unconfirmed(operation: Operation, order: Order) -> NotOrdered | None:
    """What can act twice, or open the group for another scale-up, takes the group's name and a reason."""
    if order.answer is not Answer.ACTED and order.typed.strip() not in {operation.plan.group_name, operation.group_id}:
        return NotOrdered(f"To confirm, type the group's name: {operation.plan.group_name}.")
    if not order.reason.strip():
        return NotOrdered("A reason is needed; it is kept in the journal.")
    return None
