"""Verification: whether the new nodes really took up work and the breach is over. Pure; samples come from outside.

Two questions in turn, in Argo's vocabulary: are the requested nodes in service with fresh figures, and has every
breaching signal stayed below its critical limit for `consecutive_successes` samples. What could not be measured
before the deadline is INCONCLUSIVE, never a success and never a failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from nodescaler_tui.act.operation import Tally
from nodescaler_tui.events import OperationPhase


@dataclass(frozen=True, slots=True)
class VerificationPolicy:
    """How long to wait, and what must be measured, in Argo's vocabulary.

    Once all nodes have joined, `consecutive_successes` good samples in a row verify; more than `failure_limit` bad ones
    fail; neither after `count` samples is inconclusive, and so is what cannot be measured before the deadline.
    """

    deadline: timedelta = timedelta(minutes=20)
    interval: timedelta = timedelta(seconds=5)
    consecutive_successes: int = 3
    initial_delay: timedelta = timedelta(0)
    failure_limit: int = 30
    count: int = 120


@dataclass(frozen=True, slots=True)
class VerificationSample:
    """What is known about the group at one moment.

    `counted_at` is when the nodes were listed. `nodes` counts nodes in service, None when unknown or only declared;
    `fresh_nodes` those with a fresh sample. `values` holds the breaching signals that could be measured; exact decimals
    are not needed here.
    """

    sampled_at: datetime | None
    nodes: int | None
    fresh_nodes: int
    countable: bool
    values: Mapping[str, float]
    counted_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """What the operation promised: so many nodes, and these signals below their critical limits."""

    from_nodes: int
    requested_nodes: int
    critical: Mapping[str, float]

    @property
    def promised(self) -> int:
        """How many nodes were to come, or to go."""
        return abs(self.requested_nodes - self.from_nodes)

    @property
    def takes_back(self) -> bool:
        """Whether nodes were to go."""
        return self.requested_nodes < self.from_nodes

    @property
    def verb(self) -> str:
        """What the promised nodes were to do, in the past tense."""
        return "left service" if self.takes_back else "came into service"

    def done(self, nodes: int) -> int:
        """How many of the promised nodes have come, or gone, when there are so many."""
        return self.from_nodes - nodes if self.takes_back else nodes - self.from_nodes


@dataclass(frozen=True, slots=True)
class Progress:
    """Not there yet: what was measured so far, and a sentence for the screen."""

    tally: Tally
    sentence: str


@dataclass(frozen=True, slots=True)
class Settlement:
    """The end: VERIFIED, PARTIAL, INCONCLUSIVE or FAILED, and why. `healthy` is None when it could not be measured."""

    outcome: OperationPhase
    sentence: str
    healthy: bool | None


def judge(
    target: Target,
    sample: VerificationSample,
    before: Tally,
    *,
    is_new_sample: bool,
    past_deadline: bool,
    policy: VerificationPolicy,
) -> Progress | Settlement:
    """What this sample means. A sample seen before proves nothing new, so it changes no tally."""
    tally = _after(target, sample, before) if is_new_sample else before
    joined = _joined(target, sample)
    if joined and tally.consecutive_successes >= policy.consecutive_successes:
        return Settlement(OperationPhase.VERIFIED, _verified_sentence(target, sample), healthy=True)
    if tally.failures > policy.failure_limit:
        sentence = f"{_breaching(target, sample)} in {tally.failures} samples after all nodes had joined."
        return Settlement(OperationPhase.FAILED, _capitalized(sentence), healthy=False)
    if tally.measured >= policy.count:
        sentence = f"{tally.measured} samples were taken, and neither success nor failure was clear."
        return Settlement(OperationPhase.INCONCLUSIVE, sentence, healthy=None)
    if past_deadline:
        return _settle_at_deadline(target, sample)
    return Progress(tally, _progress_sentence(target, sample, tally.consecutive_successes, policy))


def after_failed_job(target: Target, sample: VerificationSample) -> Settlement | None:
    """The end after the receiver said that its job failed, by what was counted; None when that tells otherwise."""
    reported = "The receiver reports that its job failed"
    if not sample.countable:
        return Settlement(OperationPhase.FAILED, f"{reported}.", healthy=False)
    if sample.nodes is None or target.done(sample.nodes) >= target.promised:
        return None
    done = max(target.done(sample.nodes), 0)
    outcome = OperationPhase.PARTIAL if done else OperationPhase.FAILED
    return Settlement(outcome, f"{reported}; {done} of {target.promised} nodes {target.verb}.", healthy=False)


def _after(target: Target, sample: VerificationSample, before: Tally) -> Tally:
    """The tally after a new sample. Before all nodes have joined nothing is measured, and a run of good ones ends."""
    if not _joined(target, sample):
        return Tally(0, before.failures, before.measured)
    if _settled_signals(target, sample):
        return Tally(before.consecutive_successes + 1, before.failures, before.measured + 1)
    return Tally(0, before.failures + _is_above(target, sample), before.measured + 1)


def _is_above(target: Target, sample: VerificationSample) -> bool:
    return any(name in sample.values and sample.values[name] >= limit for name, limit in target.critical.items())


def _capitalized(sentence: str) -> str:
    return sentence[:1].upper() + sentence[1:]


def _joined(target: Target, sample: VerificationSample) -> bool:
    if not sample.countable:
        return True
    if sample.nodes is None or target.done(sample.nodes) < target.promised:
        return False
    return sample.fresh_nodes >= min(sample.nodes, target.requested_nodes)


def _settled_signals(target: Target, sample: VerificationSample) -> bool:
    return all(name in sample.values and sample.values[name] < limit for name, limit in target.critical.items())


def _settle_at_deadline(target: Target, sample: VerificationSample) -> Settlement:
    promised = target.promised
    if not sample.countable:
        return Settlement(
            OperationPhase.INCONCLUSIVE,
            "The node count is declared, not measured, and the breach did not settle before the deadline.",
            healthy=None,
        )
    if sample.nodes is None:
        return Settlement(
            OperationPhase.INCONCLUSIVE, "The nodes could not be counted before the deadline.", healthy=None
        )
    done, did = target.done(sample.nodes), target.verb
    if done <= 0:
        return Settlement(OperationPhase.FAILED, f"None of the {promised} nodes {did}.", healthy=False)
    if done < promised:
        return Settlement(OperationPhase.PARTIAL, f"{done} of {promised} nodes {did}.", healthy=False)
    if sample.fresh_nodes < target.requested_nodes or any(name not in sample.values for name in target.critical):
        return Settlement(
            OperationPhase.INCONCLUSIVE, f"All {promised} nodes {did}, but not all report figures.", healthy=None
        )
    return Settlement(
        OperationPhase.FAILED,
        f"All {promised} nodes {did}, but {_breaching(target, sample)}.",
        healthy=False,
    )


def _breaching(target: Target, sample: VerificationSample) -> str:
    above = [name for name, limit in target.critical.items() if sample.values.get(name, limit) >= limit]
    return f"{' and '.join(above)} did not stay below the critical limit" if above else "the breach did not settle"


def _verified_sentence(target: Target, sample: VerificationSample) -> str:
    settled = " and ".join(target.critical)
    if not sample.countable:
        return f"{settled} settled below critical; {target.requested_nodes} nodes are declared, not measured."
    return f"{sample.nodes} of {target.requested_nodes} nodes in service and fresh; {settled} settled below critical."


def _progress_sentence(target: Target, sample: VerificationSample, successes: int, policy: VerificationPolicy) -> str:
    if not _joined(target, sample):
        counted = "unknown" if sample.nodes is None else str(sample.nodes)
        return f"nodes in service {counted} of {target.requested_nodes}, {sample.fresh_nodes} with fresh figures"
    return f"below critical in {successes} of {policy.consecutive_successes} samples in a row"
