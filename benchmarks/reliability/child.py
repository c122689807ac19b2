"""The child that is killed: it approves one plan, sends, verifies and records, with the production code throughout.

    python -m benchmarks.reliability.child FOLDER URL KIND

It exits with 0 when the operation is settled, with 3 when only an operator can go on. The settle delay is as short as
the provider is quick; everything else is as in production.
"""

from __future__ import annotations

import json
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from urllib.request import urlopen

from nodescaler_tui.act import surroundings as surrounding
from nodescaler_tui.act.approval import Approval, ApprovalTerms, approve
from nodescaler_tui.act.conductor import Conductor
from nodescaler_tui.act.holder import LockHolder, new_holder_id
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import Operation
from nodescaler_tui.act.receiver import Repeats, WebhookReceiver
from nodescaler_tui.act.stopwatch import Stopwatch
from nodescaler_tui.act.surroundings import Surroundings
from nodescaler_tui.act.verification import VerificationPolicy, VerificationSample
from nodescaler_tui.act.webhook import HttpSender
from nodescaler_tui.decide.payload import payload_for
from nodescaler_tui.decide.plan import Plan, Receiver
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.record.sqlite import SqliteJournal

GROUP: Final = "g-1"
SETTLED: Final = 0
ASKS: Final = 3
TIMEOUT_S: Final = 1.0
POLICY: Final = VerificationPolicy(
    deadline=timedelta(seconds=20), interval=timedelta(seconds=0.004), consecutive_successes=2
)


def plan_at(created_at: datetime) -> Plan:
    """The one plan of a trial; who makes it at the same time makes the same one."""
    payload = payload_for(GROUP, 10, 12, ThresholdMatrix())
    return Plan(
        group_id=GROUP,
        group_name=GROUP,
        payload=payload,
        body=payload.canonical_bytes(),
        matrix=ThresholdMatrix(),
        reasons=("CPU",),
        codes=("CPU_CRITICAL",),
        projection="",
        gates=(),
        receiver=Receiver("counting", "loopback", "none", "", "v1"),
        evidence=(),
        overrides=(),
        blind=(),
        created_at=created_at,
    )


def run(folder: Path, url: str, kind: str) -> int:
    """Approve if nobody has, and carry out whatever is open until it is settled or asks a person."""
    surrounding.SEND_WITHIN_S, surrounding.MARGIN_S = 0.0, 0.05  # type: ignore[misc]  # see above
    created_at = datetime.fromtimestamp(float((folder / "created_at").read_text()), UTC)
    journal = SqliteJournal.open(folder / "journal.db", version="proof")
    ledger = Ledger(journal.read(), Stopwatch(_now, time.monotonic))
    with LockHolder(folder / "holders", new_holder_id()) as holder:
        receiver = WebhookReceiver("counting", f"{url}/scale", Repeats(kind), TIMEOUT_S)
        surroundings = Surroundings(
            journal=journal,
            sender=HttpSender(receiver),
            repeats=receiver.repeats,
            sample=lambda operation: _sample(url, operation),
            holder=holder,
            policy=POLICY,
            clock=_now,
            timeout_s=TIMEOUT_S,
            jitter=lambda: 0.01,
        )
        terms = ApprovalTerms(0.0, 1000, {"cpu": "0.9"}, None, holder.id)
        approve(journal, ledger, plan_at(created_at), Approval("anna", "", "", _now()), terms)
        return _carry(Conductor(ledger, surroundings), ledger, journal)


def _carry(conductor: Conductor, ledger: Ledger, journal: SqliteJournal) -> int:
    while True:
        ledger.extend(journal.read(after=ledger.seq))
        conductor.take_over()
        opened = ledger.open_operations()
        if not opened:
            return SETTLED
        step = conductor.step(opened[0].id)
        if step.asks_operator:
            return ASKS
        due = _now() + timedelta(seconds=0.01) if step.at is None else step.at
        time.sleep(min(max(0.0, (due - _now()).total_seconds()), 0.05))


def _sample(url: str, operation: Operation) -> VerificationSample:
    with urlopen(url, timeout=5) as answer:  # noqa: S310 - on loopback
        nodes = json.load(answer)["nodes"]
    now = _now()
    cpu = 0.5 if nodes >= operation.plan.requested_nodes else 0.95
    return VerificationSample(now, nodes, nodes, countable=True, values={"cpu": cpu}, counted_at=now)


def _now() -> datetime:
    return datetime.now(UTC)


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
