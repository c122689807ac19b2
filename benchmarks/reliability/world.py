"""The simulated world: time, processes that can be killed or frozen between any two steps, and one seed for all of it.

A process has several strands, as the engine has threads: each runs until it reaches a point at which something else
could happen, and the scheduler decides by the seed what does.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from greenlet import GreenletExit, getcurrent, greenlet

EPOCH: Final = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
LONGEST_TICK_S: Final = 0.06
KILL: Final = 0.012
FREEZE: Final = 0.012
CLOCK_JUMP: Final = 0.008
LONG_OUTAGE: Final = 0.0008
OUTAGE_S: Final = 25 * 3600.0


class Killed(GreenletExit):
    """SIGKILL: nothing of the process runs any more, not even what stands in `finally` of production code."""


@dataclass(eq=False)
class Strand:
    """One thread of a process: where it stands, and when it wants to go on (monotonic seconds)."""

    process: Process
    run: greenlet
    wake_at: float = 0.0
    waits_for_lock: bool = False


@dataclass(eq=False)
class Process:
    """An engine process: its strands live and die together."""

    name: str
    strands: list[Strand] = field(default_factory=list)
    alive: bool = True
    frozen_until: float = 0.0


@dataclass
class Flight:
    """Something that happens by itself at its time, whoever is alive then."""

    at: float
    happen: Callable[[], None]


class World:
    """Time and processes. `now_s` is the monotonic clock of the machine; `offset_s` is what makes it a wall clock."""

    def __init__(self, seed: int) -> None:
        self._hub = getcurrent()
        self.random = random.Random(seed)
        self.now_s = 0.0
        self.offset_s = 0.0
        self.steps = self.kills = self.freezes = self.jumps = 0
        self.chaos = True
        self.processes: list[Process] = []
        self.flights: list[Flight] = []
        self.locked_by: Process | None = None
        self.trace: list[str] = []
        self.tracing = False

    def wall(self) -> datetime:
        """The wall clock, which jumps."""
        return EPOCH + timedelta(seconds=self.now_s + self.offset_s)

    def monotonic(self) -> float:
        """The monotonic clock, which does not."""
        return self.now_s

    def note(self, what: str) -> None:
        """A line of the trace."""
        if self.tracing:
            self.trace.append(f"{self.now_s:10.2f}  {what}")

    def start(self, process: Process, body: Callable[[], None]) -> Strand:
        """Begin a strand of this process."""
        strand = Strand(process, greenlet(body, parent=self._hub))
        process.strands.append(strand)
        return strand

    def point(self, seconds: float = 0.0) -> None:
        """A point at which anything else may happen; the strand goes on after so many seconds at the earliest."""
        strand = self._running
        strand.wake_at = self.now_s + seconds
        self._hub.switch()

    def wait_for_lock(self) -> None:
        """Stand in the one queue of all writers."""
        strand = self._running
        while self.locked_by is not None:
            strand.waits_for_lock = True
            self.point()
        strand.waits_for_lock = False
        self.locked_by = strand.process

    def run(self, enough: Callable[[], bool], most_steps: int) -> bool:
        """Let the world go on until it is enough; False when it never was."""
        for _ in range(most_steps):
            if enough():
                return True
            self._happen()
            runnable = self._runnable()
            if not runnable:
                if not self._sleep_until_something():
                    return enough()
                continue
            strand = self.random.choice(runnable)
            if not (self.chaos and self._disturbed(strand.process)):
                self._switch_to(strand)
            self.now_s += self.random.random() * LONGEST_TICK_S * (self.random.random() < 0.3)
        return enough()

    def kill(self, process: Process) -> None:
        """End a process at the points where its strands stand."""
        self.note(f"{process.name} is killed")
        self.kills += 1
        process.alive = False
        for strand in process.strands:
            strand.run.throw(Killed)
        if self.locked_by is process:
            self.locked_by = None

    def _switch_to(self, strand: Strand) -> None:
        self.steps += 1
        self._running = strand
        strand.run.switch()
        if strand.run.dead:
            strand.process.strands.remove(strand)

    def _runnable(self) -> list[Strand]:
        return [
            strand
            for process in self.processes
            if process.alive and process.frozen_until <= self.now_s
            for strand in process.strands
            if strand.wake_at <= self.now_s and not (strand.waits_for_lock and self.locked_by is not None)
        ]

    def _happen(self) -> None:
        due = [flight for flight in self.flights if flight.at <= self.now_s]
        if due:
            self.flights = [flight for flight in self.flights if flight.at > self.now_s]
            for flight in sorted(due, key=lambda flight: flight.at):
                flight.happen()

    def _sleep_until_something(self) -> bool:
        times = [flight.at for flight in self.flights]
        for process in self.processes:
            if process.alive:
                times += [max(strand.wake_at, process.frozen_until) for strand in process.strands]
        later = [at for at in times if at > self.now_s]
        if not later:
            return False
        self.now_s = min(later)
        return True

    def _disturbed(self, process: Process) -> bool:
        """Kill it, freeze it, let the clock jump, or let a whole day pass with nobody there."""
        chance = self.random.random()
        if chance < KILL:
            self.kill(process)
            return True
        if chance < KILL + FREEZE:
            self.freezes += 1
            process.frozen_until = self.now_s + self.random.choice((1.0, 6.0, 20.0, 70.0))
            self.note(f"{process.name} is frozen until {process.frozen_until:.1f}")
            return True
        if chance < KILL + FREEZE + CLOCK_JUMP:
            self.jumps += 1
            self.offset_s += self.random.choice((-3600.0, -30.0, 30.0, 3600.0))
            self.note(f"the clock jumps to {self.wall():%H:%M:%S}")
        elif chance < KILL + FREEZE + CLOCK_JUMP + LONG_OUTAGE:
            for each in [each for each in self.processes if each.alive]:
                self.kill(each)
            self.now_s += OUTAGE_S
            return True
        return False
