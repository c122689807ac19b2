"""What is kept of a forecast for later questions: how high the load may climb, and the hours that began like this one.

An engine keeps these of thousands of series, so they are blocks of numbers and not an object for each number. Asking
them needs no numpy.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True, slots=True)
class Climbs:
    """How high the load may climb by each step: for each a table of rising values, and P(reached) of each value.

    The tables of all steps stand one after another with `entries` in each; both tails are cut.
    """

    entries: int
    values: array[float]
    reached: array[float]

    @classmethod
    def to_any_value(cls, odds: Iterable[float]) -> Climbs:
        """Whatever the threshold is, it is reached by each step with these odds."""
        reached = array("d", odds)
        return cls(1, array("d", [math.inf]) * len(reached), reached)

    @classmethod
    def of(cls, tables: Sequence[tuple[Sequence[float], Sequence[float]]]) -> Climbs:
        """From a (values, P(reached)) for each step, all of the same length."""
        values = array("d", (value for table, _ in tables for value in table))
        return cls(len(values) // max(len(tables), 1), values, array("d", (p for _, table in tables for p in table)))

    def by_step(self, threshold: float) -> list[float]:
        """P(reaching the threshold by each step), which never falls."""
        return list(accumulate((self._p(first, threshold) for first in range(0, len(self.values), self.entries)), max))

    def _p(self, first: int, threshold: float) -> float:
        """From the table that begins at `first`: between its entries by a straight line."""
        at = bisect_left(self.values, threshold, first, first + self.entries)
        if at == first:
            return self.reached[first]
        if at == first + self.entries:
            return 0.0
        low, high, above, below = self.values[at - 1], self.values[at], self.reached[at - 1], self.reached[at]
        return above + (below - above) * ((threshold - low) / (high - low))


@dataclass(frozen=True, slots=True)
class SimilarHours:
    """Past hours that began like this one, the nearest first: how long ago each was, and the load that came next.

    `paths` holds the same number of steps for each hour, one hour after another; `peaks` is the highest of each hour,
    rising, whichever hour it is of.
    """

    ago_s: array[int]
    paths: array[float]
    peaks: array[float]

    @classmethod
    def of(cls, hours: Sequence[tuple[int, Sequence[float]]]) -> SimilarHours:
        """From (how many seconds ago, what came next) of each hour."""
        ago_s, paths = array("q", (ago for ago, _ in hours)), array("d", (step for _, path in hours for step in path))
        return cls(ago_s, paths, array("d", sorted(max(path) for _, path in hours)))

    def __len__(self) -> int:
        return len(self.ago_s)

    def __iter__(self) -> Iterator[tuple[int, Sequence[float]]]:
        """How long ago and what came next, hour by hour."""
        steps = len(self.paths) // max(len(self), 1)
        return ((ago, self.paths[hour * steps : (hour + 1) * steps]) for hour, ago in enumerate(self.ago_s))

    def crossed(self, threshold: float) -> int:
        """How many of them reached the threshold."""
        return len(self.peaks) - bisect_left(self.peaks, threshold)
