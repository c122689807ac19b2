"""Ahead of a breach: what may be proposed on a forecast alone, for a group where an operator has switched that on.

Every row of the decision table wins over this one: it speaks only where the table says HOLD and every signal is known,
and what keeps a breach from being answered keeps it from being answered early. It asks for the table's own step.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from nodescaler_tui.decide.decision import (
    Decision,
    Judgement,
    ReasonCode,
    Situation,
    Verdict,
    blocked_by,
    clipping,
    step_target,
)
from nodescaler_tui.decide.forecast.outlook import (
    LIKELY,
    POSSIBLE,
    STEP_S,
    Crossing,
    GroupForecast,
    NotEnoughHistory,
    SignalForecast,
)
from nodescaler_tui.decide.forecast.track import Track
from nodescaler_tui.decide.signals import SignalName, is_count

MARGIN_S: Final = 300.0
"""On top of the boot time: a plan must be noticed, read and approved before any node can boot."""

BELIEVED_FOR_S: Final = 600.0
"""A forecast is made anew every five minutes. One that was left out is forgiven, two are not."""

NO_BETTER: Final = 1.0
"""From this relative error on a forecast is no better than "it stays where it is"."""


@dataclass(frozen=True, slots=True)
class BootTime:
    """How long new nodes of a group take to take up work, and over how many scale-ups; over none, it is assumed."""

    seconds: float
    measured: int = 0

    @property
    def lead_s(self) -> float:
        """How long before a breach its plan must be there."""
        return self.seconds + MARGIN_S


@dataclass(frozen=True, slots=True)
class DatedForecast:
    """A group's forecast, how long ago its hour began (in seconds), and how well each signal's were borne out."""

    forecast: GroupForecast
    age_s: float
    tracks: Mapping[SignalName, Track] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class NotForecast:
    """Nothing is known about the next hour of a signal."""


@dataclass(frozen=True, slots=True)
class TooOld:
    """The forecast began so long ago, in seconds, that it says too little about now."""

    age_s: float


@dataclass(frozen=True, slots=True)
class Doubt:
    """Why the forecast of a signal is not acted on; a Track is one that has been wrong lately."""

    signal: SignalName
    because: NotForecast | TooOld | NotEnoughHistory | Track


@dataclass(frozen=True, slots=True)
class ExpectedBreach:
    """A critical limit whose crossing is likely within the hour, and possible within the lead time.

    `load` is the forecast in load units; `shown` and `crossing` are in the unit of the judgement's limit, with the
    nodes that there are now. `age_s` is how long ago their hour began.
    """

    judgement: Judgement
    load: SignalForecast
    shown: SignalForecast
    crossing: Crossing
    age_s: float
    track: Track | None


@dataclass(frozen=True, slots=True)
class Ahead:
    """What the rule says. `decision` is the table's own unless its verdict is PROPOSE_AHEAD.

    `looked` is False where the rule has nothing to say: it is switched off, or another row of the table speaks.
    `held_by` is the row that keeps an expected breach from being answered ahead.
    """

    decision: Decision
    boot: BootTime
    looked: bool = True
    expected: tuple[ExpectedBreach, ...] = ()
    doubts: tuple[Doubt, ...] = ()
    held_by: Verdict | None = None

    @property
    def proposes(self) -> bool:
        """Whether more nodes are asked for on a forecast."""
        return self.decision.verdict is Verdict.PROPOSE_AHEAD


def decide_ahead(
    decision: Decision, situation: Situation, dated: DatedForecast | None, boot: BootTime, *, on: bool
) -> Ahead:
    """Look ahead from what the table decided on this situation. Pure: the same input always gives the same answer."""
    count = situation.current_nodes
    if not on or decision.verdict is not Verdict.HOLD or decision.unknown or not is_count(count):
        return Ahead(decision, boot, looked=False)
    found = [_look(judgement, count, dated, boot) for judgement in decision.judgements]
    expected = tuple(each for each in found if isinstance(each, ExpectedBreach))
    doubts = tuple(each for each in found if isinstance(each, Doubt))
    held_by = blocked_by(situation, count) if expected else None
    proposed = _proposed(decision, expected, count, situation.matrix.max_nodes) if not held_by else decision
    return Ahead(proposed, boot, expected=expected, doubts=doubts, held_by=held_by)


def _look(
    judgement: Judgement, count: int, dated: DatedForecast | None, boot: BootTime
) -> ExpectedBreach | Doubt | None:
    """One signal: its breach when one is expected in time, why it cannot be told, or None when none is expected."""
    load = None if dated is None else dated.forecast.signal(judgement.signal)
    if dated is None or load is None:
        return Doubt(judgement.signal, NotForecast())
    if not -STEP_S <= dated.age_s <= BELIEVED_FOR_S:
        return Doubt(judgement.signal, TooOld(dated.age_s))
    if isinstance(load, NotEnoughHistory):
        return Doubt(judgement.signal, load)
    track = dated.tracks.get(judgement.signal)
    if track is not None and not track.relative <= NO_BETTER:
        return Doubt(judgement.signal, track)
    shown = load if judgement.signal is SignalName.SESSIONS else load.divided(count)
    crossing = shown.crossing(judgement.critical)
    in_time = shown.chance(judgement.critical, boot.lead_s + dated.age_s)
    if crossing.within[-1] < LIKELY or in_time < POSSIBLE:
        return None
    return ExpectedBreach(judgement, load, shown, crossing, dated.age_s, track)


def _proposed(decision: Decision, expected: tuple[ExpectedBreach, ...], count: int, max_nodes: int) -> Decision:
    """The table's own step, for the signals that are expected to breach."""
    if not expected:
        return decision
    requested = step_target(count, max_nodes)
    insufficient = any(_insufficient(each, count, requested) for each in expected)
    advice = (ReasonCode.STEP_INSUFFICIENT,) if insufficient else ()
    ahead = tuple(each.judgement.code_ahead for each in expected)
    reasons = (*decision.reasons, *ahead, *clipping(count, requested), *advice)
    return replace(decision, verdict=Verdict.PROPOSE_AHEAD, requested_nodes=requested, reasons=reasons)


def _insufficient(expected: ExpectedBreach, count: int, requested: int) -> bool:
    """Whether the limit would still be reached after this step, if the load comes as high as the band allows."""
    highest = max(expected.shown.upper, default=expected.shown.now)
    return highest * count / requested >= expected.judgement.critical
