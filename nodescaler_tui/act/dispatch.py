"""Dispatch: one attempt to send an approved request, and what its outcome means for a receiver of this kind.

The rule that everything else serves: what may have been done is never asked for again, unless the receiver recognises a
repeat, or a repeat asks for the same state, or an operator says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from nodescaler_tui.act.breaker import ReceiverHealth
from nodescaler_tui.act.drafts import accepted, cancelled, in_doubt, retrying, sending
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import Operation, Phase
from nodescaler_tui.act.operation_log import OperationLog
from nodescaler_tui.act.outcome import Accepted, NotProcessed, Outcome, Refused, Unknown
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.act.schedule import GiveUp, next_attempt_at
from nodescaler_tui.act.surroundings import SEND_WITHIN_S, NextStep, Surroundings
from nodescaler_tui.act.verification import Settlement
from nodescaler_tui.act.webhook import Delivery
from nodescaler_tui.events import Draft, EventKind

LONGEST_SILENCE: Final = timedelta(hours=24)
SENT_WITHIN: Final = timedelta(minutes=10)
INTERRUPTED: Final = Unknown("The program ended while it was sending; it may have been sent.")
LEFT_OPEN: Final = Unknown("The journal was lost just as this was announced; whether it was sent is not known.")


class Dispatch:
    """Sends, and writes down before and after."""

    def __init__(self, ledger: Ledger, world: Surroundings, log: OperationLog) -> None:
        self._ledger = ledger
        self._world = world
        self._log = log
        self._unrecorded: dict[str, Outcome] = {}

    def send(self, operation: Operation) -> NextStep:
        """Announce the attempt durably, make it, and record what came of it."""
        now = self._world.clock()
        if self._is_too_late(operation, now):
            self._log.record(operation, *self._not_sent(operation, now))
            return NextStep(now)
        receiver = operation.plan.receiver
        if not self._ledger.breaker_admits(receiver, operation.id, now):
            left_s = self._ledger.breaker_opens_for_s(receiver, now)
            return NextStep(now + timedelta(seconds=max(left_s, 1.0)))
        if operation.phase is Phase.APPROVED:
            self._log.began(operation)
        announced = self._log.record(operation, sending(operation, now), provided=self._admitted)
        if announced is None:
            return NextStep(self._world.clock())
        self._unrecorded[operation.id] = self._attempt(announced)
        return self.record_outcome(announced)

    def record_outcome(self, operation: Operation) -> NextStep:
        """Write down what the attempt came to; called again until the journal has taken it.

        An announcement may be in the journal although its writer was told that it was not: then nobody knows.
        """
        outcome = self._unrecorded.get(operation.id)
        if outcome is None:
            doubt = self.after_unknown(operation, LEFT_OPEN, ReceiverHealth.SAYS_NOTHING)
            self._log.record(operation, doubt)
            return NextStep(self._world.clock())
        recorded = self._log.record(operation, *self.after(operation, outcome))
        if recorded is None and isinstance(outcome, Accepted):
            self._log.record_late_answer(operation, outcome)
        del self._unrecorded[operation.id]
        return NextStep(self._world.clock())

    def _is_too_late(self, operation: Operation, now: datetime) -> bool:
        """What was approved or ordered long ago was judged by figures that are gone; what may have acted has a day."""
        if operation.ordered_at is not None:
            return now > operation.earliest_since(EventKind.OPERATION_RESEND_ORDERED) + SENT_WITHIN
        approved_at = operation.earliest_since(EventKind.PLAN_APPROVED)
        return now > approved_at + (LONGEST_SILENCE if operation.may_have_acted else SENT_WITHIN)

    def _not_sent(self, operation: Operation, now: datetime) -> Sequence[Draft]:
        if operation.may_have_acted:
            sentence = (
                "It was not sent again, because that was decided too long ago. An earlier attempt may have acted."
            )
            return [in_doubt(operation, now, sentence, ReceiverHealth.SAYS_NOTHING)]
        minutes = int(SENT_WITHIN.total_seconds() // 60)
        reason = f"It could not be sent within {minutes} minutes of its approval; nothing was changed."
        return self._log.with_record(
            operation, cancelled(operation, now, "engine", reason), Settlement(Phase.CANCELLED, reason, healthy=None)
        )

    def _admitted(self, current: Operation) -> bool:
        """Asked again within the transaction, so that of two probes only one is announced."""
        return self._ledger.breaker_admits(current.plan.receiver, current.id, self._world.clock())

    def _attempt(self, operation: Operation) -> Outcome:
        """A process that was frozen after it announced the attempt must not send long after everyone gave it up."""
        announced_at = self._world.monotonic()
        delivery = Delivery(
            body=operation.plan.body.encode(),
            body_sha256=operation.plan.body_sha256,
            idempotency_key=operation.id,
            attempt=operation.attempt,
            audit_head=f"{self._ledger.seq}:{self._ledger.head}",
        )
        if self._world.monotonic() - announced_at > SEND_WITHIN_S:
            return NotProcessed("This machine was held up before sending; nothing was sent.")
        return self._world.sender.send(delivery, self._world.clock())

    def after(self, operation: Operation, outcome: Outcome) -> Sequence[Draft]:
        """What to write after this outcome: the table of outcomes and kinds of receiver."""
        now = self._world.clock()
        match outcome:
            case Accepted():
                return [accepted(operation, now, outcome)]
            case Refused(sentence=sentence):
                return self._ended(operation, sentence, ReceiverHealth.SAYS_NOTHING)
            case NotProcessed():
                return self._after_not_processed(operation, outcome)
            case Unknown():
                health = ReceiverHealth.SAYS_NOTHING if outcome.in_progress else ReceiverHealth.FAILING
                return [self.after_unknown(operation, outcome, health)]

    def _after_not_processed(self, operation: Operation, outcome: NotProcessed) -> Sequence[Draft]:
        now = self._world.clock()
        due = self.next_attempt(operation, outcome.retry_after_s)
        health = ReceiverHealth.FAILING if outcome.retry_after_s is None else ReceiverHealth.SAYS_NOTHING
        if isinstance(due, GiveUp):
            return self._ended(operation, f"{outcome.sentence} No further attempt: {due.sentence}", health)
        return [retrying(operation, now, outcome.sentence, due, may_have_acted=False, health=health)]

    def _ended(self, operation: Operation, sentence: str, health: ReceiverHealth) -> Sequence[Draft]:
        """This attempt did nothing; but if an earlier one may have acted, that still stands open."""
        if operation.may_have_acted:
            doubt = f"{sentence} An earlier attempt may have acted."
            return [in_doubt(operation, self._world.clock(), doubt, health)]
        return self._log.ending(operation, Settlement(Phase.FAILED, f"{sentence} Nothing was changed.", healthy=None))

    def after_unknown(self, operation: Operation, outcome: Unknown, health: ReceiverHealth) -> Draft:
        """Send again at once only what the receiver recognises as a repeat, and within a day."""
        now = self._world.clock()
        due = self.next_attempt(operation, outcome.retry_after_s)
        too_old = now - operation.earliest_since(EventKind.PLAN_APPROVED) > LONGEST_SILENCE
        if self._world.repeats is not Repeats.DEDUPLICATES or too_old or isinstance(due, GiveUp):
            return in_doubt(operation, now, outcome.sentence, health)
        return retrying(operation, now, outcome.sentence, due, may_have_acted=True, health=health)

    def next_attempt(self, operation: Operation, retry_after_s: float | None) -> datetime | GiveUp:
        """When the next attempt is due, or why there is none."""
        return next_attempt_at(
            attempt=operation.attempt,
            began_at=operation.approved_at,
            now=self._world.clock(),
            retry_after_s=retry_after_s,
            jitter=self._world.jitter(),
        )
