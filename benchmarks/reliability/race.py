"""Two instances approve the same plan at the same instant, again and again, on one real journal."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from pathlib import Path

from benchmarks.reliability.child import plan_at
from nodescaler_tui.act.approval import Approval, ApprovalTerms, Approved, approve
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.decide.payload import payload_for
from nodescaler_tui.decide.plan import Plan
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.sqlite import SqliteJournal

INSTANCES = 2


@dataclass(frozen=True)
class RaceResult:
    """How many plans had exactly one winner, and whether the journal holds."""

    plans: int
    one_winner: int
    intact: bool
    seconds: float


def raced(plans: int) -> RaceResult:
    """Let two processes approve each of so many plans at a barrier."""
    folder = Path(tempfile.mkdtemp(prefix="proof-"))
    journal = SqliteJournal.open(folder / "journal.db", version="proof")
    context, began = get_context("spawn"), time.monotonic()
    barrier, made_at = context.Barrier(INSTANCES), datetime.now(UTC)
    pipes = [context.Pipe(duplex=False) for _ in range(INSTANCES)]
    racers = [context.Process(target=_race, args=(folder, barrier, theirs, made_at, plans)) for _, theirs in pipes]
    for racer in racers:
        racer.start()
    won: list[Sequence[bool]] = [ours.recv() for ours, _ in pipes]
    for racer in racers:
        racer.join()
    one_winner = sum(1 for results in zip(*won, strict=True) if sum(results) == 1)
    intact = verify_journal(journal).intact
    shutil.rmtree(folder)
    return RaceResult(plans, one_winner, intact, time.monotonic() - began)


def _race(folder: Path, barrier: Barrier, announce: Connection, made_at: datetime, plans: int) -> None:
    journal = SqliteJournal.open(folder / "journal.db", version="proof")
    ledger, won = Ledger(journal.read()), []
    terms = ApprovalTerms(0.0, 10 * plans, {"cpu": "0.9"}, None, f"racer-{os.getpid()}")
    for position in range(plans):
        plan = _plan(made_at, position)
        barrier.wait()
        outcome = approve(journal, ledger, plan, Approval(f"operator-{os.getpid()}", "", "", made_at), terms)
        won.append(isinstance(outcome, Approved))
    announce.send(won)


def _plan(made_at: datetime, position: int) -> Plan:
    group = f"g-{position}"
    payload = payload_for(group, 10, 12, ThresholdMatrix())
    plan = plan_at(made_at)
    return replace(plan, group_id=group, group_name=group, payload=payload, body=payload.canonical_bytes())
