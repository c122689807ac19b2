"""Histories of load for the tests: a working day that repeats, with noise from a fixed seed."""

from __future__ import annotations

import numpy as np

from nodescaler_tui.decide.forecast.bars import Floats

DAY = 288


def times(samples: int, step_s: float = 300.0) -> Floats:
    return np.arange(samples) * step_s


def daily(samples: int, *, noise: float = 0.02, seed: int = 0) -> Floats:
    at = np.arange(samples) / DAY * 2 * np.pi
    return np.asarray(0.5 + 0.3 * np.sin(at) + np.random.default_rng(seed).normal(0, noise, samples))
