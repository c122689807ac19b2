"""Races: two to eight processes approve the plan of one group at the same instant, again and again.

Every other race is about one plan with one hash; in the others each has a plan of its own for the same group. A batch
of races has a store of its own, so that what each contender has to remember stays small.
"""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from benchmarks.team_proof.checker import violations
from benchmarks.team_proof.evidence import Evidence, delivered_in, notes_in
from benchmarks.team_proof.instances import PEOPLE
from benchmarks.team_proof.measures import Spans
from benchmarks.team_proof.processes import ROOT, Keeper, environment
from benchmarks.team_proof.server import ProofServer
from nodescaler_tui.clock import utc_now
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.postgres.journal import PostgresJournal

MOST: Final = 8
BATCH: Final = 500
AHEAD_S: Final = 0.012
"""How long a contender has to make its plan before the moment at which all of them approve."""


@dataclass
class Raced:
    """What the races came to."""

    plans: int = 0
    one_winner: int = 0
    losers: int = 0
    told_who: int = 0
    sends: Counter[int] = field(default_factory=Counter)
    apart: Spans = field(default_factory=Spans)
    took: Spans = field(default_factory=Spans)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    def add(self, group: str, answers: Sequence[dict[str, Any]]) -> None:
        """One race."""
        winners = [answer["who"] for answer in answers if answer["won"]]
        self.plans += 1
        self.one_winner += len(winners) == 1
        if len(winners) != 1:
            self.problems.append(f"the plan of {group} had the winners {winners}: {answers}")
        losers = [answer for answer in answers if not answer["won"]]
        told = [answer for answer in losers if any(f"{who} " in f"{answer['sentence']} " for who in winners)]
        self.losers += len(losers)
        self.told_who += len(told)
        if len(told) < len(losers):
            self.problems.append(f"a loser on {group} was not told who was first: {losers}")
        began = [answer["began"] for answer in answers]
        self.apart.seconds.append(max(began) - min(began))
        self.took.seconds += [answer["took"] for answer in answers]


class Contenders:
    """The processes that race."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._processes = [self._start(name) for name in PEOPLE[:MOST]]

    def _start(self, name: str) -> subprocess.Popen[str]:
        return self._keeper.start(
            [sys.executable, "-m", "benchmarks.team_proof.contender", name],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def told(self, *lines: dict[str, Any] | None) -> list[dict[str, Any]]:
        """To each its line, at once; the answers of those that got one."""
        asked = [(process, line) for process, line in zip(self._processes, lines, strict=True) if line is not None]
        for process, line in asked:
            assert process.stdin is not None
            process.stdin.write(f"{json.dumps(line)}\n")
            process.stdin.flush()
        return [_answer(process) for process, _ in asked]

    def close(self) -> None:
        """End them."""
        for process in self._processes:
            self._keeper.kill(process)


def _answer(process: subprocess.Popen[str]) -> dict[str, Any]:
    assert process.stdout is not None
    line = process.stdout.readline()
    if not line:
        raise RuntimeError("A contender has ended; what it said is above.")
    answer: dict[str, Any] = json.loads(line)
    return answer


class Races:
    """Races before one receiver, whose notebook tells what reached it."""

    def __init__(self, keeper: Keeper, server: ProofServer, receiver: str, notebook: Path) -> None:
        self._server = server
        self._receiver = receiver
        self._notebook = notebook
        self._contenders = Contenders(keeper)
        self.result = Raced()

    def run(self, plans: int, seed: int) -> Raced:
        """So many of them."""
        began, chance = time.monotonic(), random.Random(f"races {seed}")
        for batch, first in enumerate(range(0, plans, BATCH)):
            self._batch(f"races_{batch}", range(first, min(first + BATCH, plans)), chance)
        self.result.seconds = time.monotonic() - began
        self._contenders.close()
        return self.result

    def _batch(self, name: str, races: range, chance: random.Random) -> None:
        store = self._server.new_store(name)
        self._contenders.told(*({"store": store.url(who), "receiver": self._receiver} for who in PEOPLE[:MOST]))
        before = sum(1 for _ in notes_in(self._notebook))
        for race in races:
            self._race(race, set(chance.sample(range(MOST), chance.randint(2, MOST))))
        delivered = delivered_in(list(notes_in(self._notebook))[before:])
        journal = PostgresJournal.open_for_reading(store.url("postgres"))
        verified, events = verify_journal(journal), tuple(journal.read())
        journal.close()
        self.result.sends += Counter(Counter(each.operation_id for each in delivered).values())
        flaw = "" if verified.flaw is None else verified.flaw.sentence
        evidence = Evidence(events, flaw, confirmed=(), told=(), delivered=delivered, record=())
        self.result.problems += [str(each) for each in violations(evidence, faults_are_over=False)]
        self._server.server.run(f"DROP DATABASE {name} WITH (FORCE)")

    def _race(self, race: int, racing: set[int]) -> None:
        group = f"group-{race:05d}"
        made_at = utc_now().isoformat() if race % 2 else ""
        line = {"group": group, "made_at": made_at, "at": time.monotonic() + AHEAD_S}
        self.result.add(group, self._contenders.told(*(line if each in racing else None for each in range(MOST))))
