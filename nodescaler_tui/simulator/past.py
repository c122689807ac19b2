"""The past: what the fleet would have measured before it began, from the same load curves and with the same noise.

Told as Prometheus answers a range query, so that whoever keeps a history imports it like that of any other program.
Nothing but the load ever changed in it: the nodes that are in service at the beginning always were.
"""

from __future__ import annotations

import math
import random
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from nodescaler_tui.simulator.clock import WallClock
from nodescaler_tui.simulator.fleet import DRAINING_CALLS, Group
from nodescaler_tui.simulator.load import DAY_S

METRICS: Final = ("cpu", "cpu_worst", "memory", "memory_worst", "sessions", "sessions_per_node", "nodes")
LEAST_STEP_S: Final = 10.0
MOST_VALUES: Final = 500_000
SAMPLES_A_BAR: Final = 3

Values = tuple[float, ...]
"""One value for each of `METRICS`; utilizations are fractions."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """From how many days ago until how many, in bars of how many seconds: all by the wall clock."""

    days: float = 8.0
    until_days: float = 0.0
    step_s: float = 300.0

    def __post_init__(self) -> None:
        if not 0 <= self.until_days < self.days < math.inf or not LEAST_STEP_S <= self.step_s < math.inf:
            raise ValueError(f"days must be more than until, and step {LEAST_STEP_S:g} seconds or more")

    @property
    def bars(self) -> float:
        """About how many bars that are."""
        return (self.days - self.until_days) * DAY_S / self.step_s

    @staticmethod
    def of(query: Mapping[str, str]) -> Wanted:
        """What a query asks for; what it leaves open is as above. Raises ValueError."""
        names = {"days": "days", "until": "until_days", "step": "step_s"}
        return Wanted(**{field: float(query[name]) for name, field in names.items() if name in query})


@dataclass(frozen=True, slots=True)
class _Bar:
    """One bar: its middle by the wall clock (Unix time), and between which simulated moments it lies."""

    at_s: float
    begins_s: float
    ends_s: float


class Past:
    """The past of these groups; made before the fleet begins, because afterwards its nodes come and go."""

    def __init__(self, groups: Iterable[Group], seed: int) -> None:
        self._groups = [_PastGroup.of(group, seed) for group in groups]

    def told(self, wanted: Wanted, wall: WallClock) -> dict[str, Any]:
        """A range query's answer: bars that end where the wall clock's do, the last one with the beginning.

        A bar stands at its middle. A simulated moment is as long ago as the wall clock has it, at every speed: what was
        measured and what comes are one curve, of which more passes in each bar when time passes faster. Raises
        ValueError when it would be more than anybody wants to read.
        """
        if wanted.bars * len(self._groups) * len(METRICS) > MOST_VALUES:
            raise ValueError(
                f"a past of more than {MOST_VALUES:,} values is too long to tell: ask for fewer days or longer steps"
            )
        bars = list(_bars(wanted, wall))
        result = [series for group in self._groups for series in group.series(bars)]
        return {"status": "success", "data": {"resultType": "matrix", "result": result}}


def _bars(wanted: Wanted, wall: WallClock) -> Iterator[_Bar]:
    """Newest first: the same seed then gives the newest bars the same noise, however far back the rest reaches."""
    zero_s = wall.at(0.0).timestamp()
    oldest_s = zero_s - wanted.days * DAY_S
    right_s = min(math.ceil((zero_s - wanted.until_days * DAY_S) / wanted.step_s) * wanted.step_s, zero_s)
    while right_s > oldest_s:
        left_s = (math.ceil(right_s / wanted.step_s) - 1) * wanted.step_s
        yield _Bar((left_s + right_s) / 2, (left_s - zero_s) * wall.pace, (right_s - zero_s) * wall.pace)
        right_s = left_s


@dataclass(frozen=True, slots=True)
class _PastGroup:
    """One group as it was when the fleet began."""

    group: Group
    seed: str
    tempers: tuple[float, ...]
    draining: int

    @staticmethod
    def of(group: Group, seed: int) -> _PastGroup:
        working = tuple(node.temper for node in group.nodes if node.weight(0.0))
        return _PastGroup(group, f"past of {seed} {group.id}", working, sum(node.draining for node in group.nodes))

    def series(self, bars: list[_Bar]) -> Iterator[dict[str, Any]]:
        """One series for each metric, oldest first."""
        source = random.Random(self.seed)
        columns = zip(*(self._mean(bar, source) for bar in bars), strict=True)
        for metric, column in zip(METRICS, columns, strict=True):
            labels = {"__name__": metric, "group": self.group.id, "name": self.group.name}
            values = [[bar.at_s, f"{value:.5g}"] for bar, value in zip(bars, column, strict=True)]
            yield {"metric": labels, "values": values[::-1]}

    def _mean(self, bar: _Bar, source: random.Random) -> Values:
        """A few samples, evenly spread over the bar."""
        apart_s = (bar.ends_s - bar.begins_s) / SAMPLES_A_BAR
        samples = [self._sample(bar.begins_s + (at + 0.5) * apart_s, source) for at in range(SAMPLES_A_BAR)]
        return tuple(sum(column) / SAMPLES_A_BAR for column in zip(*samples, strict=True))

    def _sample(self, at_s: float, source: random.Random) -> Values:
        """What the group would have reported at this moment; a node reports whole percent."""
        offered, nodes = self.group.offered(at_s, source), len(self.tempers)
        share = offered / nodes
        cpus = self.group.cpus(share, self.tempers, source)
        memory = self.group.memory(share, leak=0.0)
        sessions = round(offered) + self.draining * DRAINING_CALLS
        return (sum(cpus) / nodes, round(max(cpus), 2), memory, memory, sessions, sessions / nodes, nodes)
