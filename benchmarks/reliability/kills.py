"""Real kills: a real child on a real journal over real HTTP, killed anywhere, and then one that has to clean up."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.request import Request, urlopen

from benchmarks.reliability.child import ASKS, SETTLED, run
from benchmarks.reliability.counting_provider import book_of
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.events import EventKind
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.sqlite import SqliteJournal

KINDS: Final = ("deduplicates", "absolute", "fires")
WRITING: Final = ("pwrite64", "write", "fsync", "fdatasync", "ftruncate", "unlink", "sendto", "sendmsg")
LONGEST_LIFE_S: Final = 0.06
LONGEST_RECOVERY_S: Final = 60.0


@dataclass(frozen=True)
class Trial:
    """One folder, one kind of receiver, and how it is disturbed."""

    name: str
    kind: str
    flaky: float
    seed: int

    def __str__(self) -> str:
        return f"{self.name}, {self.kind}, flaky {self.flaky}, seed {self.seed}"


@dataclass(frozen=True)
class Result:
    """What a trial came to; `settled` is False when a person is asked."""

    trial: Trial
    deliveries: int
    effects: int
    settled: bool
    approved: bool
    problems: tuple[str, ...]


class Stage:
    """A folder and a provider's book for one trial."""

    def __init__(self, address: str, trial: Trial) -> None:
        self._address = address
        self._trial = trial
        self._name = f"{trial.name.replace(' ', '-')}-{trial.seed}-{trial.kind}"
        self.folder = Path(tempfile.mkdtemp(prefix="proof-"))
        (self.folder / "created_at").write_text(str(time.time()))
        book = {"kind": trial.kind, "flaky": trial.flaky, "seed": trial.seed}
        request = Request(f"{address}/{self._name}", data=json.dumps(book).encode(), method="PUT")  # noqa: S310
        urlopen(request, timeout=5).close()  # noqa: S310 - on loopback
        SqliteJournal.open(self.folder / "journal.db", version="proof")

    @property
    def arguments(self) -> tuple[Path, str, str]:
        """What the child is told."""
        return self.folder, f"{self._address}/{self._name}", self._trial.kind

    def fork(self) -> int:
        """A child that runs now; its process id."""
        child = os.fork()
        if child:
            return child
        signal.alarm(int(LONGEST_RECOVERY_S))
        try:
            os._exit(run(*self.arguments))
        except BaseException as error:  # noqa: BLE001 - a forked child may not return into the parent's code
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
            os._exit(70)

    def recover(self) -> int:
        """Let another child clean up; its exit code."""
        return os.waitstatus_to_exitcode(os.waitpid(self.fork(), 0)[1])

    def result(self, code: int) -> Result:
        """What is true now, and remove the folder."""
        book = book_of(self._address, self._name)
        journal = SqliteJournal.open(self.folder / "journal.db", version="proof")
        problems = tuple(_problems(self._trial, journal, book["deliveries"], code))
        effects = sum(1 for delivery in book["deliveries"] if delivery["added"])
        approved = any(event.kind is EventKind.PLAN_APPROVED for event in journal.read())
        shutil.rmtree(self.folder)
        return Result(self._trial, len(book["deliveries"]), effects, code == SETTLED, approved, problems)


def _problems(trial: Trial, journal: SqliteJournal, deliveries: list[dict[str, object]], code: int) -> Iterator[str]:
    events = journal.read()
    if not verify_journal(journal).intact:
        yield "the chain does not verify"
    if code not in {SETTLED, ASKS} or (code == ASKS and trial.kind != "fires"):
        yield f"the recovery ended with {code}"
    ledger, effects = Ledger(events), sum(1 for delivery in deliveries if delivery["added"])
    if ledger.problem:
        yield ledger.problem
    for operation in ledger.operations():
        recorded = [event for event in operation.events if event.kind is EventKind.AUDIT_RECORDED]
        if code == SETTLED and (operation.open or len(recorded) != 1):
            yield f"the operation is {operation.phase.value} with {len(recorded)} audit records"
        if operation.phase.value == "VERIFIED" and effects != 1:
            yield f"verified with {effects} effects"
    if effects > 1 or (code == SETTLED and trial.kind != "fires" and effects != 1):
        yield f"{effects} effects"
    intents = {event.fields["attempt"] for event in events if event.kind is EventKind.OPERATION_SENDING}
    sent = Counter(delivery["attempt"] for delivery in deliveries)
    if set(sent) - intents or any(count > 1 for count in sent.values()):
        yield f"deliveries {dict(sent)} for the intents {sorted(map(str, intents))}"
    if len({(delivery["key"], delivery["body"]) for delivery in deliveries}) > 1:
        yield "a repeat had another key or other bytes"


