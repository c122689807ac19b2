"""The plan: exactly what would be sent, the evidence that led to it, and until when it holds."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from nodescaler_tui.decide.payload import ScalingPayload
from nodescaler_tui.decide.thresholds import ThresholdMatrix

PLAN_LIFETIME: Final = timedelta(minutes=10)


class Override(StrEnum):
    """A gate whose glass an operator may break."""

    COOLDOWN = "cooldown"
    PAUSE = "pause"
    FREEZE = "freeze window"
    HOURLY_CAP = "hourly cap"
    STEP_CAP = "step cap"
    MAXIMUM = "maximum"


@dataclass(frozen=True, slots=True)
class Gate:
    """One precondition of sending, and whether it holds, be it only because it is overridden."""

    name: str
    passed: bool
    sentence: str
    overridden: bool = False


@dataclass(frozen=True, slots=True)
class Receiver:
    """Who would be asked: enough to recognise it, and a version that changes with anything that matters."""

    name: str
    host: str
    authentication: str
    repeats: str
    version: str


@dataclass(frozen=True, slots=True)
class Evidence:
    """One measurement behind the plan; `value` is decimal text, because a record may not hold a binary fraction."""

    signal: str
    value: str
    source: str
    sampled_at: datetime | None


@dataclass(frozen=True, slots=True)
class Plan:
    """A scale-up that could be approved. Its hash covers everything that an approval must not be moved away from.

    `on_forecast` says that nothing is critical yet, and that a forecast is what calls for it.
    `body` holds the bytes that go out: the payload's own, or those that the receiver's profile makes of it.
    """

    group_id: str
    group_name: str
    payload: ScalingPayload
    body: bytes
    matrix: ThresholdMatrix
    reasons: tuple[str, ...]
    codes: tuple[str, ...]
    projection: str
    gates: tuple[Gate, ...]
    receiver: Receiver
    evidence: tuple[Evidence, ...]
    overrides: tuple[Override, ...]
    blind: tuple[str, ...]
    created_at: datetime
    on_forecast: bool = False

    @property
    def expires_at(self) -> datetime:
        """From then on the plan cannot be approved any more."""
        return self.created_at + PLAN_LIFETIME

    @property
    def takes_back(self) -> bool:
        """Whether it asks for fewer nodes than there are."""
        return self.payload.requested_nodes < self.payload.current_nodes

    @property
    def max_nodes(self) -> int:
        """The most nodes that the matrix allows."""
        return self.matrix.max_nodes

    @property
    def body_sha256(self) -> str:
        """The SHA-256 of the bytes that go out, in lower-case hexadecimal."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def hash(self) -> str:
        """SHA-256 over the bytes, the matrix, the receiver, why, the evidence, the overrides and the time."""
        described = {
            "body": self.body_sha256,
            "codes": list(self.codes),
            "created_at": self.created_at.isoformat(),
            "evidence": [[entry.signal, entry.value, entry.source, str(entry.sampled_at)] for entry in self.evidence],
            "matrix": matrix_fields(self.matrix),
            "on_forecast": self.on_forecast,
            "overrides": list(self.overrides),
            "payload": self.payload.sha256(),
            "receiver": [self.receiver.name, self.receiver.host, self.receiver.version],
        }
        canonical = json.dumps(described, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        return hashlib.sha256(canonical.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Change:
    """Something that differs between two plans, so that the earlier one no longer says what would happen."""

    field: str
    before: str
    after: str

    @property
    def sentence(self) -> str:
        """The change in words."""
        return f"{self.field}: {self.before} → {self.after}"


def matrix_fields(matrix: ThresholdMatrix) -> dict[str, str]:
    """Every field of the matrix as text, for records and comparisons."""
    return {
        "cpu_warning": repr(float(matrix.cpu_warning)),
        "cpu_critical": repr(float(matrix.cpu_critical)),
        "memory_warning": repr(float(matrix.memory_warning)),
        "memory_critical": repr(float(matrix.memory_critical)),
        "max_nodes": str(matrix.max_nodes),
        "sessions_per_node": str(matrix.sessions_per_node),
        "rated_sessions_per_node": str(matrix.rated_sessions_per_node),
    }


def changes(old: Plan, new: Plan) -> tuple[Change, ...]:
    """What changed, field by field. A metric that moved is no change while the plan asks for the same.

    A breach that was expected and has come is one: whoever declined to act on a forecast has not declined to answer it.
    """
    before, after = _comparable(old), _comparable(new)
    return tuple(Change(name, before[name], after[name]) for name in before if before[name] != after[name])


def _comparable(plan: Plan) -> dict[str, str]:
    return {
        "current nodes": str(plan.payload.current_nodes),
        "requested nodes": str(plan.payload.requested_nodes),
        **{name.replace("_", " "): value for name, value in matrix_fields(plan.matrix).items()},
        "receiver": f"{plan.receiver.name} at {plan.receiver.host} ({plan.receiver.version})",
        "overrides": ", ".join(plan.overrides) or "none",
        "signals that are blind": ", ".join(plan.blind) or "none",
        "called for by": "a forecast" if plan.on_forecast else "what was measured",
    }
