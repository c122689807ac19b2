"""The simulation: fleet, Genesys, provider, status page and control together, on loopback."""

from __future__ import annotations

import asyncio
import math
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Final, Self

from nodescaler_tui.simulator.access import Access
from nodescaler_tui.simulator.addresses import CLIENT_ID, CLIENT_SECRET, DECLARED_GROUP, DECLARED_NODES, Addresses
from nodescaler_tui.simulator.clock import MACHINE_CLOCK, Clock, WallClock
from nodescaler_tui.simulator.control import CONTROL, PAST, Control
from nodescaler_tui.simulator.faults import Fault, Faults
from nodescaler_tui.simulator.fleet import SAMPLE_EVERY_S, Fleet
from nodescaler_tui.simulator.genesys import Genesys
from nodescaler_tui.simulator.http import Answer, Request, Server, json_answer
from nodescaler_tui.simulator.past import Past
from nodescaler_tui.simulator.provider import SCALE, Provider
from nodescaler_tui.simulator.queues import QueueBook
from nodescaler_tui.simulator.scenarios import SCENARIOS, FaultBurst, Scenario, build_groups
from nodescaler_tui.simulator.status_page import summary

TICK_S: Final = 0.25
MOST_STEPS: Final = 60
STATUS_PAGE: Final = "/status"
START_WITHIN_S: Final = 10.0


