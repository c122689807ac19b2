"""Running simulations, and callers that speak to them over real HTTP."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import httpx
import pytest

from nodescaler_tui.simulator.clock import Clock
from nodescaler_tui.simulator.simulation import Simulation, running_simulation

Scale = Callable[..., httpx.Response]
Run = Callable[..., Simulation]
Call = Callable[[Simulation], httpx.Client]


def token(simulation: Simulation) -> str:
    """A fresh token."""
    addresses = simulation.addresses
    answer = httpx.post(
        f"{addresses.gateway}/oauth/token",
        data={"grant_type": "client_credentials"},
        auth=(addresses.client_id, addresses.client_secret),
        trust_env=False,
    )
    return str(answer.raise_for_status().json()["access_token"])


@pytest.fixture
def run() -> Iterator[Run]:
    """Starts simulations that end with the test."""
    with ExitStack() as stack:
        yield lambda scenario="surge", **options: stack.enter_context(running_simulation(scenario, **options))


@pytest.fixture
def call() -> Iterator[Call]:
    """Gives a caller with a token for a simulation."""
    with ExitStack() as stack:

        def caller(simulation: Simulation) -> httpx.Client:
            client = httpx.Client(
                base_url=simulation.addresses.gateway,
                headers={"Authorization": f"Bearer {token(simulation)}"},
                trust_env=False,
                timeout=5,
            )
            return stack.enter_context(client)

        yield caller


@pytest.fixture
def simulation(run: Run) -> Simulation:
    """The demo's scenario, in which no time passes but what the test lets pass."""
    return run("surge", seed=7, clock=Clock(monotonic=lambda: 0.0))


@pytest.fixture
def api(simulation: Simulation, call: Call) -> httpx.Client:
    """A caller with a token for it."""
    return call(simulation)


@pytest.fixture
def scale(simulation: Simulation) -> Iterator[Scale]:
    """Asks the provider for nodes; further fields replace those of the body."""
    with httpx.Client(trust_env=False, timeout=5) as client:

        def ask(requested: int = 12, *, key: str = "", group: str = "", **fields: object) -> httpx.Response:
            body = {
                "node_group_id": group or simulation.subject_id,
                "current_nodes": 10,
                "requested_nodes": requested,
                "cpu_threshold": 0.9,
                "memory_threshold": 0.95,
                "auto_provision": True,
                "load_balancer_reconfigure": True,
                **fields,
            }
            headers = {"Idempotency-Key": key} if key else {}
            return client.post(simulation.addresses.webhook, json=body, headers=headers)

        yield ask
