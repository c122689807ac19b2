"""The plan record: a plan as the journal keeps it, so exact that another engine can read the very same plan again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation

from nodescaler_tui.act.operation import IllegalTransition, mapping, moment, strings, text
from nodescaler_tui.decide.payload import ScalingPayload
from nodescaler_tui.decide.plan import Evidence, Override, Plan, Receiver, matrix_fields
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.events import Event, Fields, FieldValue


def approved_fields(plan: Plan) -> dict[str, FieldValue]:
    """What an approval says of its plan: the exact bytes, why, and for how long it holds."""
    payload = plan.payload
    return {
        "plan_hash": plan.hash,
        "payload": payload.canonical_bytes().decode(),
        "payload_sha256": payload.sha256(),
        "body": plan.body.decode(),
        "body_sha256": plan.body_sha256,
        "group_name": plan.group_name,
        "current_nodes": payload.current_nodes,
        "requested_nodes": payload.requested_nodes,
        "max_nodes": plan.max_nodes,
        "reasons": list(plan.reasons),
        "on_forecast": plan.on_forecast,
        "projection": plan.projection,
        "evidence": [
            {
                "signal": entry.signal,
                "value": entry.value,
                "source": entry.source,
                "sampled_at": entry.sampled_at.isoformat() if entry.sampled_at else "",
            }
            for entry in plan.evidence
        ],
        "overrides": [override.value for override in plan.overrides],
        **({"blind": list(plan.blind)} if plan.blind else {}),
        "receiver_name": plan.receiver.name,
        "receiver_host": plan.receiver.host,
        "receiver_version": plan.receiver.version,
        "expires_at": plan.expires_at.isoformat(),
    }


def whole_plan_fields(plan: Plan) -> dict[str, FieldValue]:
    """The same, and everything else that the plan consists of; its gates are each engine's own to judge."""
    return {
        **approved_fields(plan),
        "matrix": matrix_fields(plan.matrix),
        "codes": list(plan.codes),
        "receiver_authentication": plan.receiver.authentication,
        "receiver_repeats": plan.receiver.repeats,
        "created_at": plan.created_at.isoformat(),
    }


def plan_in(event: Event) -> Plan:
    """The plan that an event holds as a whole. Raises IllegalTransition when it is not the one that its hash names."""
    try:
        plan = _plan_in(event)
    except (ValueError, KeyError, TypeError, InvalidOperation) as error:
        raise IllegalTransition("the plan cannot be read") from error
    if plan.hash != text(event.fields, "plan_hash"):
        raise IllegalTransition("the plan is not the one that its hash names")
    return plan


def _plan_in(event: Event) -> Plan:
    fields = event.fields
    created_at = moment(fields, "created_at")
    if created_at is None:
        raise IllegalTransition("the plan has no time")
    return Plan(
        group_id=event.group_id,
        group_name=text(fields, "group_name"),
        payload=ScalingPayload(**json.loads(text(fields, "payload"))),
        body=text(fields, "body").encode(),
        matrix=_matrix(mapping(fields, "matrix")),
        reasons=strings(fields, "reasons"),
        codes=strings(fields, "codes"),
        projection=text(fields, "projection"),
        gates=(),
        receiver=_receiver(fields),
        evidence=_evidence(fields),
        overrides=tuple(Override(name) for name in strings(fields, "overrides")),
        blind=strings(fields, "blind"),
        created_at=created_at,
        on_forecast=fields.get("on_forecast") is True,
    )


def _matrix(values: Mapping[str, str]) -> ThresholdMatrix:
    return ThresholdMatrix(
        cpu_warning=float(values["cpu_warning"]),
        cpu_critical=float(values["cpu_critical"]),
        memory_warning=float(values["memory_warning"]),
        memory_critical=float(values["memory_critical"]),
        max_nodes=int(values["max_nodes"]),
        sessions_per_node=Decimal(values["sessions_per_node"]),
        rated_sessions_per_node=int(values["rated_sessions_per_node"]),
    )


def _receiver(fields: Fields) -> Receiver:
    return Receiver(
        name=text(fields, "receiver_name"),
        host=text(fields, "receiver_host"),
        authentication=text(fields, "receiver_authentication"),
        repeats=text(fields, "receiver_repeats"),
        version=text(fields, "receiver_version"),
    )


def _evidence(fields: Fields) -> tuple[Evidence, ...]:
    entries = fields.get("evidence")
    if not isinstance(entries, list | tuple):
        return ()
    return tuple(
        Evidence(text(entry, "signal"), text(entry, "value"), text(entry, "source"), moment(entry, "sampled_at"))
        for entry in entries
        if isinstance(entry, Mapping)
    )
