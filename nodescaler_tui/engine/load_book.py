"""The load book: the load of every node group over the last eight days, in bars of five minutes.

Load is utilization times nodes in service, or sessions as they are, so that nodes which come or go leave no step in
it. A bar is the mean of the polls within it; where nothing was measured there is none.
"""

from __future__ import annotations

import threading
from array import array
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, TypeAlias

from nodescaler_tui.decide.forecast.outlook import STEP_S
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.record.history.figures import Figure, Figures

MOST_BARS: Final = 8 * 86_400 // STEP_S
"""A week, and the same hour a week ago."""

_SPARE: Final = 288

FIGURES: Final = (Figure.CPU, Figure.MEMORY, Figure.SESSIONS, Figure.NODES)
"""What loads are made of."""


def loads_of(figures: Figures) -> tuple[float | None, float | None, float | None]:
    """CPU and memory in busy nodes, and sessions: in the order of `SignalName`; None for one that cannot be known."""
    cpu, memory, sessions, nodes = (figures[figure] for figure in FIGURES)
    return (
        None if cpu is None or not nodes else cpu * nodes,
        None if memory is None or not nodes else memory * nodes,
        sessions,
    )


@dataclass(frozen=True, slots=True)
class LoadBars:
    """One signal's bars, oldest first: which five minutes of Unix time each is, and its load.

    `newest_s` is when the newest value in them was read. A bar that is less than half over is not among them; while
    there is no other, it is when that one was read.
    """

    indices: array[int]
    loads: array[float]
    newest_s: float


StoredBars: TypeAlias = "Mapping[SignalName, tuple[array[int], array[float]]]"
"""What an earlier engine measured: for each signal which five minutes, rising, and the load in each."""


class _Series:
    """The bars of one signal of one group; the last one may still be growing."""

    __slots__ = ("count", "indices", "last_s", "loads")

    def __init__(self) -> None:
        self.indices = array("i")
        self.loads = array("f")
        self.count = 0
        self.last_s = 0.0

    def add(self, at_s: float, load: float) -> None:
        """A clock that was set back makes what it overwrites disappear."""
        index = int(at_s // STEP_S)
        while self.indices and self.indices[-1] > index:
            self.indices.pop()
            self.loads.pop()
            self.count = 0
        if self.indices and self.indices[-1] == index and self.count:
            self.count += 1
            self.loads[-1] += (load - self.loads[-1]) / self.count
        elif self.indices and self.indices[-1] == index:
            self.loads[-1], self.count = load, 1
        else:
            self._begin(index, load)
        self.last_s = at_s

    def _begin(self, index: int, load: float) -> None:
        if len(self.indices) >= MOST_BARS + _SPARE:
            del self.indices[:_SPARE], self.loads[:_SPARE]
        self.indices.append(index)
        self.loads.append(load)
        self.count = 1

    def recall(self, indices: array[int], loads: array[float]) -> None:
        """Take in what an earlier engine stored; what was measured here stays, and so does the newest bar."""
        known = set(self.indices)
        newest = self.indices[-1] if self.indices else indices[-1] + 1
        stored = [(at, load) for at, load in zip(indices, loads, strict=True) if at < newest and at not in known]
        merged = sorted([*stored, *zip(self.indices, self.loads, strict=True)])[-MOST_BARS:]
        self.indices = array("i", [at for at, _ in merged])
        self.loads = array("f", [load for _, load in merged])
        if not self.last_s and merged:
            self.last_s = (merged[-1][0] + 1.0) * STEP_S

    def bars(self) -> LoadBars:
        ripe = len(self.indices)
        if ripe and self.last_s < (self.indices[-1] + 0.5) * STEP_S:
            ripe -= 1
        newest_s = min(self.last_s, (self.indices[ripe - 1] + 1.0) * STEP_S) if ripe else self.last_s
        return LoadBars(self.indices[:ripe], self.loads[:ripe], newest_s)


class LoadBook:
    """The bars of all groups; filled and read from any thread."""

    def __init__(self) -> None:
        self._groups: dict[str, dict[SignalName, _Series]] = {}
        self._lock = threading.Lock()

    def add(self, group_id: str, at_s: float, figures: Figures) -> None:
        """Take in one poll of one group."""
        loads = loads_of(figures)
        with self._lock:
            series = self._groups.setdefault(group_id, {})
            for signal, load in zip(SignalName, loads, strict=True):
                if load is not None:
                    series.setdefault(signal, _Series()).add(at_s, load)

    def recall(self, group_id: str, stored: StoredBars) -> None:
        """Take in stored bars; what was measured by this engine stays."""
        with self._lock:
            series = self._groups.setdefault(group_id, {})
            for signal, (indices, loads) in stored.items():
                if indices:
                    series.setdefault(signal, _Series()).recall(indices, loads)

    def of(self, group_id: str) -> Mapping[SignalName, LoadBars]:
        """The bars of one group as they are now; a signal that was never measured is not there."""
        with self._lock:
            return {signal: series.bars() for signal, series in self._groups.get(group_id, {}).items()}
