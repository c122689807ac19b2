"""The simulation as a whole: addresses, time, and its two ways to be run."""

from __future__ import annotations

import asyncio
import threading
import time
from typing import Any

import httpx
import pytest

from nodescaler_tui.simulator.simulation import Simulation, running_simulation


def test_it_runs_in_the_loop_that_enters_it() -> None:
    async def ask() -> int:
        async with Simulation("calm", seed=1) as simulation, httpx.AsyncClient(trust_env=False) as client:
            return (await client.get(f"{simulation.addresses.control}/state")).status_code

    assert asyncio.run(ask()) == 200


def test_it_leaves_no_thread_and_no_listener_behind() -> None:
    before = threading.active_count()
    with running_simulation("calm") as simulation:
        address = f"{simulation.addresses.control}/state"
        assert httpx.get(address, trust_env=False).status_code == 200
    assert threading.active_count() == before
    with pytest.raises(httpx.ConnectError):
        httpx.get(address, trust_env=False)


def test_an_error_inside_passes_through_and_still_ends_it() -> None:
    addresses = []

    def fail() -> None:
        with running_simulation("calm") as simulation:
            addresses.append(simulation.addresses.gateway)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with pytest.raises(httpx.ConnectError):
        httpx.get(addresses[0], trust_env=False)


def test_time_passes_at_its_speed() -> None:
    with running_simulation("calm", speed=50) as simulation:
        begun, before = time.monotonic(), simulation.fleet.now_s
        time.sleep(0.6)
        simulation.advance(0.001)
        passed = time.monotonic() - begun
        assert simulation.fleet.now_s - before == pytest.approx(50 * passed, rel=0.2)


def test_one_long_advance_is_what_many_short_ones_are() -> None:
    at_once, in_steps = Simulation("node-failure", seed=2), Simulation("node-failure", seed=2)
    at_once.advance(60)
    for _ in range(15):
        in_steps.advance(4)
    assert at_once.fleet.groups == in_steps.fleet.groups


def test_several_threads_may_let_time_pass(simulation: Simulation) -> None:
    before = simulation.fleet.now_s

    def advance() -> None:
        for _ in range(50):
            simulation.advance(1)

    threads = [threading.Thread(target=advance) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert 200 <= simulation.fleet.now_s - before <= 210


def test_the_addresses_are_those_of_one_simulation_and_its_declared_group(simulation: Simulation) -> None:
    addresses = simulation.addresses
    assert addresses.declared_group == {
        "NODE_GROUP_ID": addresses.node_group_id,
        "MEDIA_QUEUE_ID": addresses.queue_id,
        "CURRENT_NODES": str(addresses.current_nodes),
    }
    assert addresses.node_group_id not in simulation.fleet.groups
    assert simulation.fleet.groups[addresses.edge_group_id].name == "media-eu-prod-01"
    assert (addresses.scenario, addresses.seed) == ("surge", 7)


def test_the_same_seed_gives_the_same_identities_and_another_seed_others() -> None:
    one, same, other = (Simulation("surge", seed=seed) for seed in (5, 5, 6))
    assert list(one.fleet.groups) == list(same.fleet.groups)
    assert list(one.queues.by_id) == list(same.queues.by_id)
    assert not set(one.fleet.groups) & set(other.fleet.groups)
    assert not set(one.queues.by_id) & set(other.queues.by_id)


@pytest.mark.parametrize("options", [{"speed": 0}, {"speed": -1}, {"speed": float("inf")}, {"start": 1.5}])
def test_a_speed_or_start_that_makes_no_sense_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="speed must be positive"):
        Simulation("calm", **options)


def test_a_scenario_that_there_is_none_of_is_refused() -> None:
    with pytest.raises(KeyError):
        Simulation("apocalypse")
