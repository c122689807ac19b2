"""The chaos: a team of engines on one store, first in quiet to be measured, then in trouble, then left to recover."""

from __future__ import annotations

import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

import psycopg

from benchmarks.team_proof.checker import violations
from benchmarks.team_proof.evidence import Evidence, Note, confirmed_in, delivered_in, notes_in, told_in
from benchmarks.team_proof.instances import Instance, Surroundings, World, repeats_of
from benchmarks.team_proof.measures import (
    Spans,
    events_on_their_way,
    observations_on_their_way,
    takeovers_of_operations,
    takeovers_of_polling,
)
from benchmarks.team_proof.network import Network
from benchmarks.team_proof.processes import ROOT, Keeper, environment
from benchmarks.team_proof.record import keep_record, record_of
from benchmarks.team_proof.server import ProofServer
from benchmarks.team_proof.trouble import Kind, Trouble
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.postgres.journal import PostgresJournal

STORE: Final = "team"
UNRELIABLE: Final = 0.25
POLLS_MEASURED: Final = 8
CHECKED_EVERY_S: Final = 60.0
RECOVERS_WITHIN_S: Final = 420.0
BEGINS_WITHIN_S: Final = 180.0
ENDS_WITHIN_S: Final = 60.0


@dataclass(frozen=True, slots=True)
class Plan:
    """How much chaos is wanted. `breach_every_s` is how often a group turns critical."""

    minutes: float
    instances: int
    poll_every_s: float
    breach_every_s: float
    seed: int


@dataclass(frozen=True, slots=True)
class Asked:
    """How much Genesys is asked: requests in a minute, and for each poll, of which a busy machine makes fewer."""

    a_minute: float
    a_poll: float


@dataclass
class Survived:
    """What the chaos came to."""

    evidence: Evidence
    troubles: Counter[Kind] = field(default_factory=Counter)
    problems: list[str] = field(default_factory=list)
    lease: Spans = field(default_factory=Spans)
    reading: Spans = field(default_factory=Spans)
    operations: Spans = field(default_factory=Spans)
    observations: Spans = field(default_factory=Spans)
    events: Spans = field(default_factory=Spans)
    alone: Asked = field(default_factory=lambda: Asked(0.0, 0.0))
    together: Asked = field(default_factory=lambda: Asked(0.0, 0.0))
    recovered_s: float = 0.0
    verified: bool = False
    checks: int = 0


