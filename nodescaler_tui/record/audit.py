"""The audit record: the tutorial's ten fields about one scale-up, as they were journaled with its end."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TypeVar

from nodescaler_tui.events import Event, EventKind, Fields

_T = TypeVar("_T", str, int, bool)


class NotAnAuditRecord(ValueError):  # noqa: N818 - named for what the event is
    """An event that does not hold the ten fields: which one is wrong."""


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """The ten fields, in the tutorial's order and under its names (step 4, `generate_audit_log`).

    `timestamp` is ISO 8601 in UTC, `payload_hash` the SHA-256 (lower-case hexadecimal) of the bytes that were sent,
    `latency_ms` whole milliseconds from the approval to the end. `health_verified` is None where it could not be
    checked: that is neither healthy nor unhealthy.
    """

    timestamp: str
    node_group_id: str
    requested_nodes: int
    current_nodes: int
    payload_hash: str
    webhook_status: str
    health_verified: bool | None
    latency_ms: int
    auto_provision: bool
    load_balancer_reconfigured: bool

    def as_fields(self) -> Fields:
        """The fields of an event of kind `audit.recorded`, in the tutorial's order."""
        return asdict(self)

    @classmethod
    def from_event(cls, event: Event) -> AuditRecord:
        """Read the record back. Raises NotAnAuditRecord; further fields are left to those who know them."""
        if event.kind is not EventKind.AUDIT_RECORDED:
            raise NotAnAuditRecord(f"event {event.seq} is of kind {event.kind.value}")
        unchecked = event.fields.get("health_verified", "") is None
        return cls(
            timestamp=_field(event, "timestamp", str),
            node_group_id=_field(event, "node_group_id", str),
            requested_nodes=_field(event, "requested_nodes", int),
            current_nodes=_field(event, "current_nodes", int),
            payload_hash=_field(event, "payload_hash", str),
            webhook_status=_field(event, "webhook_status", str),
            health_verified=None if unchecked else _field(event, "health_verified", bool),
            latency_ms=_field(event, "latency_ms", int),
            auto_provision=_field(event, "auto_provision", bool),
            load_balancer_reconfigured=_field(event, "load_balancer_reconfigured", bool),
        )


def _field(event: Event, name: str, kind: type[_T]) -> _T:
    value = event.fields.get(name)
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        raise NotAnAuditRecord(f"event {event.seq} has no proper {name}")
    return value