class Simulation:
    """Runs in the loop that enters it. Time passes at `speed` times the real one, from the share `start` of the day.

    Raises KeyError for a scenario that there is none of, ValueError for a speed or start that makes no sense.
    """

    def __init__(
        self,
        scenario: str = "surge",
        *,
        seed: int = 1,
        speed: float = 1.0,
        port: int = 0,
        start: float = 0.0,
        clock: Clock = MACHINE_CLOCK,
    ) -> None:
        if not 0 < speed < math.inf or not 0 <= start <= 1:
            raise ValueError("speed must be positive, and start a share of the day from 0 to 1")
        self.scenario: Scenario = SCENARIOS[scenario]
        self.faults = Faults()
        self.fleet = Fleet(build_groups(self.scenario, seed, start), seed)
        self.queues = QueueBook(self.scenario.queues, seed, self.scenario.queue_surges)
        self._seed, self._speed, self._port = seed, speed, port
        self._clock, self._wall = clock, WallClock(speed, clock.now)
        client, limit = (CLIENT_ID, CLIENT_SECRET), self.scenario.requests_per_minute
        access = Access(client, limit, self.faults, clock.monotonic)
        self.genesys = Genesys(self.fleet, self.queues, self.faults, access, self._wall)
        self.provider = Provider(self.fleet, self.queues, self.faults, boot_s=self.scenario.boot_s)
        past = Past(self.fleet.groups.values(), seed)
        self.control = Control(
            self.fleet, self.faults, self.genesys, self.provider, self.advance, past=past, wall=self._wall
        )
        self._server, self._webhook = Server(self._answer), Server(self.provider.answer)
        self._time: asyncio.Task[None] | None = None
        self._stepping = threading.RLock()
        self._passed_until: float | None = None
        self._bursting: dict[int, Fault] = {}
        for fault in self.scenario.faults:
            self.faults.switch_on(fault)

    async def __aenter__(self) -> Self:
        await self._server.start(self._port)
        await self._webhook.start(0)
        self._wall.start(self.fleet.now_s)
        self._passed_until = self._clock.monotonic()
        self._time = asyncio.create_task(self._let_time_pass())
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None
    ) -> None:
        if self._time is not None:
            self._time.cancel()
            await asyncio.gather(self._time, return_exceptions=True)
        await self._server.stop()
        await self._webhook.stop()

    @property
    def addresses(self) -> Addresses:
        """Where to find it. The provider has a port of its own, so that it alone can refuse connections."""
        base = f"http://127.0.0.1:{self._server.port}"
        return Addresses(
            gateway=base,
            client_id=CLIENT_ID,
            client_secret=CLIENT_SECRET,
            webhook=f"http://127.0.0.1:{self._webhook.port}{SCALE}",
            status_page=f"{base}{STATUS_PAGE}",
            control=f"{base}{CONTROL}",
            scenario=self.scenario.name,
            seed=self._seed,
            edge_group_id=self.subject_id,
            queue_id=self.queues.declared.id,
            node_group_id=DECLARED_GROUP,
            current_nodes=DECLARED_NODES,
            declared_group={
                "NODE_GROUP_ID": DECLARED_GROUP,
                "MEDIA_QUEUE_ID": self.queues.declared.id,
                "CURRENT_NODES": str(DECLARED_NODES),
            },
        )

    @property
    def subject_id(self) -> str:
        """The id of the group that the story is about."""
        return next(group.id for group in self.fleet.groups.values() if group.name == self.scenario.subject)

    def advance(self, seconds: float) -> None:
        """Let simulated time pass at once; what was reported before is that much older, and every node reports anew."""
        with self._stepping:
            self.catch_up()
            self._wall.skip(seconds)
            self._step(seconds)
            self.fleet.report()

    async def _let_time_pass(self) -> None:
        while True:
            await asyncio.sleep(TICK_S)
            self.catch_up()
            await self._mind_the_webhook()

    def catch_up(self) -> None:
        """Advance by what the clock has gone on, so that a busy machine makes steps larger and not time slower."""
        with self._stepping:
            if self._passed_until is not None:
                now = self._clock.monotonic()
                self._step((now - self._passed_until) * self._speed)
                self._passed_until = now

    def _step(self, seconds: float) -> None:
        """In steps as short as samples are apart, unless that would be too many: what happens, happens in its order."""
        count = min(math.ceil(seconds / SAMPLE_EVERY_S), MOST_STEPS)
        for _ in range(count):
            self._happen(seconds / count)

    def _happen(self, seconds: float) -> None:
        before = self.fleet.now_s
        self.fleet.advance(seconds)
        if before < self.scenario.fails_at_s <= self.fleet.now_s:
            self.fleet.fail(self.fleet.groups[self.subject_id].nodes[: self.scenario.failing])
        for number, burst in enumerate(self.scenario.bursts):
            self._mind_the_burst(number, burst)

    def _mind_the_burst(self, number: int, burst: FaultBurst) -> None:
        is_due = burst.is_on(self.fleet.now_s)
        if is_due and number not in self._bursting:
            self._bursting[number] = self.faults.switch_on(burst.fault)
        elif not is_due and number in self._bursting:
            self.faults.end(self._bursting.pop(number))

    async def _mind_the_webhook(self) -> None:
        """Listen, or not, as the fault says."""
        is_refusing = "refuse-connection" in self.faults.names()
        if is_refusing and self._webhook.is_listening:
            await self._webhook.stop()
        elif not is_refusing and not self._webhook.is_listening:
            await self._webhook.start()

    async def _answer(self, request: Request) -> Answer:
        if request.path == f"{CONTROL}{PAST}":
            return await asyncio.to_thread(self.control.answer, request)
        if request.path.startswith(f"{CONTROL}/"):
            return self.control.answer(request)
        if request.path == f"{STATUS_PAGE}/api/v2/summary.json":
            return json_answer(200, summary(self.faults.all_on(), self._clock.now()))
        return await self.genesys.answer(request)


@contextmanager
def running_simulation(
    scenario: str = "surge", *, seed: int = 1, speed: float = 1.0, start: float = 0.0, clock: Clock = MACHINE_CLOCK
) -> Iterator[Simulation]:
    """The simulation in a thread with a loop of its own, for callers that block. Raises what its start raises."""
    simulation = Simulation(scenario, seed=seed, speed=speed, start=start, clock=clock)
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        asyncio.run_coroutine_threadsafe(simulation.__aenter__(), loop).result(START_WITHIN_S)
        try:
            yield simulation
        finally:
            asyncio.run_coroutine_threadsafe(simulation.__aexit__(None, None, None), loop).result(START_WITHIN_S)
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join(START_WITHIN_S)
        loop.close()
