"""Queues and their agents. One of them stands for the tutorial's declared group, whose nodes nobody can see."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from nodescaler_tui.simulator.fleet import new_id
from nodescaler_tui.simulator.load import Surge

DECLARED_QUEUE_NAME: Final = "Contact centre voice"
DECLARED_AGENTS: Final = 40
DECLARED_BUSY_SHARE: Final = 0.54
NAMES: Final = ("Support", "Sales", "Billing", "Claims", "Returns", "Retention", "Service desk")
MEDIA_SHARES: Final = {"voice": 0.25, "chat": 0.3, "message": 0.2, "email": 0.15, "callback": 0.1}


@dataclass(slots=True)
class Queue:
    """A queue: how many agents are on it, and which share of them is usually busy."""

    id: str
    name: str
    agents: int
    busy_share: float
    surges: Sequence[Surge] = ()
    reliefs: list[tuple[float, float]] = field(default_factory=list)

    def busy(self, now_s: float) -> int:
        """Agents who interact at this moment: more in a surge, fewer once nodes came that relieve them."""
        surging = math.prod(surge.at(now_s) for surge in self.surges)
        relief = math.prod(factor for since_s, factor in self.reliefs if since_s <= now_s)
        return min(round(self.agents * self.busy_share * surging * relief), self.agents)

    def relieve(self, since_s: float, factor: float) -> None:
        """From this simulated moment on the agents are busy for `factor` of the time they were."""
        self.reliefs.append((since_s, factor))

    def interacting(self, media: str, now_s: float) -> int:
        """Interactions of one medium now. An agent may have several at a time, so they do not add up to agents."""
        return round(self.busy(now_s) * MEDIA_SHARES[media])

    def waiting(self, media: str, now_s: float) -> int:
        """Interactions that nobody has taken yet: those beyond 85 % of the agents."""
        return round(max(self.busy(now_s) - 0.85 * self.agents, 0.0) * MEDIA_SHARES[media] * 4)

    def handle_time_ms(self, now_s: float) -> float:
        """The mean handle time; it grows as agents get busier."""
        return 180_000.0 + 60_000.0 * self.busy(now_s) / self.agents


class QueueBook:
    """All queues by id; the first is the declared group's."""

    def __init__(self, count: int, seed: int, surges: Sequence[Surge]) -> None:
        source = random.Random(f"queues of {seed}")
        first = Queue(new_id(source), DECLARED_QUEUE_NAME, DECLARED_AGENTS, DECLARED_BUSY_SHARE, surges)
        others = [
            Queue(
                new_id(source),
                f"{NAMES[index % len(NAMES)]} {index // len(NAMES) + 1:02d}",
                source.randint(8, 60),
                source.uniform(0.3, 0.8),
            )
            for index in range(count - 1)
        ]
        self.declared = first
        self.by_id = {queue.id: queue for queue in (first, *others)}
