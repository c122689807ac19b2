"""Planning: from an assessment to the exact plan that may be approved, with every gate that stands before it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from nodescaler_tui.act.receiver import REPEATS_IN_WORDS, WebhookReceiver
from nodescaler_tui.decide.ahead import Ahead
from nodescaler_tui.decide.ahead_words import boot_sentence, expected_sentence
from nodescaler_tui.decide.decision import Decision, Judgement, Verdict
from nodescaler_tui.decide.payload import ScalingPayload, payload_for
from nodescaler_tui.decide.plan import Evidence, Override, Plan, Receiver
from nodescaler_tui.decide.signals import SignalName, is_count
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.decide.wording import projection_sentence
from nodescaler_tui.engine.assessment import Assessment, reading_of
from nodescaler_tui.engine.gates import Circumstances, Standing, gates, obstacles, requested_nodes

NO_RECEIVER = Receiver("none", "–", "–", "–", "none")
_BREACHING = {
    "CPU_CRITICAL": SignalName.CPU,
    "MEM_CRITICAL": SignalName.MEMORY,
    "SESSIONS_CRITICAL": SignalName.SESSIONS,
}


def receiver_identity(receiver: WebhookReceiver | None) -> Receiver:
    """The receiver as a plan names it."""
    if receiver is None:
        return NO_RECEIVER
    repeats = REPEATS_IN_WORDS[receiver.repeats]
    return Receiver(receiver.name, receiver.host, receiver.authentication, repeats, receiver.version)


def plan_for(
    assessment: Assessment,
    circumstances: Circumstances,
    standing: Standing,
    now: datetime,
    overrides: frozenset[Override] = frozenset(),
) -> Plan | None:
    """The plan that would be proposed now, or None when none would be; only what is in the way is overridden.

    No forecast asks for more than the maximum, also where the glass of the maximum was broken for a breach.
    """
    reading, decision, situation = assessment.reading, assessment.decision, assessment.situation
    on_forecast = decision.verdict is Verdict.PROPOSE_AHEAD
    count = reading.current_nodes.value
    if reading.managed or not is_count(count):
        return None
    allowed = overrides - {Override.MAXIMUM} if on_forecast else overrides
    needed = allowed & obstacles(situation, circumstances, standing, count)
    if not (decision.dispatchable or _opened_by(needed, decision.verdict)):
        return None
    requested = requested_nodes(situation, count, circumstances.caps, needed)
    if requested <= count:
        return None
    payload = payload_for(reading.id, count, requested, situation.matrix)
    return Plan(
        group_id=reading.id,
        group_name=reading.name,
        payload=payload,
        body=body_of(payload, circumstances.receiver),
        matrix=situation.matrix,
        reasons=(*assessment.reasons, *_cut(decision, requested, needed)),
        codes=tuple(str(reason) for reason in decision.reasons),
        projection=projection_sentence(decision, count, requested),
        gates=gates(situation, circumstances, standing, (count, requested), needed),
        receiver=receiver_identity(circumstances.receiver),
        evidence=(*evidence_of(assessment), *_expected_evidence(assessment.ahead, now)),
        overrides=tuple(sorted(needed)),
        blind=tuple(judgement.signal.value for judgement in decision.unknown),
        created_at=now,
        on_forecast=on_forecast,
    )


def _opened_by(overrides: frozenset[Override], verdict: Verdict) -> bool:
    """Whether an override is what this verdict needs to become a plan."""
    needed = {
        Verdict.COOLDOWN: Override.COOLDOWN,
        Verdict.AT_MAX: Override.MAXIMUM,
        Verdict.OVER_MAX: Override.MAXIMUM,
    }.get(verdict)
    return needed in overrides


def _cut(decision: Decision, requested: int, overrides: frozenset[Override]) -> tuple[str, ...]:
    """That the step is smaller than the decision's, because of the cap on one step."""
    wanted = decision.requested_nodes
    if overrides or wanted is None or requested >= wanted:
        return ()
    return (f"the step to {wanted} is cut by the step cap",)


def body_of(payload: ScalingPayload, receiver: WebhookReceiver | None) -> bytes:
    """The bytes that go out: the payload's own, or those that the receiver's profile makes of it."""
    return payload.canonical_bytes() if receiver is None else receiver.wire_body(payload.canonical_bytes())


def evidence_of(assessment: Assessment) -> tuple[Evidence, ...]:
    """What was measured when the plan was made."""
    return tuple(_evidence(assessment, judgement) for judgement in assessment.decision.judgements)


def _evidence(assessment: Assessment, judgement: Judgement) -> Evidence:
    reading = reading_of(assessment.reading, judgement.signal)
    value = "" if reading.value is None else repr(reading.value)
    return Evidence(judgement.signal.value, value, reading.source, reading.sampled_at)


def _expected_evidence(ahead: Ahead | None, now: datetime) -> tuple[Evidence, ...]:
    """One entry for each breach that is expected: in how many seconds, counted from when the forecast's hour began."""
    if ahead is None or not ahead.proposes:
        return ()
    lead = f"lead time {round(ahead.boot.lead_s)} s: {boot_sentence(ahead.boot)}"
    return tuple(
        Evidence(
            signal=f"{each.judgement.signal.value} ahead",
            value=str(each.crossing.expected_s),
            source=f"forecast: {expected_sentence(each)}; {lead}",
            sampled_at=now - timedelta(seconds=each.age_s),
        )
        for each in ahead.expected
    )


def critical_limits(plan: Plan) -> Mapping[str, str]:
    """The signals that must be below their critical limits once the nodes are there, with these as decimal text.

    After a scale-up these are the breaching ones, or those that were expected to breach; fewer nodes must keep every
    known signal below.
    """
    limits = {
        SignalName.CPU: repr(plan.matrix.cpu_critical),
        SignalName.MEMORY: repr(plan.matrix.memory_critical),
        SignalName.SESSIONS: _sessions_limit(plan.matrix, plan.payload.requested_nodes),
    }
    if plan.takes_back:
        return {entry.signal: limits[SignalName(entry.signal)] for entry in plan.evidence if entry.value}
    named = [_BREACHING[code] for code in (code.removesuffix("_AHEAD") for code in plan.codes) if code in _BREACHING]
    return {signal.value: limits[signal] for signal in named}


def _sessions_limit(matrix: ThresholdMatrix, nodes: int) -> str:
    return str(matrix.sessions_per_node * matrix.rated_sessions_per_node * nodes)
