"""One who approves in the races: a process with the engine's own gate, ledger, lease and sessions, and no screen.

    python -m benchmarks.team_proof.contender OPERATOR

It obeys lines of JSON: a store's URL and receiver begin a new batch; then `race`, with the group, the moment at which
all of its plans were made (empty for one of its own), and the moment at which to approve. It answers each with a line.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import datetime
from typing import Any

from nodescaler_tui import __version__
from nodescaler_tui.act.conductor import Conductor
from nodescaler_tui.act.holder import new_holder_id
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import Operation, Phase
from nodescaler_tui.act.receiver import Repeats, WebhookReceiver
from nodescaler_tui.act.stopwatch import Stopwatch
from nodescaler_tui.act.surroundings import Surroundings
from nodescaler_tui.act.verification import VerificationPolicy, VerificationSample
from nodescaler_tui.act.webhook import HttpSender
from nodescaler_tui.clock import steady_s, utc_now
from nodescaler_tui.engine.assessment import Rules
from nodescaler_tui.engine.gate import Gate
from nodescaler_tui.engine.gates import Caps, Circumstances
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.picture import Pace
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.facts import GroupKind, GroupReading, Observation, Reading, RequestBudget
from nodescaler_tui.intents import ApprovePlan
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.postgres.kept_lease import LENGTH_S
from nodescaler_tui.record.postgres.lease_holder import LeaseHolder
from nodescaler_tui.state import Scope
from nodescaler_tui.views import Answer

NODES = 10
SHORT_TIMEOUT_S = 5.0
CAPS = Caps(nodes_per_step=50, nodes_per_hour=1_000_000)


def critical(group_id: str, at: datetime) -> Observation:
    """One group that needs more nodes, and nothing else."""
    group = GroupReading(
        id=group_id,
        name=group_id,
        site="",
        kind=GroupKind.EDGE,
        managed=False,
        current_nodes=Reading(NODES, "edge list", at),
        cpu=Reading(0.95, "edge", at),
        memory=Reading(0.5, "edge", at),
        sessions=Reading(5, "edge", at),
        cpu_worst=None,
        memory_worst=None,
        fresh_nodes=NODES,
        nodes=(),
    )
    budget = RequestBudget(used_last_minute=1, limit_per_minute=300, limit_is_live=True)
    return Observation(at, 1, inventory_read=True, groups=(group,), problems=(), budget=budget)


class Contender:
    """One of a team in one store."""

    def __init__(self, operator: str, url: str, receiver: WebhookReceiver) -> None:
        self._operator = operator
        self._receiver = receiver
        self._sessions = Sessions(url)
        self._holder = LeaseHolder(self._sessions, new_holder_id())
        self._holder.tried_within(LENGTH_S)
        self.journal = PostgresJournal.open_over(self._sessions, version=__version__, fence=self._holder.require)
        self._ledger = Ledger(self.journal.read(), Stopwatch(utc_now, steady_s))
        self._conductor = Conductor(self._ledger, self._surroundings())

    def _surroundings(self) -> Surroundings:
        return Surroundings(
            journal=self.journal,
            sender=HttpSender(self._receiver),
            repeats=self._receiver.repeats,
            sample=_unknown,
            holder=self._holder,
            policy=VerificationPolicy(),
            clock=utc_now,
            timeout_s=self._receiver.timeout_s,
        )

    def ready(self, group_id: str, made_at: datetime) -> tuple[Gate, ApprovePlan]:
        """A gate before which this group's plan stands, made at this moment, and the intent that approves it."""
        mind = Mind(
            scope=Scope(),
            rules=Rules(staleness_limit_s=90.0, cooldown_s=0.0),
            book=ThresholdBook({}),
            circumstances=Circumstances(
                receiver=self._receiver,
                receiver_problem="",
                store_problem="",
                read_only=False,
                dry_run=False,
                caps=CAPS,
            ),
            ledger=self._ledger,
        )
        mind.observe(critical(group_id, made_at))
        mind.state(made_at, Pace(10.0, None))
        gate = Gate(
            mind,
            self.journal,
            live_count=lambda _: Reading(NODES, "recount", made_at),
            holder=self._holder.id,
            declared_nodes=lambda _: None,
            clock=utc_now,
        )
        return gate, ApprovePlan(group_id, mind.plans[group_id].hash)

    def carries_out(self, operation_id: str) -> None:
        """As an engine does, until it was sent and accepted; whoever does not hold it does nothing."""
        for _ in range(4):
            operation = self._ledger.operation(operation_id)
            if operation is None or operation.phase not in {Phase.APPROVED, Phase.SENDING}:
                return
            if self._conductor.step(operation_id).at is None:
                return

    def goes_on(self, group_id: str) -> None:
        """With whatever is ours by the journal, also where its writing was not confirmed. Raises JournalUnavailable."""
        self._ledger.extend(self.journal.read(after=self._ledger.seq))
        operation = self._ledger.open_operation(group_id)
        if operation is not None and operation.holder == self._holder.id:
            self.carries_out(operation.id)

    def approves(self, group_id: str) -> Answer:
        """Approve a plan of its own and carry it out. Raises JournalUnavailable."""
        gate, intent = self.ready(group_id, utc_now())
        answer = gate.approve(intent, self._operator)
        if answer.done:
            self.carries_out(answer.operation_id)
        return answer

    def race(self, group_id: str, made_at: datetime, at: float) -> dict[str, Any]:
        """Approve at this moment of the monotonic clock, and carry out what was won."""
        gate, intent = self.ready(group_id, made_at)
        time.sleep(max(at - time.monotonic(), 0.0))
        began = time.monotonic()
        answer = gate.approve(intent, self._operator)
        took = time.monotonic() - began
        if answer.done:
            self.carries_out(answer.operation_id)
        return {"who": self._operator, "won": answer.done, "sentence": answer.sentence, "began": began, "took": took}

    def close(self) -> None:
        """Leave this store."""
        self._holder.close()
        self._sessions.close()


def _unknown(_: Operation) -> VerificationSample:
    """Nobody measures anything in a race."""
    return VerificationSample(None, None, 0, countable=True, values={})


def receiver_at(url: str) -> WebhookReceiver:
    """One that recognises repeats."""
    return WebhookReceiver("counting", url, Repeats.DEDUPLICATES, SHORT_TIMEOUT_S)


def main(operator: str) -> None:
    """Until standard input ends."""
    contender: Contender | None = None
    for line in sys.stdin:
        told = json.loads(line)
        if "store" in told:
            if contender is not None:
                contender.close()
            contender = Contender(operator, told["store"], receiver_at(told["receiver"]))
            answer: dict[str, Any] = {"ready": operator}
        else:
            assert contender is not None
            made_at = datetime.fromisoformat(told["made_at"]) if told["made_at"] else utc_now()
            answer = contender.race(told["group"], made_at, told["at"])
        sys.stdout.write(f"{json.dumps(answer)}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1])
