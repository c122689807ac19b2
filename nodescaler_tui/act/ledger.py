"""The ledger: every operation, and what the journal says about who may act on which group now.

It is a fold of the journal and nothing else: read it again from the first event and it is the same.
"""

from __future__ import annotations

import threading
from collections.abc import Hashable, Iterable
from datetime import datetime, timedelta
from typing import Final

from nodescaler_tui.act.breaker import Breaker, ReceiverHealth
from nodescaler_tui.act.first_approvals import FirstApprovals
from nodescaler_tui.act.freeze import DeclaredFreeze, freeze_from
from nodescaler_tui.act.operation import IllegalTransition, Operation, apply, approved_operation, optional_number, text
from nodescaler_tui.act.pause import Pause, pause_from
from nodescaler_tui.act.stopwatch import Stopwatch
from nodescaler_tui.act.threshold_words import ThresholdWords
from nodescaler_tui.events import Event, EventKind, OperationPhase

ENDS_AN_ATTEMPT: Final = frozenset(
    {
        EventKind.OPERATION_ACCEPTED,
        EventKind.OPERATION_RETRYING,
        EventKind.OPERATION_IN_DOUBT,
        EventKind.OPERATION_SETTLED,
        EventKind.OPERATION_CANCELLED,
    }
)


def _word(what: str, event: Event) -> str:
    return f"{what} by {event.operator or 'somebody'} at {event.at:%H:%M:%S} UTC"