class Chaos:
    """One run of it."""

    def __init__(self, keeper: Keeper, server: ProofServer, network: Network, world: World, plan: Plan) -> None:
        self._plan = plan
        self._world = world
        self._server = server
        self._folder = keeper.folder
        self._store = server.new_store(STORE)
        keep_record(self._store)
        around = Surroundings(world.addresses, world.receivers, STORE, keeper.folder, plan.poll_every_s, plan.seed)
        self._instances = [
            Instance(keeper, network.link(), around, number, repeats_of(number, plan.instances))
            for number in range(plan.instances)
        ]
        self._trouble = Trouble(self._instances, server, plan.seed)
        self._problems: list[str] = []
        self._checks = 0

    def run(self) -> Survived:
        """All of it, in its order."""
        alone = self._alone()
        together, since, until = self._together()
        self._in_trouble()
        recovered_s = self._recovering()
        notes, evidence = self._notes(), self._evidence()
        happened = self._trouble.happened
        lease, reading = takeovers_of_polling(notes, happened)
        survived = Survived(
            evidence,
            Counter(each.kind for each in happened),
            lease=lease,
            reading=reading,
            operations=takeovers_of_operations(notes, happened, evidence.events, self._alike),
            observations=observations_on_their_way(notes, since, until),
            events=events_on_their_way(notes, since, until),
            alone=alone,
            together=together,
            recovered_s=recovered_s,
            verified=self._verified(),
            checks=self._checks,
        )
        self._ending()
        found = [str(each) for each in violations(evidence, faults_are_over=True)]
        survived.problems = list(dict.fromkeys([*self._problems, *found]))
        return survived

    def _alike(self, who: str) -> set[str]:
        repeats = {instance.name: instance.repeats for instance in self._instances}
        return {name for name in repeats if repeats[name] is repeats[who]}

    def _notes(self) -> dict[str, list[Note]]:
        return {instance.name: instance.notes() for instance in self._instances}

    def _alone(self) -> Asked:
        """What one instance asks, and nobody else."""
        self._instances[0].start()
        return self._asked()

    def _together(self) -> tuple[Asked, float, float]:
        """The same of all of them; and between which moments they then worked together, with nothing in their way."""
        for instance in self._instances[1:]:
            instance.start()
        self._until(lambda: all(map(_shows_groups, self._notes().values())), BEGINS_WITHIN_S, "not all began to follow")
        asked = self._asked()
        began = time.monotonic()
        self._world.told(f"breaches {self._plan.breach_every_s}")
        for instance in self._instances:
            instance.does("approve")
        self._for(max(self._plan.poll_every_s * POLLS_MEASURED, 20.0), self._watch)
        return asked, began, time.monotonic()

    def _asked(self) -> Asked:
        """From one publication until some polls later, so that no poll is counted in part."""
        first = self._published()
        self._until(lambda: self._published() > first, BEGINS_WITHIN_S, "nobody polls")
        began, before, first = time.monotonic(), self._world.told("requests"), self._published()
        self._until(lambda: self._published() >= first + POLLS_MEASURED, BEGINS_WITHIN_S, "nobody polls on")
        requests, polls = self._world.told("requests") - before, self._published() - first
        return Asked(requests / (time.monotonic() - began) * 60, requests / max(polls, 1))

    def _published(self) -> int:
        return sum(note["what"] == "published" for notes in self._notes().values() for note in notes)

    def _in_trouble(self) -> None:
        self._world.told(f"unreliable {UNRELIABLE}")
        check_at = time.monotonic() + CHECKED_EVERY_S

        def harm() -> None:
            nonlocal check_at
            self._trouble.go_on(making_more=True)
            self._watch()
            if time.monotonic() > check_at:
                self._check()
                check_at = time.monotonic() + CHECKED_EVERY_S

        self._for(self._plan.minutes * 60, harm)

    def _watch(self) -> None:
        """An engine that ended by itself is a problem, and is started again as its user would."""
        for instance in self._instances:
            if instance.broke:
                self._problem(f"the engine of {instance.name} ended by itself in its life {instance.lives}")
                instance.kill()
                instance.start()

    def _check(self) -> None:
        try:
            found = violations(self._evidence(), faults_are_over=False)
        except (JournalUnavailable, psycopg.OperationalError):
            return  # the server is away; the next check sees all that this one would have seen
        self._checks += 1
        for violation in found:
            self._problem(str(violation))

    def _problem(self, sentence: str) -> None:
        if sentence not in self._problems:
            self._problems.append(sentence)
            print(f"  broken: {sentence}", flush=True)

    def _evidence(self) -> Evidence:
        """What each claims first, and the journal last: so whatever was claimed must be in it."""
        notes = self._notes()
        delivered = delivered_in(list(notes_in(self._world.notebook)))
        record = record_of(self._store)
        journal = PostgresJournal.open_for_reading(self._store.url("postgres"))
        try:
            events = tuple(journal.read())
            verified = verify_journal(journal)
        finally:
            journal.close()
        return Evidence(
            events,
            "" if verified.flaw is None else verified.flaw.sentence,
            [each for name in notes for each in confirmed_in(name, notes[name])],
            [each for name in notes for each in told_in(notes[name])],
            delivered,
            record,
        )

    def _recovering(self) -> float:
        """Nothing is in the way any more: seconds until each operation has settled and each screen follows."""
        self._trouble.end()
        if self._server.crashes():
            self._problem(f"{self._server.crashes()} processes of the server crashed by themselves")
        self._world.told("unreliable 0")
        self._world.told("breaches 0")
        for instance in self._instances:
            instance.does("answer")
        began = time.monotonic()
        self._until(self._is_well, RECOVERS_WITHIN_S, "the team did not recover")
        for instance in self._instances:
            last = _last_shown(instance.notes(instance.lives))
            if not _is_well(last):
                self._problem(f"{instance.name} did not come back; the last on its screen was {last}")
        return time.monotonic() - began

    def _is_well(self) -> bool:
        self._watch()
        journal = PostgresJournal.open_for_reading(self._store.url("postgres"))
        try:
            head = journal.head().seq
            settled = not Ledger(journal.read()).open_operations()
        finally:
            journal.close()
        screens = [_last_shown(instance.notes(instance.lives)) for instance in self._instances]
        return settled and all(_is_well(screen) and screen["seq"] >= head for screen in screens)

    def _ending(self) -> None:
        for instance in self._instances:
            if not instance.end(ENDS_WITHIN_S):
                self._problem(f"the engine of {instance.name} did not end within {ENDS_WITHIN_S:.0f} s")

    def _verified(self) -> bool:
        """`audit verify`, as anybody may run it."""
        places = {
            f"NODESCALER_{name}_DIR": str(self._folder / "auditor" / name) for name in ("STATE", "CONFIG", "RUNTIME")
        }
        command = [sys.executable, "-m", "nodescaler_tui", "audit", "verify"]
        told = environment(NODESCALER_STORE_URL=self._store.url("postgres"), **places)
        done = subprocess.run(command, cwd=ROOT, env=told, capture_output=True, text=True, check=False)
        if done.returncode:
            self._problem(f"`audit verify` exits with {done.returncode}: {(done.stdout + done.stderr).strip()}")
        return done.returncode == 0

    def _until(self, holds: Callable[[], bool], within_s: float, otherwise: str) -> None:
        give_up_at = time.monotonic() + within_s
        while not holds():
            if time.monotonic() > give_up_at:
                self._problem(f"{otherwise} within {within_s:.0f} s")
                return
            time.sleep(0.5)

    def _for(self, seconds: float, step: Callable[[], None]) -> None:
        end_at = time.monotonic() + seconds
        while time.monotonic() < end_at:
            step()
            time.sleep(0.05)


def _shows_groups(notes: list[Note]) -> bool:
    return any(note["what"] == "shown" and note["polled_at"] for note in notes)


def _last_shown(notes: list[Note]) -> Note:
    return next((note for note in reversed(notes) if note["what"] == "shown"), {})


def _is_well(shown: Note) -> bool:
    """A screen from which can be worked: somebody polls, and the journal can be written."""
    polled = shown.get("poller") == "you poll" or "@" in shown.get("poller", "")
    return bool(polled and shown.get("writable"))
