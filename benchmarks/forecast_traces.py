"""Traces of real systems: reading them, and cutting them into what a forecaster would have seen and what then came."""

from __future__ import annotations

import gzip
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

Floats = npt.NDArray[np.floating]
Moments = npt.NDArray[np.signedinteger]
Flags = npt.NDArray[np.bool_]

SHIPPED: Final = Path(__file__).parent / "traces"
DAY_S: Final = 86_400
HORIZON_S: Final = 3600
SCORED_DAYS: Final = 5


@dataclass(frozen=True, slots=True)
class Trace:
    """One metric of one system at a constant step; `source` is the collection it came from."""

    name: str
    source: str
    step_s: int
    values: Floats


@dataclass(frozen=True, slots=True)
class Window:
    """How much history a forecaster sees: samples of `step_s` each, and over how many last days it is scored."""

    name: str
    step_s: int
    samples: int
    scored_days: int


WINDOWS: Final = (Window("2h", 60, 120, 2), Window("24h", 300, 288, 5), Window("7d", 300, 2016, 5))


@dataclass(frozen=True, slots=True)
class Cut:
    """A trace cut at many moments: `seen` (moments, samples) ends there, `came` (moments, steps) is the hour after."""

    trace: Trace
    window: Window
    moments: Moments
    seen: Floats
    came: Floats

    @property
    def times_s(self) -> Floats:
        """When each sample of `seen` was taken."""
        back = np.arange(1 - self.seen.shape[1], 1)
        return np.asarray((self.moments[:, None] + back) * float(self.window.step_s))


def read_traces(folder: Path) -> Iterator[Trace]:
    """Every `.csv` or `.csv.gz` of a folder: `# key=value` lines, a line `value`, then one number a line."""
    for path in sorted([*folder.glob("*.csv"), *folder.glob("*.csv.gz")]):
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        about, values = {}, []
        for line in text.decode("utf-8").splitlines():
            if line.startswith("#"):
                key, _, value = line[1:].strip().partition("=")
                about[key] = value
            elif line and line != "value":
                values.append(float(line))
        yield Trace(about["name"], about["source"], int(about["step_s"]), np.array(values))


def averaged(trace: Trace, step_s: int) -> Trace:
    """The same trace with a coarser step, each sample the mean of those it covers."""
    of = step_s // trace.step_s
    whole = len(trace.values) // of * of
    values = trace.values[len(trace.values) - whole :].reshape(-1, of).mean(1)
    return Trace(trace.name, trace.source, step_s, values)


def cut(trace: Trace, window: Window, every: int) -> Cut | None:
    """The last days of a trace, cut at every so-manyth sample; None when it is too short or too coarse."""
    if window.step_s != trace.step_s:
        if window.name == "2h":
            return None
        trace = averaged(trace, window.step_s)
    day, ahead, samples = DAY_S // window.step_s, HORIZON_S // window.step_s, window.samples
    scored = window.scored_days * day
    if window.name != "2h":
        scored = min(scored, len(trace.values) - 4 * day - ahead)
        if scored < day:
            scored = len(trace.values) - day - ahead
            if window.name == "7d" or scored < day:
                return None
        if window.name == "7d":
            samples = min(samples, len(trace.values) - scored - ahead)
    first = max(len(trace.values) - ahead - scored, samples - 1)
    moments = np.arange(len(trace.values) - ahead - scored, len(trace.values) - ahead, every)
    moments = moments[moments >= first]
    seen = sliding_window_view(trace.values, samples)[moments - samples + 1]
    return Cut(
        trace, window, moments, np.ascontiguousarray(seen), sliding_window_view(trace.values, ahead)[moments + 1]
    )
