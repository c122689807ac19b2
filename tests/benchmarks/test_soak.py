"""The soak: an engine's own parts take in each simulated poll, and growth is told from the last day alone."""

from __future__ import annotations

import argparse
import asyncio
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.history import Fleet
from benchmarks.soak import Look, Soaked, observations, soak, soaked_figures


def options(**changed: float) -> argparse.Namespace:
    return argparse.Namespace(**{"groups": 3, "days": 0.5, "every": 300.0, "minutes": 5.0, **changed})


def test_it_looks_four_times_a_simulated_day(tmp_path: Path) -> None:
    looks, took = asyncio.run(soak(tmp_path, options()))
    assert [look.day for look in looks] == [0.25, 0.5]
    assert len(took) == 144
    assert 0 < looks[0].disk_mb <= looks[1].disk_mb


def test_it_stops_when_its_time_is_up(tmp_path: Path) -> None:
    looks, _ = asyncio.run(soak(tmp_path, options(minutes=0.0)))
    assert [look.day for look in looks] == [0.25]


def test_groups_are_forecast_on_the_way(tmp_path: Path) -> None:
    async def played() -> Soaked:
        soaked = Soaked(tmp_path, 300.0)
        for observation in observations(Fleet(2, 300.0), 0.25):
            await soaked.poll(observation)
        soaked.close()
        return soaked

    soaked = asyncio.run(played())
    outlook = soaked.mind.outlooks.of("group-0001", soaked.now)
    assert outlook is not None
    assert soaked.now - outlook.made_at <= timedelta(minutes=5)


@pytest.mark.parametrize(("last_mb", "flat"), [(104.0, True), (106.0, False)])
def test_memory_is_flat_when_the_last_day_adds_little(last_mb: float, flat: bool) -> None:
    looks = [Look(1.0, 50.0, 1.0), Look(2.0, 100.0, 2.0), Look(3.0, last_mb, 3.0)]
    assert soaked_figures(looks, [1.0, 2.0])[0].met is flat
