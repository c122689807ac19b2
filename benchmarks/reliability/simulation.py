"""Many schedules: how many ran, what happened in them, and which seeds broke a promise."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from multiprocessing import get_context

from benchmarks.reliability.defects import DEFECTS
from benchmarks.reliability.schedule import Outcome, play

MOST_UNTIL_CAUGHT = 2000
CHUNK = 250
CHUNKS_PER_PROCESS = 20
"""A killed strand is never resumed, so it stays in memory; a fresh process every 5,000 schedules gives it back."""


@dataclass
class Totals:
    """What many schedules came to."""

    schedules: int = 0
    steps: int = 0
    kills: int = 0
    operations: int = 0
    deliveries: int = 0
    effects: int = 0
    seconds: float = 0.0
    violations: list[tuple[int, tuple[str, ...]]] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """One more."""
        self.schedules += 1
        self.steps += outcome.steps
        self.kills += outcome.kills
        self.operations += outcome.operations
        self.deliveries += outcome.deliveries
        self.effects += outcome.effects
        if outcome.problems:
            self.violations.append((outcome.seed, outcome.problems))


def simulated(first: int, schedules: int, workers: int = 1) -> Totals:
    """Run so many schedules from this seed on, side by side where there are workers."""
    began, totals = time.monotonic(), Totals()
    for outcome in _outcomes(range(first, first + schedules), workers):
        totals.add(outcome)
    totals.seconds = time.monotonic() - began
    return totals


def _outcomes(seeds: Iterable[int], workers: int) -> Iterator[Outcome]:
    if workers < 2:
        yield from map(play, seeds)
        return
    with get_context("fork").Pool(workers, maxtasksperchild=CHUNKS_PER_PROCESS) as pool:
        yield from pool.imap(play, seeds, chunksize=CHUNK)


@dataclass(frozen=True)
class Caught:
    """After how many schedules a defect was noticed, and by what; None when it never was."""

    defect: str
    schedules: int | None
    problem: str


def caught(name: str, most: int = MOST_UNTIL_CAUGHT) -> Caught:
    """Put one defect into the production code, and look for the first schedule that notices."""
    with DEFECTS[name]():
        for seed in range(most):
            problems = play(seed).problems
            if problems:
                return Caught(name, seed + 1, problems[0])
    return Caught(name, None, "")
