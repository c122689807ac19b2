"""Trouble: one seed decides which instance is killed, frozen or cut off, for how long, and when the server suffers.

Each trouble is written down with its beginning and its end, so that what is measured can leave out what something else
explains. The same seed gives the same plan; what it meets is decided by the machine.
"""

from __future__ import annotations

import heapq
import itertools
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from benchmarks.team_proof.instances import Instance
from benchmarks.team_proof.network import Cut
from benchmarks.team_proof.server import ProofServer


class Kind(StrEnum):
    """What can happen."""

    KILLED = "SIGKILL, started again"
    FROZEN = "SIGSTOP, SIGCONT"
    BROKEN = "connection cut at a message"
    BROKEN_IN_BYTES = "connection cut within a message"
    REFUSED = "network cut"
    SWALLOWED = "network silent"
    CLOCK = "clock of an instance ±1 h"
    CRASHED = "server stop -m immediate"
    SERVER_CLOCK = "clock of the server ±1 h"


SILENCES: Final = frozenset({Kind.KILLED, Kind.FROZEN, Kind.REFUSED, Kind.SWALLOWED})
"""After these an instance can say nothing to the server any more, from one moment on."""

_WEIGHTS: Final = {
    Kind.KILLED: 24,
    Kind.FROZEN: 22,
    Kind.BROKEN: 22,
    Kind.BROKEN_IN_BYTES: 8,
    Kind.REFUSED: 8,
    Kind.SWALLOWED: 12,
    Kind.CLOCK: 8,
}
SERVER_EVERY_S: Final = 75.0
PACE_S: Final = 30.0
"""So that about a fifth of the instances are in trouble at any time, however many there are."""

HOUR_S: Final = 3600
FARTHEST_MESSAGE, FARTHEST_BYTE = 40, 4000


@dataclass
class Happened:
    """One trouble; `who` is empty for the server, `life` is the instance's at that time."""

    kind: Kind
    who: str
    life: int
    began: float
    ends: float
    ended: float = float("inf")


@dataclass(order=True)
class _Due:
    at: float
    number: int
    undo: Callable[[], None] = field(compare=False)
    happened: Happened = field(compare=False)


class Trouble:
    """Makes it, and unmakes each when its time has come. `happened` keeps all of it."""

    def __init__(self, instances: list[Instance], server: ProofServer, seed: int) -> None:
        self._instances = instances
        self._server = server
        self._chance = random.Random(f"trouble {seed}")
        self._due: list[_Due] = []
        self._numbers = itertools.count()
        self._next_at = 0.0
        self._server_at = time.monotonic() + SERVER_EVERY_S * 0.5
        self._server_kinds = [Kind.CRASHED, Kind.SERVER_CLOCK] if server.clock.is_there else [Kind.CRASHED]
        self.happened: list[Happened] = []

    @property
    def _suffering(self) -> set[str]:
        return {due.happened.who for due in self._due}

    def go_on(self, *, making_more: bool) -> None:
        """What is due now."""
        now = time.monotonic()
        while self._due and self._due[0].at <= now:
            self._undo(heapq.heappop(self._due))
        if making_more and now >= self._server_at:
            self._server_at = now + SERVER_EVERY_S * self._chance.uniform(0.6, 1.4)
            self._harm_server()
        if making_more and now >= self._next_at:
            pace = PACE_S / len(self._instances)
            self._next_at = now + pace * self._chance.uniform(0.5, 1.5)
            self._harm_somebody()

    def end(self) -> None:
        """Unmake all of it at once."""
        while self._due:
            self._undo(heapq.heappop(self._due))

    def _undo(self, due: _Due) -> None:
        due.undo()
        due.happened.ended = time.monotonic()

    def _happens(self, kind: Kind, who: Instance | None, lasts_s: float, undo: Callable[[], None]) -> None:
        now = time.monotonic()
        happened = Happened(kind, who.name if who else "", who.lives if who else 0, now, now + lasts_s)
        self.happened.append(happened)
        heapq.heappush(self._due, _Due(now + lasts_s, next(self._numbers), undo, happened))

    def _harm_somebody(self) -> None:
        well = [each for each in self._instances if each.name not in self._suffering]
        if len(well) < 2:
            return
        victim = self._victim(well)
        kind = self._chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))[0]
        lasts_s = self._chance.choice((0.5, 2.0, 4.5, 6.0, 9.0, 14.0)) * self._chance.uniform(0.8, 1.2)
        undo = getattr(self, f"_{kind.name.lower()}")(victim)
        self._happens(kind, victim, lasts_s, undo)

    def _victim(self, well: list[Instance]) -> Instance:
        """Rather who polls, or who carries an operation, than one of whom nobody expects anything."""
        chance = self._chance.random()
        last = {
            each.name: ([note for note in each.notes(each.lives) if note["what"] == "shown"] or [{}])[-1]
            for each in well
        }
        polling = [each for each in well if last[each.name].get("poller") == "you poll"]
        carrying = [each for each in well if last[each.name].get("carries")]
        if polling and chance < 0.35:
            return polling[0]
        return self._chance.choice(carrying if carrying and chance < 0.75 else well)

    def _killed(self, victim: Instance) -> Callable[[], None]:
        victim.kill()
        return victim.start

    def _frozen(self, victim: Instance) -> Callable[[], None]:
        victim.freeze()
        return victim.wake

    def _broken(self, victim: Instance, *, by_bytes: bool = False) -> Callable[[], None]:
        chance = self._chance
        number = chance.randint(1, FARTHEST_BYTE if by_bytes else FARTHEST_MESSAGE)
        cut = Cut(chance.random() < 0.5, by_bytes, number, chance.random() < 0.5)
        victim.link.cut_at(cut, and_stay_cut=chance.random() < 0.3)
        return victim.link.mend

    def _broken_in_bytes(self, victim: Instance) -> Callable[[], None]:
        return self._broken(victim, by_bytes=True)

    def _refused(self, victim: Instance) -> Callable[[], None]:
        victim.link.refuse()
        return victim.link.mend

    def _swallowed(self, victim: Instance) -> Callable[[], None]:
        victim.link.swallow()
        return victim.link.mend

    def _clock(self, victim: Instance) -> Callable[[], None]:
        victim.told(f"clock {self._chance.choice((-HOUR_S, HOUR_S))}")
        return lambda: victim.told("clock 0")

    def _harm_server(self) -> None:
        if "" in self._suffering:
            return
        kind = self._chance.choice(self._server_kinds)
        if kind is Kind.CRASHED:
            self._server.crash()
            self._happens(kind, None, self._chance.choice((0.0, 1.0, 4.0, 8.0)), self._server.start)
        else:
            self._server.clock.set(self._chance.choice((-HOUR_S, HOUR_S)))
            self._happens(kind, None, self._chance.uniform(5.0, 20.0), lambda: self._server.clock.set(0))
