"""The conductor: carries an open operation out, one durable step at a time.

Each step reads the journal, does one thing, and writes what came of it; so whoever calls `step` next, in this process
or in another after a crash, goes on from exactly there. Nothing is sent before the event that announces it is durable.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nodescaler_tui.act.drafts import (
    accepted,
    by_evidence,
    in_doubt,
    progressed,
    resumed,
    retrying,
    sending,
    settled,
    verifying,
)
from nodescaler_tui.act.holder import Holder
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import Operation, Phase, apply
from nodescaler_tui.act.outcome import Accepted, NotProcessed, Outcome, Refused, Unknown
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.act.schedule import GiveUp, next_attempt_at
from nodescaler_tui.act.verification import (
    Progress,
    Settlement,
    Target,
    VerificationPolicy,
    VerificationSample,
    judge,
)
from nodescaler_tui.act.webhook import Delivery, Sender
from nodescaler_tui.events import Draft, Journal

LONGEST_SILENCE: Final = timedelta(hours=24)
SETTLE_DELAY: Final = timedelta(seconds=25)


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the conductor is given of the world: everything that a simulation replaces."""

    journal: Journal
    sender: Sender
    repeats: Repeats
    sample: Callable[[Operation], VerificationSample]
    holder: Holder
    policy: VerificationPolicy
    clock: Callable[[], datetime]
    monotonic: Callable[[], float] = time.monotonic
    jitter: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class NextStep:
    """When the operation wants to be stepped again; None when nothing more will happen on its own."""

    at: datetime | None


