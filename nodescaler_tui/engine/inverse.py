"""The inverse: an ordinary plan that takes back what an earlier operation added. It is never proposed by itself.

It asks for the node count that the operation started from, needs a receiver that may be asked for fewer nodes, and is
closed where the present load would make a signal critical again.
"""

from __future__ import annotations

from datetime import datetime

from nodescaler_tui.act.operation import Operation, Phase
from nodescaler_tui.decide.decision import Decision, projected
from nodescaler_tui.decide.payload import payload_for
from nodescaler_tui.decide.plan import Gate, Override, Plan
from nodescaler_tui.decide.signals import SignalName, is_count, is_utilization
from nodescaler_tui.decide.wording import projection_sentence
from nodescaler_tui.engine.assessment import Assessment
from nodescaler_tui.engine.gates import Circumstances, Standing, gates, obstacles
from nodescaler_tui.engine.planning import body_of, evidence_of, receiver_identity

CAN_BE_TAKEN_BACK = frozenset({Phase.VERIFIED, Phase.PARTIAL, Phase.INCONCLUSIVE, Phase.FAILED})


def can_be_taken_back(operation: Operation) -> bool:
    """Whether it ended, and may have added nodes."""
    added = operation.plan.requested_nodes > operation.plan.from_nodes
    return added and operation.phase in CAN_BE_TAKEN_BACK and operation.may_have_changed_something


def inverse_plan_for(
    assessment: Assessment,
    operation: Operation,
    circumstances: Circumstances,
    standing: Standing,
    *,
    now: datetime,
    overrides: frozenset[Override] = frozenset(),
) -> Plan | None:
    """The plan that takes the operation back, None while there is nothing to take back or a signal is critical."""
    reading, decision, situation = assessment.reading, assessment.decision, assessment.situation
    count, wanted = reading.current_nodes.value, operation.plan.from_nodes
    if reading.managed or not is_count(count) or not wanted or count <= wanted or decision.breach:
        return None
    if not can_be_taken_back(operation):
        return None
    needed = overrides & obstacles(situation, circumstances, standing, count)
    payload = payload_for(reading.id, count, wanted, situation.matrix)
    held = gates(situation, circumstances, standing, (count, wanted), needed)
    return Plan(
        group_id=reading.id,
        group_name=reading.name,
        payload=payload,
        body=body_of(payload, circumstances.receiver),
        matrix=situation.matrix,
        reasons=(f"takes back the scale-up that {operation.operator} approved at {operation.approved_at:%H:%M} UTC",),
        codes=tuple(str(reason) for reason in decision.reasons),
        projection=projection_sentence(decision, count, wanted),
        gates=(*held, _receiver_gate(circumstances), _load_gate(decision, count, wanted)),
        receiver=receiver_identity(circumstances.receiver),
        evidence=evidence_of(assessment),
        overrides=tuple(sorted(needed)),
        blind=tuple(judgement.signal.value for judgement in decision.unknown),
        created_at=now,
    )


def _receiver_gate(circumstances: Circumstances) -> Gate:
    receiver = circumstances.receiver
    allowed = receiver is not None and receiver.allows_scale_down
    sentence = "may be asked for fewer nodes" if allowed else "set receiver.allows_scale_down to ask it for fewer nodes"
    return Gate("scale-down", allowed, sentence)


def _load_gate(decision: Decision, count: int, wanted: int) -> Gate:
    """Fewer nodes carry the same load: what would be critical then must not be asked for."""
    critical = [
        judgement.signal.value
        for judgement in decision.judgements
        if judgement.signal is not SignalName.SESSIONS
        and is_utilization(judgement.sample.value)
        and projected(judgement.sample.value, count, wanted) >= judgement.critical
    ]
    unknown = [judgement.signal.value for judgement in decision.unknown]
    if critical:
        return Gate("load", passed=False, sentence=f"{' and '.join(critical)} would be critical with {wanted} nodes")
    if unknown:
        return Gate("load", passed=False, sentence=f"{' and '.join(unknown)} cannot be seen")
    return Gate("load", passed=True, sentence=f"{wanted} nodes carry the present load")
