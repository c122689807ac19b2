"""Genesys Cloud as a source of readings: one poll costs the same for one group as for all.

Hot requests are made at every poll: the nodes, their metrics, the trunks' calls, the queue, the media gauges. Warm ones
at most once a minute: the groups, the trunks, the handle time, the clock, the limit, the vendor's status page.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Final

from nodescaler_tui.facts import (
    GroupReading,
    Lifecycle,
    Observation,
    OrganizationCalls,
    Problem,
    QueueReading,
    Reading,
)
from nodescaler_tui.observe import endpoints
from nodescaler_tui.observe.aggregate import EDGE_LISTING, Fleet, group_readings
from nodescaler_tui.observe.asking import Asker
from nodescaler_tui.observe.budget import Budget, Waits
from nodescaler_tui.observe.connection import BeliefPolicy, Connection, DeclaredGroup
from nodescaler_tui.observe.inventory import Inventory, lifecycle
from nodescaler_tui.observe.queues import DECLARED, declared_group, queue_reading, read_queue
from nodescaler_tui.observe.sdk import Sdk
from nodescaler_tui.observe.warm import WARM_EVERY_S, Warm, read_warm
from nodescaler_tui.observe.wire import CallMetrics, Edge

NOT_READ_YET: Final = Reading(None, "queue analytics", missing="not read yet")


class GenesysSource:
    """Polls through the SDK. Blocks, so it belongs in a worker thread; nothing that Genesys does is raised."""

    def __init__(
        self,
        connection: Connection,
        policy: BeliefPolicy,
        sdk: Sdk,
        *,
        declared: DeclaredGroup | None,
        declared_nodes: Callable[[], int],
    ) -> None:
        self._budget = Budget(policy.budget_share, time.monotonic)
        self._asker = Asker(connection, sdk, self._budget, Waits(time.monotonic))
        self._inventory = Inventory(self._asker)
        self._connection = connection
        self._policy = policy
        self._declared = declared
        self._declared_nodes = declared_nodes
        self._warm: Warm | None = None
        self._known_edges: frozenset[str] = frozenset()
        self._hot_requests = 1
        self._warm_requests = 0

    @property
    def least_interval_s(self) -> float:
        """The shortest poll interval that the request budget allows."""
        return self._budget.least_interval_s(self._hot_requests, self._warm_requests)

    def poll(self) -> Observation:
        """Read everything once; what could not be read is a problem in the observation."""
        requests_before, taken_at = self._asker.requests_made, datetime.now(UTC)
        edges, problems = self._inventory.edges()
        if problems:  # a listing that lacks a page would count too few nodes
            return self._unread(taken_at, self._asker.requests_made - requests_before, problems)
        warm_before = self._asker.requests_made
        warm = self._warmed(edges)
        warm_requests = self._asker.requests_made - warm_before
        self._warm_requests = warm_requests or self._warm_requests
        groups, hot_problems = self._groups(edges, warm, taken_at)
        groups, queue_problems = self._with_queue(groups, warm, taken_at)
        calls, calls_problems = self._organization_calls(taken_at)
        requests = self._asker.requests_made - requests_before
        self._hot_requests = max(requests - warm_requests, 1)
        return Observation(
            taken_at=taken_at,
            requests=requests,
            inventory_read=True,
            groups=groups,
            problems=_distinct([*warm.problems, *hot_problems, *queue_problems, *calls_problems]),
            budget=self._budget.state(),
            organization_calls=calls,
            vendor_status=warm.vendor_status,
            clock_skew_s=warm.clock_skew_s,
        )

    def _unread(self, taken_at: datetime, requests: int, problems: Sequence[Problem]) -> Observation:
        """A poll that did not even learn which nodes there are."""
        return Observation(
            taken_at=taken_at,
            requests=requests,
            inventory_read=False,
            groups=(),
            problems=_distinct(problems),
            budget=self._budget.state(),
        )

    def _warmed(self, edges: Sequence[Edge]) -> Warm:
        """The warm part, read anew when it is a minute old or when nodes have come or gone."""
        now, ids = time.monotonic(), frozenset(edge.id for edge in edges)
        warm = self._warm
        if warm is None or now - warm.read_at_monotonic >= WARM_EVERY_S or ids != self._known_edges:
            warm = read_warm(self._asker, self._inventory, self._connection, self._declared, warm)
            self._warm, self._known_edges = warm, ids
            if warm.limit_per_minute is not None:
                self._budget.learn(warm.limit_per_minute)
        return warm

    def _groups(
        self, edges: Sequence[Edge], warm: Warm, taken_at: datetime
    ) -> tuple[tuple[GroupReading, ...], Sequence[Problem]]:
        alive = [edge.id for edge in edges if lifecycle(edge) in {Lifecycle.IN_SERVICE, Lifecycle.DRAINING}]
        metrics, metrics_problems = self._inventory.edge_metrics(alive)
        trunks = [trunk for trunk in warm.trunks if trunk.edge is not None and trunk.edge.id in set(alive)]
        calls, calls_problems = self._inventory.trunk_metrics([trunk.id for trunk in trunks])
        fleet = Fleet(warm.groups, edges, metrics, trunks, calls, warm.trunks_known, taken_at)
        return group_readings(fleet, self._policy), [*metrics_problems, *calls_problems]

    def _with_queue(
        self, groups: tuple[GroupReading, ...], warm: Warm, at: datetime
    ) -> tuple[tuple[GroupReading, ...], Sequence[Problem]]:
        """The declared group beside the edge groups, or the queue as context where it is an edge group after all."""
        declared = self._declared
        if declared is None:
            return groups, []
        figures = read_queue(self._asker, declared.queue_id)
        queue = queue_reading(declared.queue_id, figures, warm.handle_time or NOT_READ_YET, at)
        problems = [figures] if isinstance(figures, Problem) else []
        if any(group.id == declared.node_group_id for group in groups):
            return tuple(_fed_by(group, queue, declared) for group in groups), problems
        return (*groups, declared_group(declared, self._declared_nodes(), figures, queue, at)), problems

    def _organization_calls(self, at: datetime) -> tuple[OrganizationCalls | None, Sequence[Problem]]:
        read = self._asker.telephony.get_telephony_calls_metrics
        answer = self._asker.ask(endpoints.CALL_METRICS, lambda: read(metric_type="cloud"), CallMetrics)
        if isinstance(answer, Problem):
            return None, [answer]
        scaling = answer.scaling or "Unknown"
        return OrganizationCalls(answer.usage, answer.trigger, scaling, answer.calls, answer.capacity, at), []

    def live_count(self, group_id: str) -> Reading:
        """Read one group's in-service count anew, for the moment of approval."""
        if self._is_declared(group_id):
            return Reading(self._declared_nodes(), DECLARED, datetime.now(UTC))
        edges, problems = self._inventory.edges(group_id)
        if problems:
            return Reading(None, EDGE_LISTING, missing=problems[0].sentence)
        belongs = [edge for edge in edges if edge.edge_group is not None and edge.edge_group.id == group_id]
        count = sum(1 for edge in belongs if lifecycle(edge) is Lifecycle.IN_SERVICE)
        return Reading(count, EDGE_LISTING, datetime.now(UTC))

    def _is_declared(self, group_id: str) -> bool:
        listed = self._warm is not None and any(group.id == group_id for group in self._warm.groups)
        return self._declared is not None and self._declared.node_group_id == group_id and not listed

    def close(self) -> None:
        """Let go of threads and connections."""
        self._inventory.close()
        self._asker.close()


def _fed_by(group: GroupReading, queue: QueueReading, declared: DeclaredGroup) -> GroupReading:
    return replace(group, queues=(queue,)) if group.id == declared.node_group_id else group


def _distinct(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """One problem for each thing that is wrong; the token's stands for all that could not be asked without it."""
    kept: dict[tuple[str, str], Problem] = {}
    for problem in problems:
        kept.setdefault((problem.endpoint, problem.sentence), problem)
    return tuple(kept.values())
