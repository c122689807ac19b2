"""The shapes of Genesys's answers, only as far as we read them; anything else in them is passed over.

What must be there is required, so that a captive portal's page or a truncated body is an error and never a fleet of
phantom nodes. Enumerations are plain text, because new values appear every few weeks.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Generic, TypeVar

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

Entity = TypeVar("Entity")


def _readable_moment(value: object) -> datetime | None:
    """A time with its zone, else None: one sample without a usable time must not cost the other 99 of its batch."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None


def _object_or_none(value: object) -> object:
    """An object, else None: a detail that only adds to a sample must not cost the sample."""
    return value if isinstance(value, dict) else None


Moment = Annotated[datetime | None, BeforeValidator(_readable_moment)]


class Wire(BaseModel):
    """What all answers share: read-only, extra fields passed over, no NaN."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, allow_inf_nan=False)


class Reference(Wire):
    """A pointer to something else, with its name where Genesys gives it."""

    id: str | None = None
    name: str | None = None


class EdgeGroupReference(Reference):
    """The group of an edge, expanded inline."""

    managed: bool | None = None


class Page(Wire, Generic[Entity]):
    """One page of a listing."""

    entities: list[Entity]
    page_count: int | None = Field(None, alias="pageCount")
    total: int | None = None


class EdgeGroup(Wire):
    """A node group."""

    id: str
    name: str | None = None
    managed: bool | None = None
    state: str | None = None


class Edge(Wire):
    """A node."""

    id: str
    name: str | None = None
    state: str | None = None
    online_status: str | None = Field(None, alias="onlineStatus")
    status_code: str | None = Field(None, alias="statusCode")
    call_draining_state: str | None = Field(None, alias="callDrainingState")
    conversation_count: int | None = Field(None, alias="conversationCount")
    edge_group: EdgeGroupReference | None = Field(None, alias="edgeGroup")
    site: Reference | None = None
    managed: bool | None = None
    deployment_type: str | None = Field(None, alias="edgeDeploymentType")


class Processor(Wire):
    """Utilization of one core, or of all of them under the id "total", in percent."""

    cpu_id: str | None = Field(None, alias="cpuId")
    active_percent: float | None = Field(None, alias="activeTimePct")


class Memory(Wire):
    """Memory of one type; the virtual row is zero of zero on real systems."""

    type: str | None = None
    available_bytes: float | None = Field(None, alias="availableBytes")
    total_bytes: float | None = Field(None, alias="totalBytes")


class Subsystem(Wire):
    """The delay of one process on an edge, in milliseconds."""

    process_name: str | None = Field(None, alias="processName")
    delay_ms: float | None = Field(None, alias="delayMs")
    media_subsystem: Annotated[Subsystem | None, BeforeValidator(_object_or_none)] = Field(None, alias="mediaSubsystem")


class EdgeMetrics(Wire):
    """One sample of one edge."""

    edge: Reference
    event_time: Moment = Field(None, alias="eventTime")
    processors: list[Processor] | None = None
    memory: list[Memory] | None = None
    subsystems: list[Subsystem] | None = None


class ConnectedStatus(Wire):
    """Whether a trunk is connected."""

    connected: bool | None = None


class Trunk(Wire):
    """A trunk; only EXTERNAL ones carry sessions that count once."""

    id: str
    trunk_type: str | None = Field(None, alias="trunkType")
    edge: Reference | None = None
    edge_group: Reference | None = Field(None, alias="edgeGroup")
    in_service: bool | None = Field(None, alias="inService")
    enabled: bool | None = None
    connected_status: ConnectedStatus | None = Field(None, alias="connectedStatus")


class TrunkCalls(Wire):
    """Calls on a trunk now."""

    inbound: int | None = Field(None, alias="inboundCallCount")
    outbound: int | None = Field(None, alias="outboundCallCount")


class TrunkMetrics(Wire):
    """One sample of one trunk."""

    trunk: Reference
    event_time: Moment = Field(None, alias="eventTime")
    calls: TrunkCalls | None = None


class CallMetrics(Wire):
    """Genesys's own gauges of its cloud media."""

    usage: float | None = None
    trigger: float | None = Field(None, alias="autoScalingTriggerPercentage")
    scaling: str | None = Field(None, alias="autoScaleInProgress")
    calls: int | None = Field(None, alias="concurrentCallCount")
    capacity: int | None = Field(None, alias="maxCallCapacity")


class Statistics(Wire):
    """Figures of one metric; sums of durations are milliseconds."""

    count: float | None = None
    sum: float | None = None


class ObservationDatum(Wire):
    """One figure of a queue now."""

    metric: str | None = None
    qualifier: str | None = None
    stats: Statistics | None = None


class ObservationResult(Wire):
    """Figures of one queue, for one media type or for its agents."""

    group: dict[str, str]
    data: list[ObservationDatum] | None = None


class QueueObservations(Wire):
    """The answer to a queue observation query."""

    results: list[ObservationResult] | None = None


class AggregateMetric(Wire):
    """One metric over an interval."""

    metric: str | None = None
    stats: Statistics | None = None


class AggregateInterval(Wire):
    """Metrics of one interval."""

    metrics: list[AggregateMetric] | None = None


class AggregateResult(Wire):
    """Metrics of one queue."""

    group: dict[str, str] | None = None
    data: list[AggregateInterval] | None = None


class Aggregates(Wire):
    """The answer to a conversation aggregate query."""

    results: list[AggregateResult] | None = None


class Token(Wire):
    """A token, and for how many seconds it is good."""

    access_token: str = Field(min_length=1)
    expires_in: float | None = None


class ErrorBody(Wire):
    """Genesys's own code of an error."""

    code: str | None = None


class ServerDate(Wire):
    """Genesys's clock."""

    current: datetime = Field(alias="currentDate")


class Limit(Wire):
    """One limit of the organisation."""

    key: str | None = None
    value: float | None = None


class Limits(Wire):
    """The limits of one namespace."""

    entities: list[Limit]


class PageStatus(Wire):
    """The overall state on the vendor's status page."""

    indicator: str
    description: str = ""


class StatusPage(Wire):
    """The vendor's status page."""

    status: PageStatus