class Ledger:
    """The operations by id and by group, kept up to date event by event.

    With a stopwatch a wall clock that jumps neither ends nor lengthens a cooldown or a breaker's wait; without one, as
    where a journal is only read, the times as they are written count.
    """

    def __init__(self, events: Iterable[Event] = (), stopwatch: Stopwatch | None = None) -> None:
        self._stopwatch = stopwatch
        self._lock = threading.Lock()
        self.seq = 0
        self.head = ""
        self.installation = ""
        self.problem = ""
        self._operations: dict[str, Operation] = {}
        self._open: dict[str, str] = {}
        self._latest_effect: dict[str, str] = {}
        self._plans: dict[str, str] = {}
        self._breakers: dict[str, Breaker] = {}
        self._pauses: dict[str, Pause] = {}
        self._freeze: DeclaredFreeze | None = None
        self.thresholds = ThresholdWords()
        self.first_approvals = FirstApprovals()
        self._asked_for: tuple[int, datetime | None, int] = (0, None, 0)
        self.extend(events)

    def extend(self, events: Iterable[Event]) -> None:
        """Take in events in the order of the chain; those already known are passed over. Safe from any thread."""
        with self._lock:
            for event in events:
                if event.seq > self.seq:
                    self._take_or_note(event)
                    self.seq, self.head = event.seq, event.hash

    def _take_or_note(self, event: Event) -> None:
        """An event that cannot follow was not written by this program: nobody may act on such a past."""
        try:
            self._take(event)
        except (IllegalTransition, ValueError) as error:
            self.problem = self.problem or (
                f"The journal's event {event.seq} cannot be true ({error}); `nodescaler-tui audit verify` tells more."
            )

    def _take(self, event: Event) -> None:
        self.first_approvals.take(event)
        if event.kind is EventKind.JOURNAL_OPENED:
            self.installation = text(event.fields, "installation")
        elif event.kind is EventKind.PLAN_APPROVED:
            operation = approved_operation(event)
            self._plans[operation.plan.plan_hash] = _word("approved", event)
            self._keep(operation)
        elif event.kind is EventKind.PLAN_REJECTED:
            self._plans[text(event.fields, "plan_hash")] = _word("rejected", event)
        elif event.kind is EventKind.GROUP_PAUSED:
            self._pauses[event.group_id] = pause_from(event)
        elif event.kind is EventKind.GROUP_UNPAUSED:
            self._pauses.pop(event.group_id, None)
        elif event.kind is EventKind.THRESHOLDS_CHANGED:
            self.thresholds = self.thresholds.after(event)
        elif event.kind is EventKind.FREEZE_DECLARED:
            self._freeze = freeze_from(event)
        elif event.kind is EventKind.FREEZE_LIFTED:
            self._freeze = None
        elif event.operation_id in self._operations:
            operation = apply(self._operations[event.operation_id], event)
            self._keep(operation)
            self._judge_receiver(operation, event)

    def _judge_receiver(self, operation: Operation, event: Event) -> None:
        name = operation.plan.receiver
        if event.kind is EventKind.OPERATION_SENDING:
            self._breakers[name] = self.breaker(name).sending(operation.id)
        elif event.kind in ENDS_AN_ATTEMPT:
            health = ReceiverHealth(text(event.fields, "receiver_health"))
            self._breakers[name] = self.breaker(name).after(operation.id, health, event.at)

    def _keep(self, operation: Operation) -> None:
        self._operations[operation.id] = operation
        if operation.open:
            self._open[operation.group_id] = operation.id
        elif self._open.get(operation.group_id) == operation.id:
            del self._open[operation.group_id]
        if operation.accepted_at is not None or operation.may_have_acted:
            self._latest_effect[operation.group_id] = operation.id

    def operation(self, operation_id: str) -> Operation | None:
        """The operation with this id, or None."""
        return self._operations.get(operation_id)

    def operations(self) -> tuple[Operation, ...]:
        """All operations, in the order in which they were approved. Safe while another thread takes events in."""
        return tuple(self._operations.values())

    def open_operations(self) -> tuple[Operation, ...]:
        """Those that are not settled. Safe while another thread takes events in."""
        return tuple(self._operations[operation_id] for operation_id in tuple(self._open.values()))

    def open_operation(self, group_id: str) -> Operation | None:
        """The one operation that may be open on this group, or None."""
        operation_id = self._open.get(group_id)
        return None if operation_id is None else self._operations[operation_id]

    def breaker(self, receiver: str) -> Breaker:
        """The circuit breaker of a receiver, by its name."""
        return self._breakers.get(receiver, Breaker())

    def breaker_opens_for_s(self, receiver: str, now: datetime) -> float:
        """Seconds until a receiver that failed again and again is asked again; 0 when it may be."""
        breaker = self.breaker(receiver)
        return breaker.opens_for_s(self._since_failure_s(receiver, breaker, now))

    def breaker_admits(self, receiver: str, operation_id: str, now: datetime) -> bool:
        """Whether this operation may send to the receiver now."""
        breaker = self.breaker(receiver)
        return breaker.admits(operation_id, self._since_failure_s(receiver, breaker, now))

    def _since_failure_s(self, receiver: str, breaker: Breaker, now: datetime) -> float:
        failed_at = breaker.failed_at
        return 0.0 if failed_at is None else self._elapsed_s((receiver, failed_at), failed_at, now)

    def _elapsed_s(self, key: Hashable, since: datetime, now: datetime) -> float:
        if self._stopwatch is None:
            return max(0.0, (now - since).total_seconds())
        return self._stopwatch.elapsed_s(key, since)

    def pause(self, group_id: str, now: datetime) -> Pause | None:
        """The pause that holds on a group now, or None."""
        pause = self._pauses.get(group_id)
        return pause if pause is not None and now < pause.until else None

    def freeze(self, now: datetime) -> DeclaredFreeze | None:
        """The freeze that was declared and holds now, or None."""
        freeze = self._freeze
        return freeze if freeze is not None and now < freeze.until else None

    def rules_position(self, group_id: str) -> int:
        """The position of the newest event by which a plan for this group may have become another: 0 for none."""
        touch, freeze = self.thresholds.touch_on(group_id), self._freeze
        return max(0 if touch is None else touch.seq, 0 if freeze is None else freeze.seq)

    def nodes_asked_for_since(self, moment: datetime) -> int:
        """How many nodes were approved since then over all groups, save where certainly nothing was done.

        A picture asks this for each of its groups, always of the same moment: it is worked out once.
        """
        seq, (known_seq, known_moment, known) = self.seq, self._asked_for
        if seq != known_seq or moment != known_moment:
            known = sum(
                max(0, operation.plan.requested_nodes - operation.plan.from_nodes)
                for operation in self.operations()
                if operation.approved_at > moment and (operation.open or operation.may_have_changed_something)
            )
            self._asked_for = (seq, moment, known)
        return known

    def failures_in_a_row(self, group_id: str) -> int:
        """How many of the group's latest operations ended FAILED, one after the other."""
        count = 0
        for operation in reversed(self.operations()):
            if operation.group_id == group_id and not operation.open:
                if operation.phase is not OperationPhase.FAILED:
                    break
                count += 1
        return count

    def plan_used(self, plan_hash: str) -> bool:
        """Whether this exact plan was already approved or rejected: an approval works once."""
        return plan_hash in self._plans

    def word_on(self, plan_hash: str) -> str:
        """Who approved or rejected this plan, and when; empty when nobody did."""
        return self._plans.get(plan_hash, "")

    def cooldown_until(self, group_id: str, length_s: float) -> datetime | None:
        """When the group's cooldown ends; it begins when an operation that changed something settles.

        One that only may have acted counts too: what is not known is not taken for nothing.
        """
        operation = self._operations.get(self._latest_effect.get(group_id, ""))
        if operation is None or operation.settled_at is None:
            return None
        return operation.settled_at + timedelta(seconds=length_s)

    def cooldown_remaining_s(self, group_id: str, length_s: float, now: datetime) -> float:
        """Seconds of cooldown left, never more than its length."""
        operation = self._operations.get(self._latest_effect.get(group_id, ""))
        if operation is None or operation.settled_at is None:
            return 0.0
        return max(length_s - self._elapsed_s(operation.id, operation.settled_at, now), 0.0)

    def declared_nodes(self, group_id: str, configured: int) -> int:
        """The node count of a declared group: as configured, then moved by each verified operation.

        A configured count that differs from the one an operation started from is a newer statement, and wins.
        """
        verified = [
            operation
            for operation in self.operations()
            if operation.group_id == group_id and operation.phase is OperationPhase.VERIFIED
        ]
        if not verified or optional_number(verified[-1].events[0].fields, "declared_nodes") != configured:
            return configured
        return verified[-1].plan.requested_nodes
