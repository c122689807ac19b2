"""The simulation: fleet, Genesys, provider, status page and control behind one address on loopback."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from types import TracebackType
from typing import Any, Final, Self

from nodescaler_tui.simulator import shapes
from nodescaler_tui.simulator.faults import ALL_FAULTS, Faults
from nodescaler_tui.simulator.fleet import Fleet
from nodescaler_tui.simulator.genesys import Genesys
from nodescaler_tui.simulator.http import Answer, Request, Server, json_answer
from nodescaler_tui.simulator.load import Surge
from nodescaler_tui.simulator.provider import SCALE, Provider
from nodescaler_tui.simulator.queues import DeclaredQueue
from nodescaler_tui.simulator.scenarios import SCENARIOS, Scenario, build_groups

TICK_S: Final = 0.25
CLIENT: Final = ("simulated-client", "simulated-secret")
DECLARED_GROUP: Final = "mgmt-media-prod-01"
DECLARED_NODES: Final = 10
FAILING_NODES: Final = 3


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where everything is, and with which credentials."""

    gateway: str
    client_id: str
    client_secret: str
    webhook: str
    status_page: str
    control: str
    scenario: str
    seed: int
    edge_group_id: str
    queue_id: str
    node_group_id: str
    current_nodes: int


class Simulation:
    """Runs in the loop that enters it. Time passes at `speed` times the real one."""

    def __init__(self, scenario: str = "surge", *, seed: int = 1, speed: float = 1.0, port: int = 0) -> None:
        self.scenario: Scenario = SCENARIOS[scenario]
        self._seed = seed
        self._speed = speed
        self._port = port
        self.faults = Faults()
        for fault in self.scenario.faults:
            self.faults.switch_on(fault)
        self.fleet = Fleet(build_groups(self.scenario, seed), seed)
        queue_id = str(uuid.UUID(int=seed + 1, version=4))
        self.queue = DeclaredQueue(queue_id, DECLARED_GROUP, DECLARED_NODES, DECLARED_NODES, self.scenario.queue_surges)
        self.genesys = Genesys(
            self.fleet,
            self.queue,
            self.faults,
            client=CLIENT,
            limit=self.scenario.requests_per_minute,
            pace=speed,
        )
        self.provider = Provider(self.fleet, self.queue, self.faults, boot_s=self.scenario.boot_s)
        self._server = Server(self._answer)
        self._clock: asyncio.Task[None] | None = None
        self._failed = False

    async def __aenter__(self) -> Self:
        self._port = await self._server.start(self._port)
        self._clock = asyncio.create_task(self._let_time_pass())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._clock is not None:
            self._clock.cancel()
        await self._server.stop()

    @property
    def addresses(self) -> Addresses:
        """Where to find it."""
        base = f"http://127.0.0.1:{self._port}"
        return Addresses(
            gateway=base,
            client_id=CLIENT[0],
            client_secret=CLIENT[1],
            webhook=f"{base}{SCALE}",
            status_page=f"{base}/status",
            control=f"{base}/control",
            scenario=self.scenario.name,
            seed=self._seed,
            edge_group_id=next(iter(self.fleet.groups)),
            queue_id=self.queue.queue_id,
            node_group_id=DECLARED_GROUP,
            current_nodes=DECLARED_NODES,
        )

    async def _let_time_pass(self) -> None:
        """Advance by real elapsed time, so that a busy machine makes steps larger and not time slower."""
        last = time.monotonic()
        while True:
            await asyncio.sleep(TICK_S)
            now = time.monotonic()
            self.advance((now - last) * self._speed)
            last = now

    def advance(self, seconds: float) -> None:
        """Let simulated time pass, with whatever the scenario has in store."""
        self.fleet.advance(seconds)
        if not self._failed and self.fleet.now_s >= self.scenario.fails_at_s:
            self._failed = True
            for node in next(iter(self.fleet.groups.values())).nodes[:FAILING_NODES]:
                node.failed = True
            self.fleet.version += 1

    async def _answer(self, request: Request) -> Answer:
        if request.path.startswith("/provider/"):
            return await self.provider.answer(request)
        if request.path.startswith("/control/"):
            return self._control(request)
        if request.path == "/status/api/v2/summary.json":
            return json_answer(200, status_page())
        return await self.genesys.answer(request)

    def _control(self, request: Request) -> Answer:
        match request.method, request.path:
            case "GET", "/control/faults":
                return json_answer(200, {"on": self.faults.names(), "all": dict(ALL_FAULTS)})
            case "GET", "/control/state":
                return json_answer(200, self._state())
            case "DELETE", path if path.startswith("/control/faults"):
                self.faults.switch_off(path.removeprefix("/control/faults").strip("/"))
                return Answer(204)
        try:
            return self._command(request)
        except (ValueError, KeyError, TypeError) as error:
            return json_answer(400, {"error": str(error)})

    def _command(self, request: Request) -> Answer:
        command: dict[str, Any] = request.json()
        match request.method, request.path:
            case "POST", "/control/faults":
                self.faults.switch_on(command)
            case "POST", "/control/surge":
                self._surge(str(command["group"]), float(command["factor"]))
            case "POST", "/control/advance":
                self.advance(float(command["seconds"]))
            case _:
                return json_answer(404, {"error": "not found"})
        return Answer(204)

    def _surge(self, group_id: str, factor: float) -> None:
        group = self.fleet.groups[group_id]
        surge = Surge(self.fleet.now_s, 20, 600, factor)
        group.load = type(group.load)(group.load.sessions, group.load.daily_share, (*group.load.surges, surge))

    def _state(self) -> dict[str, Any]:
        return {
            "now_s": self.fleet.now_s,
            "deliveries": [
                {"key": delivery.key, "effect": delivery.effect, "body": delivery.body.decode(errors="replace")}
                for delivery in self.provider.deliveries
            ],
            "groups": {
                group.id: {"name": group.name, "nodes": len(group.nodes)} for group in self.fleet.groups.values()
            },
            "requests": dict(self.genesys.seen),
        }


def status_page() -> dict[str, Any]:
    """The vendor's status page on a good day."""
    now = shapes.iso(datetime.now(UTC))
    return {
        "page": {"id": "page", "name": "Genesys Cloud", "url": "https://status.mypurecloud.com", "updated_at": now},
        "status": {"indicator": "none", "description": "All Systems Operational"},
        "components": [
            {"id": "eu", "name": "EMEA (Dublin)", "status": "operational", "updated_at": now, "group_id": None}
        ],
        "incidents": [],
        "scheduled_maintenances": [],
    }


@contextmanager
def running_simulation(scenario: str = "surge", *, seed: int = 1, speed: float = 1.0) -> Iterator[Simulation]:
    """The simulation in a thread with a loop of its own, for callers that block."""
    simulation = Simulation(scenario, seed=seed, speed=speed)
    ready, stop = threading.Event(), asyncio.Event()
    loop = asyncio.new_event_loop()

    async def serve() -> None:
        async with simulation:
            ready.set()
            await stop.wait()

    thread = threading.Thread(target=loop.run_until_complete, args=(serve(),), daemon=True)
    thread.start()
    ready.wait(10)
    try:
        yield simulation
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join(10)
        loop.close()


def described(addresses: Addresses) -> dict[str, Any]:
    """The addresses as the command prints them."""
    return asdict(addresses)