def killed_at_random(address: str, trial: Trial) -> Result:
    """SIGKILL at a random moment of the child's life."""
    stage, chance = Stage(address, trial), random.Random(trial.seed)
    child = stage.fork()
    time.sleep(chance.random() * LONGEST_LIFE_S)
    _end(child)
    return stage.result(stage.recover())


def killed_again_and_again(address: str, trial: Trial) -> Result:
    """Several children, each killed, before one may clean up."""
    stage, chance = Stage(address, trial), random.Random(trial.seed)
    for _ in range(3):
        child = stage.fork()
        time.sleep(chance.random() * LONGEST_LIFE_S)
        _end(child)
    return stage.result(stage.recover())


def killed_beside_another(address: str, trial: Trial) -> Result:
    """Two instances approve the same plan; one of them is killed."""
    stage, chance = Stage(address, trial), random.Random(trial.seed)
    first, second = stage.fork(), stage.fork()
    time.sleep(chance.random() * LONGEST_LIFE_S)
    _end(chance.choice((first, second)))
    for child in (first, second):
        _end_of(child)
    return stage.result(stage.recover())


def stopped_and_continued(address: str, trial: Trial) -> Result:
    """SIGSTOP at a random moment, a second instance meanwhile, then SIGCONT."""
    stage, chance = Stage(address, trial), random.Random(trial.seed)
    first = stage.fork()
    time.sleep(chance.random() * LONGEST_LIFE_S)
    os.kill(first, signal.SIGSTOP)
    second = stage.fork()
    time.sleep(chance.random() * 1.5)
    os.kill(first, signal.SIGCONT)
    for child in (first, second):
        _end_of(child)
    return stage.result(stage.recover())


HOW: Final = (killed_at_random, killed_again_and_again, killed_beside_another, stopped_and_continued)


def at_random(address: str, seeds: range) -> Iterator[Result]:
    """One trial for each seed, all ways and kinds in turn."""
    for seed in seeds:
        how = HOW[seed % len(HOW)]
        flaky = (0.0, 0.5)[seed // len(HOW) % 2]
        kind = KINDS[seed // (2 * len(HOW)) % len(KINDS)]
        yield how(address, Trial(how.__name__.replace("_", " "), kind, flaky, seed))


def at_every_system_call(address: str, kind: str, flaky: float, most: int) -> Iterator[Result]:
    """SIGKILL on entry of each writing system call that a whole run makes; strace delivers it."""
    trial = Trial("counted", kind, flaky, 0)
    for name, calls in _calls(address, trial).items():
        for number in range(1, min(calls, most) + 1):
            stage = Stage(address, Trial(f"{name} {number}", kind, flaky, 0))
            _traced(stage, "-e", f"inject={name}:signal=SIGKILL:when={number}")
            yield stage.result(stage.recover())


def _calls(address: str, trial: Trial) -> Counter[str]:
    stage = Stage(address, trial)
    log = _traced(stage)
    shutil.rmtree(stage.folder)
    return Counter(re.findall(r"^(?:\[pid +\d+\] |\d+ +)?(\w+)\(", log, re.MULTILINE))


def _traced(stage: Stage, *options: str) -> str:
    child = [sys.executable, "-m", "benchmarks.reliability.child", *map(str, stage.arguments)]
    command = ["strace", "-f", "-e", f"trace={','.join(WRITING)}", *options, *child]
    return subprocess.run(command, capture_output=True, text=True, check=False, timeout=LONGEST_RECOVERY_S).stderr


def _end(child: int) -> None:
    try:
        os.kill(child, signal.SIGKILL)
    except ProcessLookupError:
        return
    _end_of(child)


def _end_of(child: int) -> None:
    try:
        os.waitpid(child, 0)
    except ChildProcessError:
        return
