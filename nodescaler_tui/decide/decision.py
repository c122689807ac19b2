"""The decision: what should be done about one node group, and why. A table of ten rows, asked in order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from nodescaler_tui.decide.signals import (
    Level,
    Sample,
    SignalName,
    Signals,
    is_count,
    is_utilization,
    sessions_level,
    utilization_level,
)
from nodescaler_tui.decide.thresholds import ThresholdMatrix

STEP_PERCENT: Final = 25
DEFAULT_STALENESS_LIMIT_S: Final = 90.0


class Verdict(StrEnum):
    """The outcome of the decision table, and PROPOSE_AHEAD, which only `decide/ahead.py` says.

    Only these two proposals may become a plan without an override.
    """

    COUNT_UNKNOWN = "COUNT_UNKNOWN"
    COUNT_INVALID = "COUNT_INVALID"
    NO_DATA = "NO_DATA"
    DEGRADED = "DEGRADED"
    EMPTY_GROUP = "EMPTY_GROUP"
    HOLD = "HOLD"
    OVER_MAX = "OVER_MAX"
    AT_MAX = "AT_MAX"
    IN_FLIGHT = "IN_FLIGHT"
    COOLDOWN = "COOLDOWN"
    PROPOSE = "PROPOSE"
    PROPOSE_AHEAD = "PROPOSE_AHEAD"


class ReasonCode(StrEnum):
    """Reasons that are not a signal's level; a signal's own code is its short name and its level."""

    COUNT_UNKNOWN = "COUNT_UNKNOWN"
    COUNT_INVALID = "COUNT_INVALID"
    EMPTY_GROUP = "EMPTY_GROUP"
    CLIPPED_TO_MAX = "CLIPPED_TO_MAX"
    AT_MAX = "AT_MAX"
    OVER_MAX = "OVER_MAX"
    IN_FLIGHT = "IN_FLIGHT"
    COOLDOWN = "COOLDOWN"
    STEP_INSUFFICIENT = "STEP_INSUFFICIENT"


_SHORT_NAME: Final = {SignalName.CPU: "CPU", SignalName.MEMORY: "MEM", SignalName.SESSIONS: "SESSIONS"}


@dataclass(frozen=True, slots=True)
class Judgement:
    """One signal judged: its level, what was measured, and the limits it was held against (None where it has none)."""

    signal: SignalName
    level: Level
    sample: Sample
    warning: float | None
    critical: float

    @property
    def code(self) -> str:
        """The reason code of this level, such as CPU_CRITICAL."""
        return f"{_SHORT_NAME[self.signal]}_{self.level}"

    @property
    def code_ahead(self) -> str:
        """The reason code of a critical limit that is only expected to be crossed, such as CPU_CRITICAL_AHEAD."""
        return f"{_SHORT_NAME[self.signal]}_{Level.CRITICAL}_AHEAD"


@dataclass(frozen=True, slots=True)
class Situation:
    """Everything a decision depends on. `current_nodes` may be anything that came in; it is judged, not trusted."""

    current_nodes: object
    signals: Signals
    matrix: ThresholdMatrix
    pending_nodes: int = 0
    cooldown_remaining_s: float = 0.0
    staleness_limit_s: float = DEFAULT_STALENESS_LIMIT_S


@dataclass(frozen=True, slots=True)
class Decision:
    """What the table says. `requested_nodes` is None when the count is not known; it is never below the count."""

    verdict: Verdict
    requested_nodes: int | None
    reasons: tuple[str, ...]
    judgements: tuple[Judgement, ...]

    @property
    def breach(self) -> bool:
        """Whether any signal is critical."""
        return any(judgement.level is Level.CRITICAL for judgement in self.judgements)

    @property
    def dispatchable(self) -> bool:
        """Whether a plan may be made of this without an override."""
        return self.verdict in {Verdict.PROPOSE, Verdict.PROPOSE_AHEAD}

    @property
    def breaching(self) -> tuple[Judgement, ...]:
        """The signals that are critical."""
        return tuple(judgement for judgement in self.judgements if judgement.level is Level.CRITICAL)

    @property
    def unknown(self) -> tuple[Judgement, ...]:
        """The signals that could not be judged."""
        return tuple(judgement for judgement in self.judgements if judgement.level.unknown)


def decide(situation: Situation) -> Decision:
    """The decision table: the first row that fits. Pure: the same situation always gives the same decision."""
    count = situation.current_nodes
    if count is None:
        return Decision(Verdict.COUNT_UNKNOWN, None, (ReasonCode.COUNT_UNKNOWN,), ())
    if not is_count(count):
        return Decision(Verdict.COUNT_INVALID, None, (ReasonCode.COUNT_INVALID,), ())
    judgements = judge_signals(situation, count)
    if any(judgement.level is Level.CRITICAL for judgement in judgements):
        return _decide_breach(situation, count, judgements)
    return _decide_calm(situation, count, judgements)


def judge_signals(situation: Situation, nodes: int) -> tuple[Judgement, ...]:
    """Each signal that is switched on, in the order of reasons."""
    matrix, signals, limit_s = situation.matrix, situation.signals, situation.staleness_limit_s
    judged: list[Judgement] = []
    for name, sample, warning, critical in (
        (SignalName.CPU, signals.cpu, matrix.cpu_warning, matrix.cpu_critical),
        (SignalName.MEMORY, signals.memory, matrix.memory_warning, matrix.memory_critical),
    ):
        if sample is not None:
            level = utilization_level(sample, warning, critical, limit_s)
            judged.append(Judgement(name, level, sample, warning, critical))
    if signals.sessions is not None:
        level = sessions_level(signals.sessions, nodes, matrix, limit_s)
        limit = float(nodes * matrix.sessions_limit_per_node)
        judged.append(Judgement(SignalName.SESSIONS, level, signals.sessions, None, limit))
    return tuple(judged)


def _decide_calm(situation: Situation, count: int, judgements: tuple[Judgement, ...]) -> Decision:
    reasons = _signal_reasons(judgements)
    unknown = [judgement for judgement in judgements if judgement.level.unknown]
    if len(unknown) == len(judgements):
        return Decision(Verdict.NO_DATA, count, reasons, judgements)
    if unknown:
        return Decision(Verdict.DEGRADED, count, reasons, judgements)
    if count == 0:
        return Decision(Verdict.EMPTY_GROUP, 0, (*reasons, ReasonCode.EMPTY_GROUP), judgements)
    over = (ReasonCode.OVER_MAX,) if count > situation.matrix.max_nodes else ()
    return Decision(Verdict.HOLD, count, (*reasons, *over), judgements)


def _decide_breach(situation: Situation, count: int, judgements: tuple[Judgement, ...]) -> Decision:
    reasons = _signal_reasons(judgements)
    verdict = blocked_by(situation, count)
    if verdict is not None:
        return Decision(verdict, count, (*reasons, verdict.value), judgements)
    requested = step_target(count, situation.matrix.max_nodes)
    advice = (ReasonCode.STEP_INSUFFICIENT,) if _step_insufficient(judgements, count, requested) else ()
    return Decision(Verdict.PROPOSE, requested, (*reasons, *clipping(count, requested), *advice), judgements)


def blocked_by(situation: Situation, count: int) -> Verdict | None:
    """The first row that keeps more nodes from being asked for, whatever calls for them; None when none does."""
    for blocks, verdict in (
        (count > situation.matrix.max_nodes, Verdict.OVER_MAX),
        (count == situation.matrix.max_nodes, Verdict.AT_MAX),
        (situation.pending_nodes > 0, Verdict.IN_FLIGHT),
        (situation.cooldown_remaining_s > 0, Verdict.COOLDOWN),
    ):
        if blocks:
            return verdict
    return None


def clipping(count: int, requested: int) -> tuple[str, ...]:
    """The reason code of a step that the maximum has cut, where it has."""
    return (ReasonCode.CLIPPED_TO_MAX,) if requested < count + step(count) else ()


def _signal_reasons(judgements: tuple[Judgement, ...]) -> tuple[str, ...]:
    return tuple(judgement.code for judgement in judgements if judgement.level is not Level.OK)


def step(current_nodes: int) -> int:
    """A quarter of the nodes, rounded down, and at least one: the tutorial's rule (step 2)."""
    return max(1, current_nodes * STEP_PERCENT // 100)


def step_target(current_nodes: int, max_nodes: int) -> int:
    """How many nodes to request: one step more, never above the maximum and never below the current count."""
    return max(current_nodes, min(current_nodes + step(current_nodes), max_nodes))


def proportional_target(current_nodes: int, utilization: float, target: float) -> int:
    """The alternative that Kubernetes' autoscaler would ask for, ceil(n * utilization / target); shown beside."""
    return math.ceil(round(current_nodes * utilization / target, 9))


def projected(value: float, current_nodes: int, requested_nodes: int) -> float:
    """The utilization after the step, when the same load spreads over the requested nodes."""
    return value * current_nodes / requested_nodes


def _step_insufficient(judgements: tuple[Judgement, ...], count: int, requested: int) -> bool:
    """Whether CPU would still be critical after this step, as far as the present load tells."""
    cpu = next((judgement for judgement in judgements if judgement.signal is SignalName.CPU), None)
    if cpu is None or cpu.level is not Level.CRITICAL or not is_utilization(cpu.sample.value):
        return False
    return projected(cpu.sample.value, count, requested) >= cpu.critical
