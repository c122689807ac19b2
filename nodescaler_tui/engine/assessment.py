"""Assessment: what a group's reading means now, under its matrix and with what the journal knows about it. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.decide.ahead import Ahead
from nodescaler_tui.decide.ahead_words import ahead_reasons, ahead_sentence
from nodescaler_tui.decide.decision import Decision, Situation, Verdict, decide
from nodescaler_tui.decide.signals import Level, Sample, SignalName, Signals
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.decide.wording import reason_sentences, verdict_sentence
from nodescaler_tui.facts import GroupKind, GroupReading, Reading
from nodescaler_tui.state import Severity

NOT_KNOWING = frozenset(
    {Verdict.COUNT_UNKNOWN, Verdict.COUNT_INVALID, Verdict.NO_DATA, Verdict.DEGRADED, Verdict.EMPTY_GROUP}
)


@dataclass(frozen=True, slots=True)
class Rules:
    """The limits that hold for every group of this engine, in seconds."""

    staleness_limit_s: float
    cooldown_s: float


@dataclass(frozen=True, slots=True)
class Assessment:
    """A reading, the situation it makes, and the decision on it; `ahead` is what a look ahead came to, where one was.

    A breach that is only expected makes nothing more severe: it is a proposal, and no alarm.
    """

    reading: GroupReading
    situation: Situation
    decision: Decision
    ahead: Ahead | None = None

    @property
    def sentence(self) -> str:
        """What is proposed, or why nothing is."""
        if self.ahead is None:
            return verdict_sentence(self.decision, self.situation)
        return ahead_sentence(self.ahead, self.situation)

    @property
    def reasons(self) -> tuple[str, ...]:
        """Why it is proposed, for the plan."""
        return reason_sentences(self.decision) if self.ahead is None else ahead_reasons(self.ahead)

    @property
    def severity(self) -> Severity:
        """How worried to be. Not knowing is never OK."""
        if self.decision.breach:
            return Severity.CRITICAL
        if any(judgement.level is Level.WARNING for judgement in self.decision.judgements):
            return Severity.WARNING
        return Severity.UNKNOWN if self.decision.verdict in NOT_KNOWING else Severity.OK


def assess(reading: GroupReading, matrix: ThresholdMatrix, ledger: Ledger, rules: Rules, now: datetime) -> Assessment:
    """Judge one group by the decision table."""
    pending = ledger.open_operation(reading.id)
    situation = Situation(
        current_nodes=reading.current_nodes.value,
        signals=signals_of(reading, now),
        matrix=matrix,
        pending_nodes=0 if pending is None else pending.plan.requested_nodes - pending.plan.from_nodes,
        cooldown_remaining_s=ledger.cooldown_remaining_s(reading.id, rules.cooldown_s, now),
        staleness_limit_s=rules.staleness_limit_s,
    )
    return Assessment(reading, situation, decide(situation))


def signals_of(reading: GroupReading, now: datetime) -> Signals:
    """The group's samples with their ages. A declared group has no memory figure at all, so that signal is off."""
    memory = None if reading.kind is GroupKind.DECLARED else _sample(reading.memory, now)
    return Signals(cpu=_sample(reading.cpu, now), memory=memory, sessions=_sample(reading.sessions, now))


def reading_of(reading: GroupReading, signal: SignalName) -> Reading:
    """The reading behind a signal."""
    return {
        SignalName.CPU: reading.cpu,
        SignalName.MEMORY: reading.memory,
        SignalName.SESSIONS: reading.sessions,
    }[signal]


def _sample(reading: Reading, now: datetime) -> Sample:
    age_s = None if reading.sampled_at is None else (now - reading.sampled_at).total_seconds()
    return Sample(reading.value, age_s)
