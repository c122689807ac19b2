"""The outside world in a process of its own: the simulated Genesys Cloud, receivers that count, and breaches.

    python -m benchmarks.team_proof.world GROUPS SEED NOTEBOOK

It prints its addresses, then obeys one line at a time and answers each with one line of JSON: `breaches SECONDS` lets a
group turn critical about that often (0 for no more), `unreliable SHARE` spoils that share of the requests to the
receivers, `requests` tells how many have reached Genesys so far. It ends with its standard input.
"""

from __future__ import annotations

import asyncio
import json
import random
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.team_proof.evidence import NoteBook
from benchmarks.team_proof.receivers import CountingReceiver
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.simulator.addresses import described
from nodescaler_tui.simulator.scenarios import SCENARIOS, GroupPlan, Scenario
from nodescaler_tui.simulator.simulation import Simulation

NAME: Final = "proof"
USUAL: Final = 0.6
"""Sessions for each node of a group in peace."""

CRITICAL: Final = 1.12
RISE_S, HOLD_S, BOOT_S = 3.0, 240.0, 3.0
LEAST_APART_S: Final = 600.0
LIMIT: Final = 60_000


def scenario(groups: int) -> Scenario:
    """Groups of ten nodes each in which nothing happens by itself."""
    plans = tuple(GroupPlan(f"media-{number:04d}", f"site-{number % 40:02d}", 10, USUAL) for number in range(groups))
    return Scenario(NAME, "", plans, subject=plans[0].name, boot_s=BOOT_S, queues=groups, requests_per_minute=LIMIT)


@dataclass
class Breaches:
    """Lets one group after the other turn critical, none again before it has had time to come back."""

    simulation: Simulation
    chance: random.Random
    every_s: float = 0.0

    async def go_on(self) -> None:
        """Until it is cancelled."""
        last: dict[str, float] = {}
        while True:
            await asyncio.sleep(self.chance.uniform(0.5, 1.5) * (self.every_s or 0.2))
            now = self.simulation.fleet.now_s
            rested = [
                each for each in self.simulation.fleet.groups if now - last.get(each, -LEAST_APART_S) >= LEAST_APART_S
            ]
            if self.every_s and rested:
                group_id = self.chance.choice(rested)
                last[group_id] = now
                self.breach(group_id)

    def breach(self, group_id: str) -> None:
        """Offer this group more than the nodes that it has can take."""
        group = self.simulation.fleet.groups[group_id]
        wanted = CRITICAL * self.simulation.fleet.size(group_id)
        self.simulation.fleet.surge(group_id, wanted / group.load.sessions, rise_s=RISE_S, hold_s=HOLD_S)


async def main(groups: int, seed: int, notebook: Path) -> None:
    """Until standard input ends."""
    SCENARIOS[NAME] = scenario(groups)
    book = NoteBook(notebook)
    async with Simulation(NAME, seed=seed) as simulation:
        receivers = [
            CountingReceiver(repeats, simulation.provider, simulation.fleet, book, random.Random(f"{repeats} {seed}"))
            for repeats in (Repeats.DEDUPLICATES, Repeats.FIRES)
        ]
        hooks = {receiver.repeats.value: await receiver.start() for receiver in receivers}
        breaches = Breaches(simulation, random.Random(f"breaches {seed}"))
        going_on = asyncio.create_task(breaches.go_on())
        say({"addresses": described(simulation.addresses), "receivers": hooks})
        while line := await asyncio.to_thread(sys.stdin.readline):
            what, _, how = line.strip().partition(" ")
            if what == "breaches":
                breaches.every_s = float(how)
            elif what == "unreliable":
                for receiver in receivers:
                    receiver.unreliable = float(how)
            say({"requests": sum(simulation.genesys.seen.values())})
        going_on.cancel()


def say(document: object) -> None:
    """One line."""
    sys.stdout.write(f"{json.dumps(document)}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), int(sys.argv[2]), Path(sys.argv[3])))
