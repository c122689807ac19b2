"""The parts of the proof: each runs and gives one row of its table, with everything that broke a promise."""

from __future__ import annotations

import shutil
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.power_cuts import tried
from benchmarks.reliability.counting_provider import counting_provider
from benchmarks.reliability.defects import DEFECTS
from benchmarks.reliability.faults import (
    FAULTS,
    outcome_of_fault,
    outcome_of_no_listener,
    outcome_of_plain_port_with_tls,
)
from benchmarks.reliability.kills import KINDS, Result, at_every_system_call, at_random
from benchmarks.reliability.race import raced
from benchmarks.reliability.simulation import caught, simulated
from nodescaler_tui.act.outcome import NotProcessed


@dataclass(frozen=True)
class Row:
    """One part: how many cases ran, what happened in them, and what went wrong."""

    part: str
    cases: int
    happened: str
    problems: tuple[str, ...]
    seconds: float

    def __str__(self) -> str:
        wrong = len(self.problems)
        return f"| {self.part} | {self.cases:,} | {self.happened} | {wrong} | {self.seconds:.0f} s |"


HEADER = "| part | cases | what happened in them | violations | time |\n| --- | ---: | --- | ---: | ---: |"


def simulation(first: int, schedules: int, workers: int) -> Row:
    """The production code in a simulated world."""
    totals = simulated(first, schedules, workers)
    happened = (
        f"seeds from {first}: {totals.steps:,} steps, {totals.kills:,} kills, {totals.operations:,} approved, "
        f"{totals.deliveries:,} deliveries, {totals.effects:,} effects"
    )
    problems = tuple(f"seed {seed}: {'; '.join(found)}" for seed, found in totals.violations)
    return Row("simulated schedules", totals.schedules, happened, problems, totals.seconds)


def defects() -> Row:
    """Seeded defects; one that is not noticed is a violation."""
    began, found = time.monotonic(), [caught(name) for name in DEFECTS]
    slowest = max(each.schedules or 0 for each in found)
    problems = tuple(f"{each.defect} was not noticed" for each in found if each.schedules is None)
    happened = f"each noticed within {slowest:,} schedules"
    return Row("seeded defects", len(found), happened, problems, time.monotonic() - began)


def random_kills(first: int, count: int) -> Row:
    """A real child on a real journal over real HTTP, killed or stopped at random."""
    with counting_provider() as address:
        return _killed("kills at random times", at_random(address, range(first, first + count)))


def kills_at_system_calls(most: int) -> Row:
    """The same, on entry of each writing system call."""
    if shutil.which("strace") is None:
        return Row("kills at writing system calls", 0, "", ("strace is not installed",), 0.0)
    with counting_provider() as address:
        results = (
            result
            for kind in KINDS
            for flaky in (0.0, 0.5)
            for result in at_every_system_call(address, kind, flaky, most)
        )
        return _killed("kills at writing system calls", results)


def _killed(part: str, results: Iterable[Result]) -> Row:
    began, count, deliveries, effects, problems = time.monotonic(), 0, 0, 0, list[str]()
    asks: Counter[str] = Counter()
    for result in results:
        count += 1
        deliveries += result.deliveries
        effects += result.effects
        asks[result.trial.kind] += not result.settled
        problems += [f"{result.trial}: {problem}" for problem in result.problems]
    happened = f"{deliveries:,} deliveries, {effects:,} effects, {asks['fires']} left to an operator"
    return Row(part, count, happened, tuple(problems), time.monotonic() - began)


def power_cuts(states: int) -> Row:
    """States that a power cut could have left, opened by the production code."""
    result = tried(states)
    lost = sum("lost" in problem for problem in result.problems)
    happened = f"{lost} with confirmed events lost, {len(result.problems) - lost} corrupt"
    return Row("power cuts", states, happened, result.problems, result.seconds)


def race(plans: int) -> Row:
    """Two instances approve the same plan."""
    result = raced(plans)
    problems = [] if result.one_winner == plans else [f"{plans - result.one_winner} plans had not one winner"]
    problems += [] if result.intact else ["the chain does not verify"]
    happened = f"{result.one_winner:,} with exactly one winner"
    return Row("plans approved twice at once", plans, happened, tuple(problems), result.seconds)


def faults() -> Row:
    """Faults of receiver and network through the production sender."""
    began = time.monotonic()
    problems = [
        f"{name} was taken for {outcome}"
        for name, (behaviour, expected) in FAULTS.items()
        if not isinstance(outcome := outcome_of_fault(behaviour), expected)
    ]
    problems += [
        f"{name} was taken for {outcome}"
        for name, outcome in (
            ("no listener", outcome_of_no_listener()),
            ("TLS to a plain port", outcome_of_plain_port_with_tls()),
        )
        if not isinstance(outcome, NotProcessed)
    ]
    happened = "each taken for the one outcome that is right"
    return Row("faults of receiver and network", len(FAULTS) + 2, happened, tuple(problems), time.monotonic() - began)
