"""The outlook of a node group: what the next hour may bring, as screens and plans read it. Needs no numpy.

Forecasts are made of load (utilization times nodes in service, or sessions as they are), because load does not change
when nodes are added. Dividing by a node count gives utilization: by the current count what will come, by a proposed
one what would come if the plan were approved.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from nodescaler_tui.decide.forecast.climbs import Climbs, SimilarHours
from nodescaler_tui.decide.signals import SignalName

HORIZONS_S: Final = (900, 1800, 3600)
"""Breach probabilities are given for 15, 30 and 60 minutes."""

STEP_S: Final = 300
LIKELY: Final = 0.5
POSSIBLE: Final = 0.25


@dataclass(frozen=True, slots=True)
class NotEnoughHistory:
    """Nothing is forecast yet: how much history there is and how much is needed, in seconds."""

    known_s: float
    needed_s: float


class Likelihood(StrEnum):
    """A breach in a word: likely from 50 %, possible from 25 %."""

    LIKELY = "likely"
    POSSIBLE = "possible"


@dataclass(frozen=True, slots=True)
class TimeToBreach:
    """When a threshold is crossed, in seconds from now: the middle half of the crossings within the hour."""

    earliest_s: int
    latest_s: int
    likelihood: Likelihood


@dataclass(frozen=True, slots=True)
class Crossing:
    """One threshold: P(crossing) within 15, 30 and 60 minutes, when, and how many of the analogs crossed it.

    `expected_s` is the median time of the crossings within the hour; None while no crossing is more likely.
    """

    threshold: float
    within: tuple[float, float, float]
    when: TimeToBreach | None
    crossed: int
    analogs: int
    expected_s: int | None = None


@dataclass(frozen=True, slots=True)
class SignalForecast:
    """The next hour of one signal in load units, each step five minutes later than the one before.

    `climbs` can be asked for any threshold later without a new forecast; `evidence` are at most twenty similar hours,
    none with less than a day of history. Both stay those of the whole load when it is divided among `nodes`. On
    `fell_on_days` of `known_days` the load fell within the hour after this time of day.
    """

    signal: SignalName
    now: float
    point: tuple[float, ...]
    lower: tuple[float, ...]
    upper: tuple[float, ...]
    climbs: Climbs
    evidence: SimilarHours
    history_s: float
    fell_on_days: int = 0
    known_days: int = 0
    nodes: int = 1

    def divided(self, nodes: int) -> SignalForecast:
        """The same forecast for each of so many nodes. Raises ValueError without nodes."""
        if nodes <= 0:
            raise ValueError("a load can only be shared by at least one node")

        def share(values: tuple[float, ...]) -> tuple[float, ...]:
            return tuple([value / nodes for value in values])

        return replace(
            self,
            now=self.now / nodes,
            point=share(self.point),
            lower=share(self.lower),
            upper=share(self.upper),
            nodes=self.nodes * nodes,
        )

    def similar_hours(self) -> Iterator[tuple[int, tuple[float, ...]]]:
        """How many seconds ago each similar hour was and what came next in it, for each node; the nearest first."""
        return ((ago_s, tuple(step / self.nodes for step in path)) for ago_s, path in self.evidence)

    def crossing(self, threshold: float) -> Crossing:
        """How likely and when this threshold is crossed, from what is stored: thresholds can change at any time."""
        by_step = self._by_step(threshold)
        within = tuple(by_step[min(len(by_step), horizon // STEP_S) - 1] for horizon in HORIZONS_S)
        crossed = self.evidence.crossed(threshold * self.nodes)
        when = _when(by_step)
        expected_s = _expected(by_step)
        return Crossing(threshold, (within[0], within[1], within[2]), when, crossed, len(self.evidence), expected_s)

    def chance(self, threshold: float, within_s: float) -> float:
        """P(crossing this threshold within so many seconds); no more is known beyond the hour than at its end."""
        by_step = [0.0, *self._by_step(threshold)]
        step = min(max(within_s, 0.0) / STEP_S, len(by_step) - 1.0)
        before = int(step)
        after = min(before + 1, len(by_step) - 1)
        return by_step[before] + (by_step[after] - by_step[before]) * (step - before)

    def _by_step(self, threshold: float) -> list[float]:
        """P(crossing by each step), which never falls."""
        return self.climbs.by_step(threshold * self.nodes)


@dataclass(frozen=True, slots=True)
class GroupForecast:
    """All signals of one group in load units; a signal without enough history says so."""

    group_id: str
    signals: tuple[tuple[SignalName, SignalForecast | NotEnoughHistory], ...]

    def signal(self, name: SignalName) -> SignalForecast | NotEnoughHistory | None:
        """One signal; None when it is switched off."""
        return dict(self.signals).get(name)

    def utilization(self, name: SignalName, nodes: int) -> SignalForecast | NotEnoughHistory | None:
        """One signal for each node, with the current or a proposed number of nodes; sessions for each node."""
        forecast = self.signal(name)
        return forecast.divided(nodes) if isinstance(forecast, SignalForecast) else forecast


def _when(by_step: list[float]) -> TimeToBreach | None:
    """The middle half of the crossings within the hour; None when a crossing is not even possible."""
    if not by_step or by_step[-1] < POSSIBLE:
        return None
    likelihood = Likelihood.LIKELY if by_step[-1] >= LIKELY else Likelihood.POSSIBLE
    earliest_s, latest_s = (round(_reached(by_step, share * by_step[-1])) for share in (0.25, 0.75))
    return TimeToBreach(earliest_s, latest_s, likelihood)


def _expected(by_step: list[float]) -> int | None:
    """Half of the crossings come earlier, half later; None unless one is more likely than none."""
    return round(_reached(by_step, by_step[-1] / 2)) if by_step and by_step[-1] >= LIKELY else None


def _reached(by_step: list[float], p: float) -> float:
    """When a probability that is reached at the last step is first reached, by straight lines between the steps."""
    before = 0.0
    for step, after in enumerate(by_step):
        if after >= p:
            return (step + (p - before) / (after - before)) * STEP_S if after > before else step * float(STEP_S)
        before = after
    return len(by_step) * float(STEP_S)
