"""Genesys Cloud as a source of readings: one poll costs the same for one group as for all.

Hot requests are made at every poll: the nodes, their metrics, the trunks' calls, the queue, the media gauges. Warm ones
at most once a minute: the groups, the trunks, the handle time, the clock, the limit, the vendor's status page.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import CancelledError, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Final

from nodescaler_tui.clock import MACHINE_CLOCK, Clock
from nodescaler_tui.facts import (
    GroupKind,
    GroupReading,
    Lifecycle,
    Observation,
    OrganizationCalls,
    Problem,
    ProblemKind,
    Reading,
)
from nodescaler_tui.observe import endpoints
from nodescaler_tui.observe.aggregate import EDGE_LISTING, Fleet, count_in_service, group_readings
from nodescaler_tui.observe.asking import Asker
from nodescaler_tui.observe.budget import Budget
from nodescaler_tui.observe.connection import BeliefPolicy, Connection, DeclaredGroup
from nodescaler_tui.observe.inventory import Inventory, lifecycle
from nodescaler_tui.observe.queues import DECLARED, QueueFigures, declared_group, queue_reading, read_queue
from nodescaler_tui.observe.samples import Samples
from nodescaler_tui.observe.sdk import Sdk
from nodescaler_tui.observe.waits import Waits
from nodescaler_tui.observe.warm import LIMIT_EVERY_S, WARM_EVERY_S, Readers, Warm, read_limit, read_warm, relisted
from nodescaler_tui.observe.wire import CallMetrics, Edge, EdgeMetrics, TrunkMetrics

NOT_READ_YET: Final = Reading(None, "queue analytics", missing="not read yet")
SECTIONS: Final = 8
"""Parts of a poll that run side by side, so that all of them hanging costs one deadline and not their sum."""


@dataclass(frozen=True, slots=True)
class _Beside:
    """What is read beside the nodes."""

    figures: QueueFigures | Problem | None
    calls: OrganizationCalls | Problem

    @property
    def problems(self) -> list[Problem]:
        return [part for part in (self.figures, self.calls) if isinstance(part, Problem)]


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
        kept_waits: Path | None = None,
        clock: Clock = MACHINE_CLOCK,
    ) -> None:
        self._clock = clock
        self._budget = Budget(policy.budget_share, clock.monotonic)
        waits = Waits(clock.monotonic, kept_waits, now=clock.now)
        self._asker = Asker(connection, sdk, self._budget, waits, clock)
        self._inventory = Inventory(self._asker)
        self._pool = ThreadPoolExecutor(SECTIONS, thread_name_prefix="poll")
        self._readers = Readers(self._asker, self._inventory, self._pool)
        self._connection = connection
        self._policy = policy
        self._declared = declared
        self._declared_nodes = declared_nodes
        self._warm: Warm | None = None
        self._known_edges: frozenset[str] = frozenset()
        self._known_groups: frozenset[str] | None = None
        self._edge_samples = Samples[EdgeMetrics](lambda sample: sample.edge.id)
        self._trunk_samples = Samples[TrunkMetrics](lambda sample: sample.trunk.id)
        self._limit_problems: tuple[Problem, ...] = ()
        self._limit_read_at = 0.0
        self._warm_requests_now = 0
        self._hot_requests = 1
        self._warm_requests = 0

    @property
    def least_interval_s(self) -> float:
        """The shortest poll interval that the request budget allows."""
        return self._budget.least_interval_s(self._hot_requests, self._warm_requests)

    def poll(self) -> Observation:
        """Read everything once; what could not be read is a problem in the observation."""
        requests_before, taken_at = self._asker.requests_made, self._clock.now()
        self._warm_requests_now = 0
        try:
            observation = self._polled(taken_at)
        except (CancelledError, RuntimeError):
            if not self._asker.closed:
                raise
            observation = self._observation(taken_at, (), [], inventory_read=False)
        requests = self._asker.requests_made - requests_before
        self._warm_requests = self._warm_requests_now or self._warm_requests
        self._hot_requests = max(requests - self._warm_requests_now, 1)
        return replace(observation, requests=requests, budget=self._budget.state())

    def _polled(self, taken_at: datetime) -> Observation:
        if self._warm is None:  # a large organisation's first poll does not fit into the default limit
            self._learn_limit(read_limit(self._asker))
        edges, problems = self._inventory.edges()
        if problems and not self._only_declared(problems):  # a listing that lacks a page would count too few nodes
            return self._observation(taken_at, (), problems, inventory_read=False)
        warm_before = self._asker.requests_made
        warm = self._warmed(edges)
        self._warm_requests_now = self._asker.requests_made - warm_before
        beside = self._pool.submit(self._read_beside, taken_at)
        groups, hot_problems = self._groups(edges, warm, taken_at)
        self._learn_groups(groups, warm)
        groups = self._with_queue(groups, beside.result().figures, warm, taken_at)
        problems = [*problems, *self._limit_problems, *warm.problems, *hot_problems, *beside.result().problems]
        observation = self._observation(taken_at, groups, problems, inventory_read=True)
        calls = beside.result().calls
        return replace(
            observation,
            organization_calls=None if isinstance(calls, Problem) else calls,
            vendor_status=warm.context.vendor_status,
            clock_skew_s=warm.context.clock_skew_s,
        )

    def _only_declared(self, problems: Sequence[Problem]) -> bool:
        """Whether edges may not be read and never were: then the tutorial's group is all there is, and it works."""
        forbidden = all(problem.kind is ProblemKind.FORBIDDEN for problem in problems)
        return forbidden and self._declared is not None and not self._known_edges

    def _observation(
        self, taken_at: datetime, groups: tuple[GroupReading, ...], problems: Sequence[Problem], *, inventory_read: bool
    ) -> Observation:
        return Observation(
            taken_at=taken_at,
            requests=0,
            inventory_read=inventory_read,
            groups=groups,
            problems=_distinct(problems),
            budget=self._budget.state(),
        )

    def _warmed(self, edges: Sequence[Edge]) -> Warm:
        """The warm part, read anew when it is a minute old; its lists also when they lack something."""
        now, ids, warm = self._clock.monotonic(), frozenset(edge.id for edge in edges), self._warm
        if warm is None or now - warm.read_at_monotonic >= WARM_EVERY_S:
            if warm is not None and now - self._limit_read_at >= LIMIT_EVERY_S:
                self._learn_limit(read_limit(self._asker))
            warm = read_warm(self._readers, self._connection, self._declared, warm)
        elif ids != self._known_edges or warm.listed.problems:
            warm = relisted(self._readers, warm)
        self._warm, self._known_edges = warm, ids
        return warm

    def _learn_limit(self, limit: float | Problem | None) -> None:
        self._limit_problems = (limit,) if isinstance(limit, Problem) else ()
        self._limit_read_at = self._clock.monotonic()
        if isinstance(limit, float):
            self._budget.learn(limit)

    def _groups(
        self, edges: Sequence[Edge], warm: Warm, taken_at: datetime
    ) -> tuple[tuple[GroupReading, ...], Sequence[Problem]]:
        alive = [edge.id for edge in edges if lifecycle(edge) in {Lifecycle.IN_SERVICE, Lifecycle.DRAINING}]
        among = frozenset(alive)
        trunks = [trunk for trunk in warm.listed.trunks if trunk.edge is not None and trunk.edge.id in among]
        trunk_ids = [trunk.id for trunk in trunks]
        reading_calls = self._pool.submit(self._inventory.trunk_metrics, trunk_ids)
        metrics, metrics_problems = self._inventory.edge_metrics(alive)
        calls, calls_problems = reading_calls.result()
        fleet = Fleet(
            groups=warm.listed.groups,
            edges=edges,
            edge_metrics=self._edge_samples.take_in(metrics, among),
            trunks=trunks,
            trunk_metrics=self._trunk_samples.take_in(calls, frozenset(trunk_ids)),
            trunks_known=warm.listed.trunks_current,
            read_at=taken_at,
        )
        return group_readings(fleet, self._policy), [*metrics_problems, *calls_problems]

    def _learn_groups(self, groups: Sequence[GroupReading], warm: Warm) -> None:
        """Which edge groups there are, once that is certain; a list that fails later takes nothing back."""
        ids = frozenset(group.id for group in groups)
        is_edge_group = self._declared is not None and self._declared.node_group_id in ids
        if warm.listed.groups_known or self._known_groups is not None or is_edge_group:
            self._known_groups = ids

    def _read_beside(self, at: datetime) -> _Beside:
        declared = self._declared
        calls = self._pool.submit(self._organization_calls, at)
        figures = None if declared is None else read_queue(self._asker, declared.queue_id)
        return _Beside(figures, calls.result())

    def _with_queue(
        self, groups: tuple[GroupReading, ...], figures: QueueFigures | Problem | None, warm: Warm, at: datetime
    ) -> tuple[GroupReading, ...]:
        """The declared group beside the edge groups, or the queue as context where it is an edge group after all."""
        declared = self._declared
        if declared is None or figures is None:
            return groups
        queue = queue_reading(declared.queue_id, figures, warm.context.handle_time or NOT_READ_YET, at)
        if any(group.id == declared.node_group_id for group in groups):
            return tuple(
                replace(group, queues=(queue,)) if group.id == declared.node_group_id else group for group in groups
            )
        if self._is_declared(declared.node_group_id):
            return (*groups, declared_group(declared, self._declared_nodes(), figures, queue, at))
        return groups

    def _organization_calls(self, at: datetime) -> OrganizationCalls | Problem:
        read = self._asker.telephony.get_telephony_calls_metrics
        answer = self._asker.ask(endpoints.CALL_METRICS, lambda: read(metric_type="cloud"), CallMetrics)
        if isinstance(answer, Problem):
            return answer
        return OrganizationCalls(
            answer.usage, answer.trigger, answer.scaling or "Unknown", answer.calls, answer.capacity, at
        )

    def live_count(self, group_id: str) -> Reading:
        """Read one group's in-service count anew, for the moment of approval."""
        if self._is_declared(group_id):
            return Reading(self._declared_nodes(), DECLARED, self._clock.now())
        if self._known_groups is None or group_id not in self._known_groups:
            return Reading(None, EDGE_LISTING, missing="Genesys has not listed this node group")
        edges, problems = self._inventory.edges(group_id, urgent=True)
        if problems:
            return Reading(None, EDGE_LISTING, missing=problems[0].sentence)
        belongs = [edge for edge in edges if edge.edge_group is not None and edge.edge_group.id == group_id]
        return count_in_service([lifecycle(edge) for edge in belongs], self._clock.now())

    def told(self, observation: Observation) -> None:
        """What another process read: which edge groups there are, so that one of them can be counted anew from here."""
        if observation.inventory_read:
            edge_groups = (group.id for group in observation.groups if group.kind is GroupKind.EDGE)
            self._known_groups = frozenset(edge_groups)

    def _is_declared(self, group_id: str) -> bool:
        """Whether this is the tutorial's group: not before it is certain that Genesys lists no such edge group."""
        declared, known = self._declared, self._known_groups
        if declared is None or known is None:
            return False
        return declared.node_group_id == group_id and group_id not in known

    def close(self) -> None:
        """Let go of threads and connections; a poll that is under way ends at once."""
        self._asker.close()
        self._pool.shutdown(wait=False, cancel_futures=True)
        self._inventory.close()


def _distinct(problems: Sequence[Problem]) -> tuple[Problem, ...]:
    """One problem for each thing that is wrong; the token's stands for all that could not be asked without it."""
    kept: dict[tuple[str, str], Problem] = {}
    for problem in problems:
        kept.setdefault((problem.endpoint, problem.sentence), problem)
    return tuple(kept.values())