class Conductor:
    """Steps the operations that this process holds, and takes over those whose process died."""

    def __init__(self, ledger: Ledger, surroundings: Surroundings) -> None:
        self._ledger = ledger
        self._world = surroundings
        self._began: dict[str, float] = {}

    def take_over(self) -> tuple[str, ...]:
        """Take every open operation whose process is dead; their ids. Nothing is sent by this."""
        orphans = [
            operation.id
            for operation in self._ledger.open_operations()
            if not self._world.holder.is_alive(operation.holder)
        ]
        return tuple(operation_id for operation_id in orphans if self._resume(operation_id))

    def _resume(self, operation_id: str) -> bool:
        with self._world.journal.transaction() as transaction:
            self._ledger.extend(transaction.read(after=self._ledger.seq))
            operation = self._ledger.operation(operation_id)
            if operation is None or not operation.open or self._world.holder.is_alive(operation.holder):
                return False
            events = [transaction.append(resumed(operation, self._world.clock(), self._world.holder.id))]
            if operation.phase is Phase.SENDING:
                events.append(transaction.append(self._after_interruption(operation)))
        self._ledger.extend(events)
        return True

    def _after_interruption(self, operation: Operation) -> Draft:
        """What becomes of an attempt whose process died: its outcome is unknown."""
        return self._after_unknown(operation, Unknown("The program ended while it was sending; it may have been sent."))

    def step(self, operation_id: str) -> NextStep:
        """Do what is due on this operation now. Raises JournalUnavailable; then nothing was done."""
        operation = self._ledger.operation(operation_id)
        if operation is None or not operation.open or operation.holder != self._world.holder.id:
            return NextStep(None)
        steps = {
            Phase.APPROVED: self._send,
            Phase.WAITING: self._send_when_due,
            Phase.ACCEPTED: self._begin_verifying,
            Phase.VERIFYING: self._verify,
            Phase.IN_DOUBT: self._watch_doubt,
        }
        take = steps.get(operation.phase)
        return NextStep(None) if take is None else take(operation)

    def _send_when_due(self, operation: Operation) -> NextStep:
        due = operation.next_attempt_at
        return self._send(operation) if due is None or self._world.clock() >= due else NextStep(due)

    def _send(self, operation: Operation) -> NextStep:
        if operation.phase is Phase.APPROVED:
            self._began[operation.id] = self._world.monotonic()
        announced = self._record(operation, sending(operation, self._world.clock()))
        if announced is None:
            return NextStep(self._world.clock())
        outcome = self._world.sender.send(self._delivery(announced), self._world.clock())
        self._record(announced, *self._after(announced, outcome))
        return NextStep(self._world.clock())

    def _delivery(self, operation: Operation) -> Delivery:
        return Delivery(
            payload=operation.plan.payload.encode(),
            payload_sha256=operation.plan.payload_sha256,
            idempotency_key=operation.id,
            attempt=operation.attempt,
            audit_head=f"{self._ledger.seq}:{self._ledger.head}",
        )

    def _after(self, operation: Operation, outcome: Outcome) -> Sequence[Draft]:
        now = self._world.clock()
        match outcome:
            case Accepted():
                return [accepted(operation, now, outcome)]
            case Refused(sentence=sentence):
                return self._settle(operation, Settlement(Phase.FAILED, sentence, healthy=None))
            case NotProcessed():
                return self._after_not_processed(operation, outcome)
            case Unknown():
                return [self._after_unknown(operation, outcome)]

    def _after_not_processed(self, operation: Operation, outcome: NotProcessed) -> Sequence[Draft]:
        now = self._world.clock()
        due = self._next_attempt(operation, outcome.retry_after_s)
        if isinstance(due, GiveUp):
            sentence = f"{outcome.sentence} Nothing was changed; {due.sentence}"
            return self._settle(operation, Settlement(Phase.FAILED, sentence, healthy=None))
        return [retrying(operation, now, outcome.sentence, due)]

    def _after_unknown(self, operation: Operation, outcome: Unknown) -> Draft:
        """Send again only what the receiver recognises as a repeat, or what asks for the same state again."""
        now = self._world.clock()
        due = self._next_attempt(operation, None)
        too_old = now - operation.approved_at > LONGEST_SILENCE
        if self._world.repeats is not Repeats.DEDUPLICATES or too_old or isinstance(due, GiveUp):
            return in_doubt(operation, now, outcome.sentence)
        return retrying(operation, now, outcome.sentence, due)

    def _next_attempt(self, operation: Operation, retry_after_s: float | None) -> datetime | GiveUp:
        return next_attempt_at(
            attempt=operation.attempt,
            began_at=operation.approved_at,
            now=self._world.clock(),
            retry_after_s=retry_after_s,
            jitter=self._world.jitter(),
        )

    def _begin_verifying(self, operation: Operation) -> NextStep:
        now = self._world.clock()
        self._record(operation, verifying(operation, now, now + self._world.policy.deadline))
        return NextStep(now)

    def _verify(self, operation: Operation) -> NextStep:
        sample = self._world.sample(operation)
        verdict = self._judge(operation, sample)
        now = self._world.clock()
        if isinstance(verdict, Settlement):
            self._record(operation, *self._settle(operation, verdict))
            return NextStep(None)
        if _tells_something_new(operation, sample, verdict):
            self._record(operation, progressed(operation, now, sample, verdict))
        return NextStep(now + self._world.policy.interval)

    def _judge(self, operation: Operation, sample: VerificationSample) -> Progress | Settlement:
        policy = self._world.policy
        began_at = operation.accepted_at or operation.approved_at
        return judge(
            _target(operation),
            sample,
            successes_before=operation.consecutive_successes,
            is_new_sample=sample.sampled_at is not None and sample.sampled_at != operation.last_sample_at,
            past_deadline=self._world.clock() >= began_at + policy.deadline,
            policy=policy,
        )

    def _watch_doubt(self, operation: Operation) -> NextStep:
        """The live count is the only witness: nodes that came mean that the receiver acted."""
        sample = self._world.sample(operation)
        now = self._world.clock()
        if sample.countable and sample.nodes is not None and sample.nodes > operation.plan.from_nodes:
            self._record(operation, by_evidence(operation, now, sample.nodes))
            return NextStep(now)
        if now >= (operation.sent_at or operation.approved_at) + self._world.policy.deadline:
            sentence = "It stayed unknown whether the receiver acted; look there before you approve another plan."
            self._record(operation, *self._settle(operation, Settlement(Phase.INCONCLUSIVE, sentence, healthy=None)))
            return NextStep(None)
        if self._may_ask_again(operation, sample, now):
            due = self._next_attempt(operation, None)
            if not isinstance(due, GiveUp):
                self._record(operation, retrying(operation, now, "The nodes did not come; asking again.", due))
                return NextStep(due)
        return NextStep(now + self._world.policy.interval)

    def _may_ask_again(self, operation: Operation, sample: VerificationSample, now: datetime) -> bool:
        """Only where a repeat asks for the same state, the count was read anew, and nothing can be under way."""
        return (
            self._world.repeats is Repeats.ABSOLUTE
            and sample.countable
            and sample.nodes == operation.plan.from_nodes
            and now - (operation.sent_at or operation.approved_at) > SETTLE_DELAY
        )

    def _settle(self, operation: Operation, settlement: Settlement) -> Sequence[Draft]:
        """The end, with the true latency since the approval; after a restart only the wall clock can tell it."""
        now = self._world.clock()
        began = self._began.pop(operation.id, None)
        elapsed_s = (now - operation.approved_at).total_seconds() if began is None else self._world.monotonic() - began
        return settled(operation, now, settlement, latency_ms=max(0, round(elapsed_s * 1000)))

    def _record(self, operation: Operation, *drafts: Draft) -> Operation | None:
        """Append these events in one transaction; None when the operation has changed hands or state meanwhile."""
        with self._world.journal.transaction() as transaction:
            self._ledger.extend(transaction.read(after=self._ledger.seq))
            current = self._ledger.operation(operation.id)
            if current is None or current.phase is not operation.phase or current.holder != operation.holder:
                return None
            events = []
            for draft in drafts:
                event = transaction.append(draft)
                current = apply(current, event)
                events.append(event)
        self._ledger.extend(events)
        return current


def _target(operation: Operation) -> Target:
    return Target(
        from_nodes=operation.plan.from_nodes,
        requested_nodes=operation.plan.requested_nodes,
        critical={name: float(limit) for name, limit in operation.plan.critical.items()},
    )


def _tells_something_new(operation: Operation, sample: VerificationSample, progress: Progress) -> bool:
    return (
        sample.nodes != operation.nodes_now
        or progress.consecutive_successes != operation.consecutive_successes
        or (sample.sampled_at != operation.last_sample_at and progress.consecutive_successes > 0)
    )
