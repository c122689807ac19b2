"""Teach the learned voice of the forecast on the traces that ship with the product, and write its weights.

python -m benchmarks.forecast_teaching           # half a minute; writes the two weights_*.py of the forecast

The last five days of every trace, those that `benchmarks.forecast` scores, are never shown to it. Beside the traces it
is shown sums of two of them, upside down or bent, so that it learns how series behave rather than which ones exist.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from benchmarks.forecast_traces import DAY_S, SCORED_DAYS, SHIPPED, Floats, Trace, averaged, read_traces
from nodescaler_tui.decide.forecast.analogs import find_analogs
from nodescaler_tui.decide.forecast.bars import BAR_S, batches
from nodescaler_tui.decide.forecast.batch import Voices
from nodescaler_tui.decide.forecast.features import KNOTS, day_features, in_moves, usual_move
from nodescaler_tui.decide.forecast.hours import HOUR_KNOTS, hour_features, recent_move
from nodescaler_tui.decide.forecast.learned import CREST_QUANTILES, QUANTILES, Network, pack

PACKAGE = Path(__file__).parents[1] / "nodescaler_tui" / "decide" / "forecast"
DAY_BARS: Final = (288, 576, 1152, 2016)
HOUR_BARS: Final = (12, 18, 24)
BAR: Final = int(BAR_S)
CHUNK: Final = 64


@dataclass(frozen=True, slots=True)
class Lesson:
    """Situations of one series: features, values and crests at the knots in usual moves, and how much each counts."""

    sources: frozenset[str]
    features: Floats
    values: Floats
    crests: Floats
    weights: Floats


@dataclass(frozen=True, slots=True)
class Series:
    """What is taught from: a trace, or a sum of two."""

    sources: frozenset[str]
    step_s: int
    values: Floats
    mixed: bool


def taught_from(traces: list[Trace], mixtures: int) -> list[Series]:
    """The part of each trace that is never scored, and mixtures of two of them with the same step."""
    plain = [
        Series(
            frozenset({trace.source}),
            trace.step_s,
            trace.values[: -(SCORED_DAYS * DAY_S // trace.step_s + 60)],
            mixed=False,
        )
        for trace in traces
    ]
    chance = np.random.default_rng(1)
    return plain + [_mixture(plain, chance, number) for number in range(mixtures)]


def _mixture(plain: list[Series], chance: np.random.Generator, number: int) -> Series:
    first = plain[chance.integers(len(plain))]
    others = [one for one in plain if one.step_s == first.step_s and (number % 2 or one.sources == first.sources)]
    second = others[chance.integers(len(others))]
    length = min(len(first.values), len(second.values))
    parts = []
    for one in (first, second):
        start = chance.integers(len(one.values) - length + 1)
        part = one.values[start : start + length]
        parts.append((part - part.mean()) / (np.abs(np.diff(part[::3])).mean() + 0.3 * part.std() + 1e-9))
    values = chance.choice([-1, 1]) * parts[0] + chance.choice([0, 0.3, 0.6, 1]) * chance.choice([-1, 1]) * parts[1]
    spread = values.std() + 1e-9
    bend = chance.integers(3)
    if bend == 1:
        values = np.exp(0.6 * np.clip(values / spread, -4, 4))
    elif bend == 2:
        values = np.arcsinh(1.5 * values / spread)
    return Series(first.sources | second.sources, first.step_s, values, mixed=True)


def day_lessons(series: list[Series], every: int) -> Iterator[Lesson]:
    """With one to seven days of history."""
    for one in series:
        for bars in DAY_BARS:
            step = every * (1 if bars in (DAY_BARS[0], DAY_BARS[-1]) else 3) * (2 if one.mixed else 1)
            moments = np.arange(bars - 1, len(one.values) - 12, step)
            if len(moments) < 50:
                continue
            seen = sliding_window_view(one.values, bars)[moments - bars + 1]
            came = sliding_window_view(one.values, 12)[moments + 1]
            features, base, move = [], seen[:, -1:], []
            for first in range(0, len(seen), CHUNK):
                chunk = seen[first : first + CHUNK]
                moves = usual_move(chunk)
                z = in_moves(chunk, chunk[:, -1:], moves)
                features.append(day_features(z, find_analogs(z)))
                move.append(moves)
            yield _lesson(one, np.concatenate(features), (came - base) / np.concatenate(move), KNOTS, 1)


def hour_lessons(series: list[Series], every: int) -> Iterator[Lesson]:
    """With one or two hours of history, polled once a minute or every five."""
    for one in series:
        a_bar = BAR // one.step_s
        for bars in HOUR_BARS:
            samples = bars * a_bar
            moments = np.arange(samples - 1, len(one.values) - 12 * a_bar, every * a_bar * (2 if one.mixed else 1))
            seen = sliding_window_view(one.values, samples)[moments - samples + 1]
            came = sliding_window_view(one.values, 12 * a_bar)[moments + 1]
            times = np.broadcast_to(np.arange(samples) * float(one.step_s), seen.shape)
            (as_bars,) = batches(times, seen, one.step_s)
            move = recent_move(as_bars)
            features = hour_features(as_bars, move)
            yield _lesson(one, features, (came - as_bars.newest) / move, HOUR_KNOTS, a_bar)


def _lesson(one: Series, features: Floats, came: Floats, knots: Sequence[float], a_bar: int) -> Lesson:
    reach = np.array(knots) * a_bar
    at = np.maximum(np.rint(reach).astype(int) - 1, 0)
    came = np.clip(came, -50, 50)
    values, crests = came[:, at], np.maximum.accumulate(came, axis=1)[:, at]
    weights = np.broadcast_to(1 / (np.abs(values).mean(0) + 1e-6), values.shape) * (reach >= 1)
    return Lesson(one.sources, features, values, crests, weights * (0.5 if one.mixed else 1))


def teach(lessons: list[Lesson], hidden: int, epochs: int) -> Network:
    """A network that minimises the pinball loss of every quantile, every source counting about the same (Adam)."""
    chance = np.random.default_rng(0)
    features = np.concatenate([lesson.features for lesson in lessons])
    mean, deviation = features.mean(0), features.std(0) + 1e-3
    shown = np.clip((features - mean) / deviation, -6, 6).astype(np.float32)
    knots = lessons[0].values.shape[1]
    levels = np.concatenate([np.tile(QUANTILES, knots), np.tile(CREST_QUANTILES, knots)]).astype(np.float32)
    wanted, weights = _wanted(lessons, levels)
    sizes = [shown.shape[1], hidden, hidden, len(levels)]
    layers = [
        (chance.normal(0, rows**-0.5, (rows, columns)) * (columns != len(levels)), np.zeros(columns))
        for rows, columns in pairwise(sizes)
    ]
    state = _Adam([array.astype(np.float32) for layer in layers for array in layer], epochs * (len(shown) // 256))
    for _ in range(epochs):
        order = chance.permutation(len(shown))
        for first in range(0, len(shown) - 255, 256):
            batch = order[first : first + 256]
            state.step(_gradients(state.arrays, (shown[batch], wanted[batch], weights[batch]), levels, chance))
    arrays = state.arrays
    return Network(mean, deviation, tuple(zip(arrays[::2], arrays[1::2], strict=True)))


def _wanted(lessons: list[Lesson], levels: Floats) -> tuple[Floats, Floats]:
    share = {
        source: sum(len(one.features) for one in lessons if source in one.sources)
        for one in lessons
        for source in one.sources
    }
    values = np.concatenate([lesson.values for lesson in lessons])
    crests = np.concatenate([lesson.crests for lesson in lessons])
    weights = np.concatenate([lesson.weights * max(share[s] for s in lesson.sources) ** -0.5 for lesson in lessons])
    weights = np.minimum(weights, np.quantile(weights, 0.99))
    weights /= weights.mean()
    many = len(CREST_QUANTILES)
    wanted = np.concatenate([np.repeat(values, len(QUANTILES), 1), np.repeat(crests, many, 1)], axis=1)
    both = np.concatenate([np.repeat(weights, len(QUANTILES), 1), np.repeat(weights, many, 1) * 3 / many], axis=1)
    return wanted.astype(np.float32), np.minimum(both * np.where(levels == 0.5, 1, 0.6), 10).astype(np.float32)


def _gradients(
    arrays: list[Floats], batch: tuple[Floats, Floats, Floats], levels: Floats, chance: np.random.Generator
) -> list[Floats]:
    shown, wanted, weights = batch
    w1, b1, w2, b2, w3, b3 = arrays
    keep = [((chance.random((len(shown), len(bias))) > 0.1) / np.float32(0.9)).astype(np.float32) for bias in (b1, b2)]
    one = np.maximum(shown @ w1 + b1, 0) * keep[0]
    two = np.maximum(one @ w2 + b2, 0) * keep[1]
    slope = np.where(wanted > two @ w3 + b3, -levels, 1 - levels) * weights / np.float32(len(shown))
    back_two = (slope @ w3.T) * keep[1] * (two > 0)
    back_one = (back_two @ w2.T) * keep[0] * (one > 0)
    return [shown.T @ back_one, back_one.sum(0), one.T @ back_two, back_two.sum(0), two.T @ slope, slope.sum(0)]


class _Adam:
    """Adam with a learning rate that falls along a cosine, and weights that decay."""

    def __init__(self, arrays: list[Floats], steps: int, rate: float = 2e-3, decay: float = 0.02) -> None:
        self.arrays, self._steps, self._rate, self._decay, self._done = arrays, steps, rate, decay, 0
        self._mean = [np.zeros_like(array) for array in arrays]
        self._square = [np.zeros_like(array) for array in arrays]

    def step(self, gradients: list[Floats]) -> None:
        """One step down."""
        self._done += 1
        rate = self._rate * 0.5 * (1 + np.cos(np.pi * min(1, self._done / self._steps)))
        for number, gradient in enumerate(gradients):
            self._mean[number] = 0.9 * self._mean[number] + 0.1 * gradient
            self._square[number] = 0.999 * self._square[number] + 0.001 * gradient**2
            mean = self._mean[number] / (1 - 0.9**self._done)
            square = self._square[number] / (1 - 0.999**self._done)
            array = self.arrays[number]
            change = mean / (np.sqrt(square) + 1e-8) + (self._decay * array if array.ndim == 2 else 0)
            self.arrays[number] = (array - rate * change).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Lessons:
    """Everything that can be taught, so that voices can be taught from parts of it."""

    hours: tuple[Lesson, ...]
    days: tuple[Lesson, ...]

    @staticmethod
    def of(traces: list[Trace], every: int = 8) -> Lessons:
        """The lessons in these traces."""
        bars = [trace if trace.step_s == BAR else averaged(trace, BAR) for trace in traces]
        return Lessons(
            tuple(hour_lessons(taught_from(traces, 120), every)), tuple(day_lessons(taught_from(bars, 160), every))
        )

    def voices(self, without: str = "") -> Voices:
        """Voices that were taught without the traces of one source."""
        hours, days = ([one for one in part if without not in one.sources] for part in (self.hours, self.days))
        return Voices(teach(hours, hidden=48, epochs=8), teach(days, hidden=64, epochs=10))


def write(name: str, about: str, network: Network) -> None:
    """The network as a module of the package."""
    text, width = pack(network), 110
    lines = "\n".join(f'    "{text[first : first + width]}"' for first in range(0, len(text), width))
    sizes = (len(network.mean), *(len(bias) for _, bias in network.layers))
    head = f'"""{about}; written by `python -m benchmarks.forecast_teaching`."""\n\nSIZES = {sizes}\n'
    source = f"{head}\nPACKED = (\n{lines}\n)\n"
    (PACKAGE / name).write_text(source, encoding="ascii")


def main() -> None:
    """Teach both networks and write them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.parse_args()
    voices = Lessons.of(list(read_traces(SHIPPED))).voices()
    write("weights_hours.py", "What the learned voice knows about the first hours", voices.hours)
    write("weights_days.py", "What the learned voice knows about days", voices.days)


if __name__ == "__main__":
    main()
