"""The engines of the proof as their harness sees them: started, killed, frozen, cut off, and their notebooks read."""

from __future__ import annotations

import signal
import subprocess
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import msgspec

from benchmarks.team_proof.evidence import Note, notes_in
from benchmarks.team_proof.instance import Order
from benchmarks.team_proof.network import Link
from benchmarks.team_proof.processes import ROOT, Keeper, environment
from nodescaler_tui.act.receiver import Repeats

PEOPLE: Final = (
    "ana",
    "ben",
    "cem",
    "dora",
    "eli",
    "fay",
    "gus",
    "hana",
    "ida",
    "jon",
    "kai",
    "lea",
    "mia",
    "nils",
    "ona",
    "pia",
)
"""Who sits at the instances; each has a login of the same name."""

LEAST_FOR_TWO_KINDS: Final = 4
"""With fewer instances all have the same receiver, so that one can take another's operations over."""

THREADS: Final = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}


def repeats_of(number: int, instances: int) -> Repeats:
    """Which kind of receiver the instance with this number sends to."""
    return Repeats.FIRES if instances >= LEAST_FOR_TWO_KINDS and number % 2 else Repeats.DEDUPLICATES


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all instances share."""

    addresses: dict[str, Any]
    receivers: dict[str, str]
    database: str
    folder: Path
    poll_every_s: float
    seed: int


class Instance:
    """One host of the team: an engine that is started again and again on the same files, over the same link."""

    def __init__(self, keeper: Keeper, link: Link, around: Surroundings, number: int, repeats: Repeats) -> None:
        self.name = PEOPLE[number]
        self.link = link
        self.repeats = repeats
        self._keeper = keeper
        self._around = around
        self._number = number
        self._process: subprocess.Popen[Any] | None = None
        self._does = "rest"
        self.lives = 0

    @property
    def is_running(self) -> bool:
        """Whether its process is there, be it stopped."""
        return self._process is not None and self._process.poll() is None

    @property
    def broke(self) -> bool:
        """Whether it ended although nobody ended it."""
        return self._process is not None and self._process.poll() is not None

    def notebook(self, life: int) -> Path:
        """Where the engine of that life notes what it knows."""
        return self._around.folder / f"{self.name}-{life}.notes"

    def notes(self, life: int | None = None) -> list[Note]:
        """What was noted in one life, or in all of them, each with the life's number."""
        lives = range(1, self.lives + 1) if life is None else (life,)
        return [{**note, "life": each} for each in lives for note in notes_in(self.notebook(each))]

    def start(self) -> None:
        """A new engine; its operator goes on as before."""
        self.lives += 1
        around = self._around
        order = Order(
            addresses=around.addresses,
            receiver=around.receivers[self.repeats.value],
            repeats=self.repeats.value,
            store=f"postgresql://{self.name}@127.0.0.1:{self.link.port}/{around.database}?sslmode=disable&gssencmode=disable",
            folder=str(around.folder / self.name),
            notebook=str(self.notebook(self.lives)),
            operator=self.name,
            poll_every_s=around.poll_every_s,
            seed=around.seed * 1000 + self._number * 100 + self.lives,
        )
        with (around.folder / f"{self.name}.log").open("a") as log:
            self._process = self._keeper.start(
                [sys.executable, "-m", "benchmarks.team_proof.instance", msgspec.json.encode(order).decode()],
                cwd=ROOT,
                env=environment(**THREADS),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                text=True,
            )
        self.told(self._does)

    def does(self, what: str) -> None:
        """What its operator does from now on, also in later lives."""
        self._does = what
        if self.is_running:
            self.told(what)

    def told(self, line: str) -> None:
        """One line; an engine that is stopped reads it once it wakes, and one that has just ended never does."""
        assert self._process is not None
        assert self._process.stdin is not None
        with suppress(BrokenPipeError):
            self._process.stdin.write(f"{line}\n")
            self._process.stdin.flush()

    def kill(self) -> None:
        """SIGKILL."""
        process, self._process = self._process, None
        if process is not None:
            self._keeper.kill(process)

    def freeze(self) -> None:
        """SIGSTOP."""
        assert self._process is not None
        self._process.send_signal(signal.SIGSTOP)

    def wake(self) -> None:
        """SIGCONT."""
        assert self._process is not None
        self._process.send_signal(signal.SIGCONT)

    def end(self, within_s: float) -> bool:
        """In order, as a user leaves; whether it did so in time."""
        process, self._process = self._process, None
        if process is None or process.stdin is None:
            return True
        process.stdin.close()
        try:
            process.wait(within_s)
        except subprocess.TimeoutExpired:
            self._keeper.kill(process)
            return False
        self._keeper.ended(process)
        return True


class World:
    """The simulation's process."""

    def __init__(self, keeper: Keeper, groups: int, seed: int) -> None:
        self._keeper = keeper
        self.notebook = keeper.folder / f"receivers-{groups}.notes"
        self._process = keeper.start(
            [sys.executable, "-m", "benchmarks.team_proof.world", str(groups), str(seed), str(self.notebook)],
            cwd=ROOT,
            env=environment(),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        said = self._answer()
        self.addresses: dict[str, Any] = said["addresses"]
        self.receivers: dict[str, str] = said["receivers"]

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        answer: dict[str, Any] = msgspec.json.decode(self._process.stdout.readline())
        return answer

    def told(self, line: str) -> int:
        """Do this; how many requests have reached Genesys by now."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()
        return int(self._answer()["requests"])

    def close(self) -> None:
        """End it."""
        self._keeper.kill(self._process)
