"""The queue that feeds the tutorial's declared group: agents, interactions, and a node count that nobody can see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from nodescaler_tui.simulator.load import Surge

AGENTS: Final = 40
HANDLE_TIME_MS: Final = 214_000.0

Json = dict[str, Any]


@dataclass(slots=True)
class DeclaredQueue:
    """A queue whose agents are as busy as the declared group's nodes are few."""

    queue_id: str
    node_group_id: str
    nodes: int
    started_with: int
    surges: Sequence[Surge]

    def busy(self, now_s: float) -> int:
        """Agents who interact: more in a surge, fewer once nodes were added."""
        factor = 1.0
        for surge in self.surges:
            factor *= surge.at(now_s)
        share = 0.54 * factor * self.started_with / self.nodes
        return min(round(AGENTS * share), AGENTS)

    def observations(self, now_s: float, queue_id: str) -> list[Json]:
        """What an observation query says: one group for the agents, one for each media type."""
        busy = self.busy(now_s) if queue_id == self.queue_id else 6
        return [
            {
                "group": {"queueId": queue_id},
                "data": [
                    _datum("oUserRoutingStatuses", AGENTS - busy, "IDLE"),
                    _datum("oUserRoutingStatuses", busy, "INTERACTING"),
                    _datum("oUserRoutingStatuses", 4, "OFF_QUEUE"),
                    _datum("oOnQueueUsers", AGENTS),
                ],
            },
            {
                "group": {"queueId": queue_id, "mediaType": "voice"},
                "data": [
                    _datum("oInteracting", min(busy // 4, self.nodes)),
                    _datum("oWaiting", max(busy - 30, 0)),
                    _datum("oAlerting", 1),
                ],
            },
            {"group": {"queueId": queue_id, "mediaType": "chat"}, "data": [_datum("oInteracting", busy // 3)]},
        ]


def _datum(metric: str, count: int, qualifier: str = "") -> Json:
    datum: Json = {"metric": metric, "stats": {"count": count}}
    if qualifier:
        datum["qualifier"] = qualifier
    return datum


def aggregates(queue_id: str, interval: str) -> Json:
    """Handle time over an interval: sums in milliseconds over counts."""
    ended = 120
    stats = {"max": 900_000.0, "min": 4_000.0, "count": ended, "sum": HANDLE_TIME_MS * ended}
    metric = {"metric": "tHandle", "stats": stats}
    return {
        "results": [
            {
                "group": {"queueId": queue_id, "mediaType": "voice"},
                "data": [{"interval": interval, "metrics": [metric]}],
            }
        ]
    }
