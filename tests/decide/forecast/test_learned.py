"""The learned voice survives being packed into source, and its answers are in order."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from nodescaler_tui.decide.forecast.batch import shipped_voices
from nodescaler_tui.decide.forecast.features import KNOTS
from nodescaler_tui.decide.forecast.hours import HOUR_KNOTS
from nodescaler_tui.decide.forecast.learned import Network, opinion, pack, unpack


def network(sizes: tuple[int, ...]) -> Network:
    draw = np.random.default_rng(0)
    layers = tuple(
        (draw.normal(size=shape).astype(np.float32), draw.normal(size=shape[1]).astype(np.float32))
        for shape in pairwise(sizes)
    )
    return Network(np.zeros(sizes[0], np.float32), np.ones(sizes[0], np.float32), layers)


def test_a_packed_network_answers_almost_as_before() -> None:
    sizes = (9, 16, 16, 60)
    before, features = network(sizes), np.random.default_rng(1).normal(size=(50, 9))
    after = unpack(pack(before), sizes)
    assert np.corrcoef(before.answer(features).ravel(), after.answer(features).ravel())[0, 1] > 0.999


def test_quantiles_rise_and_the_highest_so_far_never_falls() -> None:
    found = opinion(network((9, 16, 16, 60)), np.random.default_rng(1).normal(size=(50, 9)), 6)
    assert (np.diff(found.value, axis=2) >= 0).all()
    assert (np.diff(found.crest, axis=2) >= 0).all()
    assert (np.diff(found.crest, axis=1) >= 0).all()


def test_the_shipped_networks_speak_about_their_knots() -> None:
    voices = shipped_voices()
    assert len(voices.days.layers[-1][1]) == 10 * len(KNOTS)
    assert len(voices.hours.layers[-1][1]) == 10 * len(HOUR_KNOTS)
