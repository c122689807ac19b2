"""What *observe* brings in: readings with their time and source, and what could not be read.

A fact is never judged here. A number that was not measured is None, with the reason; it is never zero.
Utilization is a fraction from 0 to 1, durations are milliseconds where the name says so, times are aware UTC.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class GroupKind(StrEnum):
    """Where a node group's figures come from: edges that Genesys lists, or the tutorial's declared set-up."""

    EDGE = "edge"
    DECLARED = "declared"


class Lifecycle(StrEnum):
    """What a node is doing; only nodes in service count as current nodes."""

    IN_SERVICE = "in service"
    BOOTING = "booting"
    DRAINING = "draining"
    OFFLINE = "offline"


class ProblemKind(StrEnum):
    """The closed set of ways in which a request to Genesys can fail."""

    AUTH_FAILED = "auth_failed"
    FORBIDDEN = "forbidden"
    RATE_LIMITED = "rate_limited"
    NOT_FOUND = "not_found"
    BAD_REQUEST = "bad_request"
    UNAVAILABLE = "unavailable"
    TIMEOUT = "timeout"
    MALFORMED = "malformed"
    INTERNAL = "internal"


@dataclass(frozen=True, slots=True)
class Reading:
    """One number, where it is from and when it was sampled; `missing` says why there is none."""

    value: int | float | None
    source: str
    sampled_at: datetime | None = None
    missing: str = ""


@dataclass(frozen=True, slots=True)
class NodeReading:
    """One node (a Genesys edge) with its own figures; `to_drain` counts conversations left while draining."""

    id: str
    name: str
    group_id: str
    lifecycle: Lifecycle
    cpu: Reading
    memory: Reading
    sessions: Reading
    media_delay_ms: Reading
    to_drain: int | None = None
    trunks_connected: bool | None = None


@dataclass(frozen=True, slots=True)
class WorstNode:
    """The highest utilization of a single node in a group, and whose it is."""

    value: float
    node_name: str


@dataclass(frozen=True, slots=True)
class QueueReading:
    """Agent-side demand of one queue: context for edge groups, the signal source for a declared group."""

    id: str
    name: str
    waiting: Reading
    interacting: Reading
    occupancy: Reading
    handle_time_ms: Reading


@dataclass(frozen=True, slots=True)
class GroupReading:
    """One node group as observed: the mean of fresh nodes for deciding, the worst node for showing.

    `current_nodes` counts nodes in service (or is the declared count). `fresh_nodes` is how many of them had a fresh
    sample. Below the configured share of fresh nodes the mean keeps its old sample time, so it ages into STALE.
    """

    id: str
    name: str
    site: str
    kind: GroupKind
    managed: bool
    current_nodes: Reading
    cpu: Reading
    memory: Reading
    sessions: Reading
    cpu_worst: WorstNode | None
    memory_worst: WorstNode | None
    fresh_nodes: int
    nodes: tuple[NodeReading, ...]
    queues: tuple[QueueReading, ...] = ()


@dataclass(frozen=True, slots=True)
class OrganizationCalls:
    """Genesys's own gauges of its cloud media: usage and trigger in percent, auto-scaling Up, Down, None or Unknown."""

    usage_percent: float | None
    trigger_percent: float | None
    auto_scaling: str
    concurrent_calls: int | None
    call_capacity: int | None
    read_at: datetime


@dataclass(frozen=True, slots=True)
class VendorStatus:
    """The vendor's public status page: indicator none, minor, major or critical. Advisory only."""

    indicator: str
    description: str
    read_at: datetime


@dataclass(frozen=True, slots=True)
class RequestBudget:
    """How much of the organisation's request limit we use, in requests per minute."""

    used_last_minute: int
    limit_per_minute: int
    limit_is_live: bool


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that could not be read: which endpoint, why, what it costs, and when it is tried again."""

    endpoint: str
    kind: ProblemKind
    sentence: str
    retry_at: datetime | None = None
    permission: str = ""
    correlation_id: str = ""


@dataclass(frozen=True, slots=True)
class Observation:
    """One poll: everything that could be read, and everything that could not.

    `inventory_read` is False when the list of groups itself could not be read: then `groups` says nothing about which
    groups exist, and the previous ones stay on screen with their age.
    """

    taken_at: datetime
    requests: int
    inventory_read: bool
    groups: tuple[GroupReading, ...]
    problems: tuple[Problem, ...]
    budget: RequestBudget
    organization_calls: OrganizationCalls | None = None
    vendor_status: VendorStatus | None = None
    clock_skew_s: float | None = None
