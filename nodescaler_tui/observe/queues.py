"""Queues: agent-side demand from queue analytics. Context for edge groups, the only signal of a declared one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from nodescaler_tui.facts import GroupKind, GroupReading, Problem, QueueReading, Reading
from nodescaler_tui.observe import endpoints
from nodescaler_tui.observe.asking import Asker
from nodescaler_tui.observe.connection import DeclaredGroup
from nodescaler_tui.observe.wire import Aggregates, QueueObservations

OBSERVATIONS: Final = "queue analytics"
OCCUPANCY: Final = "agent occupancy of the queue"
DECLARED: Final = "declared, not measured"
HANDLE_TIME_WINDOW: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class QueueFigures:
    """What one observation query says about one queue; None where it says nothing."""

    waiting: int | None
    interacting: int | None
    interacting_voice: int | None
    agents_interacting: int | None
    agents_on_queue: int | None

    @property
    def occupancy(self) -> float | None:
        """Agents who interact over agents on queue; unknown when nobody is on queue."""
        if self.agents_interacting is None or not self.agents_on_queue:
            return None
        return self.agents_interacting / self.agents_on_queue


def read_queue(asker: Asker, queue_id: str) -> QueueFigures | Problem:
    """The queue now, in one request."""
    query = {
        "filter": {
            "type": "or",
            "predicates": [{"type": "dimension", "dimension": "queueId", "operator": "matches", "value": queue_id}],
        },
        "metrics": ["oInteracting", "oWaiting", "oOnQueueUsers", "oUserRoutingStatuses"],
    }
    post = asker.analytics.post_analytics_queues_observations_query
    answer = asker.ask(endpoints.QUEUE_OBSERVATIONS, lambda: post(body=query), QueueObservations)
    return answer if isinstance(answer, Problem) else _figures(answer, queue_id)


def _figures(answer: QueueObservations, queue_id: str) -> QueueFigures:
    counts: dict[tuple[str, str, str], int] = {}
    for result in answer.results or []:
        if result.group.get("queueId") != queue_id:
            continue
        media = result.group.get("mediaType", "")
        for datum in result.data or []:
            if datum.metric and datum.stats is not None and datum.stats.count is not None:
                counts[datum.metric, datum.qualifier or "", media] = int(datum.stats.count)
    return QueueFigures(
        waiting=_sum(counts, "oWaiting"),
        interacting=_sum(counts, "oInteracting"),
        interacting_voice=counts.get(("oInteracting", "", "voice")),
        agents_interacting=_agents_interacting(counts),
        agents_on_queue=_sum(counts, "oOnQueueUsers"),
    )


def _agents_interacting(counts: Mapping[tuple[str, str, str], int]) -> int | None:
    """Those on queue who interact; one who leaves the queue while still interacting would make it more than all."""
    on_queue = counts.get(("oOnQueueUsers", "INTERACTING", ""))
    return counts.get(("oUserRoutingStatuses", "INTERACTING", "")) if on_queue is None else on_queue


def _sum(counts: Mapping[tuple[str, str, str], int], metric: str) -> int | None:
    """Over all media types and qualifiers; None when the metric did not come at all."""
    found = [count for (name, _, _), count in counts.items() if name == metric]
    return sum(found) if found else None


def read_handle_time(asker: Asker, queue_id: str) -> Reading | Problem:
    """The average handle time in ms over the last hour: the sum of sums over the sum of counts."""
    until = asker.clock.now()
    query: dict[str, Any] = {
        "interval": f"{_iso(until - HANDLE_TIME_WINDOW)}/{_iso(until)}",
        "groupBy": ["queueId"],
        "filter": {"type": "and", "predicates": [{"dimension": "queueId", "value": queue_id}]},
        "metrics": ["tHandle"],
    }
    post = asker.analytics.post_analytics_conversations_aggregates_query
    answer = asker.ask(endpoints.HANDLE_TIME, lambda: post(body=query), Aggregates)
    if isinstance(answer, Problem):
        return answer
    total, count = 0.0, 0.0
    for result in answer.results or []:
        for interval in result.data or []:
            for metric in interval.metrics or []:
                if metric.metric == "tHandle" and metric.stats is not None:
                    total += metric.stats.sum or 0.0
                    count += metric.stats.count or 0.0
    if not count:
        return Reading(None, OBSERVATIONS, missing="no conversation ended in the last hour")
    return Reading(total / count, OBSERVATIONS, until)


def _iso(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%S.000Z")


def queue_reading(queue_id: str, figures: QueueFigures | Problem, handle_time: Reading, at: datetime) -> QueueReading:
    """The queue as a fact."""
    missing = figures.sentence if isinstance(figures, Problem) else "the queue did not report it"
    known = QueueFigures(None, None, None, None, None) if isinstance(figures, Problem) else figures

    def reading(value: float | None) -> Reading:
        return Reading(value, OBSERVATIONS, at) if value is not None else Reading(None, OBSERVATIONS, missing=missing)

    return QueueReading(
        id=queue_id,
        name=queue_id,
        waiting=reading(known.waiting),
        interacting=reading(known.interacting),
        occupancy=reading(known.occupancy),
        handle_time_ms=handle_time,
    )


def declared_group(
    declared: DeclaredGroup, nodes: int, figures: QueueFigures | Problem, queue: QueueReading, at: datetime
) -> GroupReading:
    """The tutorial's group: agent occupancy stands for utilization, and says so; its node count is declared."""
    voice = None if isinstance(figures, Problem) else figures.interacting_voice
    missing = figures.sentence if isinstance(figures, Problem) else "the queue reports no voice interactions"
    sessions = Reading(voice, OBSERVATIONS, at) if voice is not None else Reading(None, OBSERVATIONS, missing=missing)
    occupancy = queue.occupancy
    return GroupReading(
        id=declared.node_group_id,
        name=declared.node_group_id,
        site="",
        kind=GroupKind.DECLARED,
        managed=False,
        current_nodes=Reading(nodes, DECLARED, at),
        cpu=Reading(occupancy.value, OCCUPANCY, occupancy.sampled_at, occupancy.missing),
        memory=Reading(None, DECLARED, missing="a declared group has no memory figure"),
        sessions=sessions,
        cpu_worst=None,
        memory_worst=None,
        fresh_nodes=0,
        nodes=(),
        queues=(queue,),
    )
