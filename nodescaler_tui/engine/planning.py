"""Planning: from an assessment to the exact plan that may be approved, with every gate that stands before it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from nodescaler_tui.act.receiver import REPEATS_IN_WORDS, WebhookReceiver
from nodescaler_tui.decide.decision import Judgement, Verdict, step_target
from nodescaler_tui.decide.payload import payload_for
from nodescaler_tui.decide.plan import COOLDOWN_OVERRIDE, Evidence, Gate, Plan, Receiver
from nodescaler_tui.decide.signals import SignalName, is_count
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.decide.wording import duration, projection_sentence, reason_sentences
from nodescaler_tui.engine.assessment import Assessment, reading_of

NO_RECEIVER = Receiver("none", "–", "–", "–", "none")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a plan depends on besides the group: the receiver, and whether anything may be sent at all."""

    receiver: WebhookReceiver | None
    receiver_problem: str
    store_problem: str
    read_only: bool
    dry_run: bool


def receiver_identity(receiver: WebhookReceiver | None) -> Receiver:
    """The receiver as a plan names it."""
    if receiver is None:
        return NO_RECEIVER
    repeats = REPEATS_IN_WORDS[receiver.repeats]
    return Receiver(receiver.name, receiver.host, receiver.authentication, repeats, receiver.version)


def plan_for(
    assessment: Assessment, circumstances: Circumstances, now: datetime, *, override_cooldown: bool = False
) -> Plan | None:
    """The plan that would be proposed now, or None when none would be."""
    reading, decision, situation = assessment.reading, assessment.decision, assessment.situation
    count = reading.current_nodes.value
    overridden = override_cooldown and decision.verdict is Verdict.COOLDOWN
    if reading.managed or not is_count(count) or not (decision.dispatchable or overridden):
        return None
    requested = step_target(count, situation.matrix.max_nodes)
    return Plan(
        group_id=reading.id,
        group_name=reading.name,
        payload=payload_for(reading.id, count, requested, situation.matrix),
        matrix=situation.matrix,
        reasons=reason_sentences(decision),
        codes=tuple(str(reason) for reason in decision.reasons),
        projection=projection_sentence(decision, count, requested),
        gates=gates(assessment, circumstances, overridden=overridden),
        receiver=receiver_identity(circumstances.receiver),
        evidence=tuple(_evidence(assessment, judgement) for judgement in decision.judgements),
        overrides=(COOLDOWN_OVERRIDE,) if overridden else (),
        blind=tuple(judgement.signal.value for judgement in decision.unknown),
        created_at=now,
    )


def gates(assessment: Assessment, circumstances: Circumstances, *, overridden: bool) -> tuple[Gate, ...]:
    """Every precondition of sending, in the order in which an operator would ask."""
    situation = assessment.situation
    left = duration(situation.cooldown_remaining_s)
    cooling = situation.cooldown_remaining_s > 0
    cooldown = f"{left} left, overridden" if overridden else f"{left} left" if cooling else "none running"
    return (
        Gate("in flight", situation.pending_nodes == 0, "no other operation on this group"),
        Gate("cooldown", not cooling or overridden, cooldown),
        Gate("receiver", circumstances.receiver is not None, circumstances.receiver_problem or "configured"),
        Gate("journal", not circumstances.store_problem, circumstances.store_problem or "can be written"),
        Gate("mode", not circumstances.read_only, _mode(circumstances)),
    )


def _mode(circumstances: Circumstances) -> str:
    if circumstances.read_only:
        return "read-only: nothing can be approved"
    return "dry run: nothing will be sent" if circumstances.dry_run else "may send"


def _evidence(assessment: Assessment, judgement: Judgement) -> Evidence:
    reading = reading_of(assessment.reading, judgement.signal)
    value = "" if reading.value is None else repr(reading.value)
    return Evidence(judgement.signal.value, value, reading.source, reading.sampled_at)


def critical_limits(plan: Plan) -> Mapping[str, str]:
    """The breaching signals with the limits they must fall below once the new nodes are there, as decimal text."""
    limits = {
        SignalName.CPU: repr(plan.matrix.cpu_critical),
        SignalName.MEMORY: repr(plan.matrix.memory_critical),
        SignalName.SESSIONS: _sessions_limit(plan.matrix, plan.payload.requested_nodes),
    }
    breaching = {"CPU_CRITICAL": SignalName.CPU, "MEM_CRITICAL": SignalName.MEMORY}
    breaching["SESSIONS_CRITICAL"] = SignalName.SESSIONS
    return {breaching[code].value: limits[breaching[code]] for code in plan.codes if code in breaching}


def _sessions_limit(matrix: ThresholdMatrix, nodes: int) -> str:
    return str(matrix.sessions_per_node * matrix.rated_sessions_per_node * nodes)
