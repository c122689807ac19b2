"""The learned voice: what usually came next on other systems that looked like this.

A small network (two layers of rectifiers) that was taught once, on public traces, by `benchmarks.forecast_teaching`.
It says quantiles of the value and of the highest value so far, a few times ahead. Its weights are whole numbers of
eight bits with one scale for each column, so that they fit into the source.
"""

from __future__ import annotations

import base64
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from nodescaler_tui.decide.forecast.bars import Floats

QUANTILES: Final = np.array([0.05, 0.5, 0.95])
"""What is said about the value: a band of 90 % and the middle."""

CREST_QUANTILES: Final = np.array([0.05, 0.15, 0.3, 0.5, 0.7, 0.85, 0.95])
"""What is said about the highest value up to a time; a breach is read off between them."""

_ROWS_IN_ONE_THREAD: Final = 32
"""OpenBLAS spreads a product of more than 262,144 multiplications over all cores, where its threads wait for each other
by spinning: on two cores of which one is busy that takes three times as long as one thread."""

_CLIP: Final = 6.0
_EIGHT_BITS: Final = 127


@dataclass(frozen=True, slots=True)
class Network:
    """The layers as (weights, bias), and mean and deviation of each feature."""

    mean: Floats
    deviation: Floats
    layers: tuple[tuple[Floats, Floats], ...]

    def answer(self, features: Floats) -> Floats:
        """The last layer's numbers, (series, outputs)."""
        rows = range(0, len(features), _ROWS_IN_ONE_THREAD)
        return np.concatenate([self._answer(features[row : row + _ROWS_IN_ONE_THREAD]) for row in rows])

    def _answer(self, features: Floats) -> Floats:
        signal = np.clip((features - self.mean) / self.deviation, -_CLIP, _CLIP)
        for weights, bias in self.layers[:-1]:
            signal = np.maximum(signal @ weights + bias, 0)
        weights, bias = self.layers[-1]
        return np.asarray(signal @ weights + bias)


@dataclass(frozen=True, slots=True)
class Opinion:
    """Quantiles in usual moves: `value` (series, knots, 3) and `crest` (series, knots, 7), each rising."""

    value: Floats
    crest: Floats


def opinion(network: Network, features: Floats, knots: int) -> Opinion:
    """What the network thinks, put in order: quantiles rise, and a highest value so far never falls."""
    answer = network.answer(features)
    of_value = knots * len(QUANTILES)
    value = np.sort(answer[:, :of_value].reshape(len(answer), knots, -1), axis=2)
    crest = np.sort(answer[:, of_value:].reshape(len(answer), knots, -1), axis=2)
    return Opinion(value, np.maximum.accumulate(crest, axis=1))


def pack(network: Network) -> str:
    """The network as text, for the source file that holds it."""
    arrays = [network.mean, network.deviation]
    stream = b""
    for weights, bias in network.layers:
        scale = np.maximum(np.abs(weights).max(0), 1e-9) / _EIGHT_BITS
        arrays += [scale, bias]
        stream += np.rint(weights / scale).astype(np.int8).tobytes()
    stream += np.concatenate(arrays).astype("<f4").tobytes()
    return base64.b85encode(zlib.compress(stream, 9)).decode("ascii")


def unpack(text: str, sizes: Sequence[int]) -> Network:
    """The network from its text; `sizes` are the numbers of features, of each hidden layer and of outputs."""
    stream = zlib.decompress(base64.b85decode(text))
    shapes = list(pairwise(sizes))
    cut = sum(rows * columns for rows, columns in shapes)
    whole = np.frombuffer(stream[:cut], np.int8).astype(np.float32)
    exact = iter(np.split(np.frombuffer(stream[cut:], "<f4"), _ends(sizes)))
    mean, deviation = next(exact), next(exact)
    layers, at = [], 0
    for rows, columns in shapes:
        weights = whole[at : at + rows * columns].reshape(rows, columns) * next(exact)
        layers.append((weights, next(exact)))
        at += rows * columns
    return Network(mean, deviation, tuple(layers))


def _ends(sizes: Sequence[int]) -> list[int]:
    counts = [sizes[0], sizes[0], *(size for size in sizes[1:] for _ in range(2))]
    return [sum(counts[: number + 1]) for number in range(len(counts) - 1)]
