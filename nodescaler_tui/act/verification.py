"""Verification: whether the new nodes really took up work and the breach is over. Pure; samples come from outside.

Two questions in turn, in Argo's vocabulary: are the requested nodes in service with fresh figures, and has every
breaching signal stayed below its critical limit for `consecutive_successes` samples. What could not be measured
before the deadline is INCONCLUSIVE, never a success and never a failure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from nodescaler_tui.events import OperationPhase


@dataclass(frozen=True, slots=True)
class VerificationPolicy:
    """How long to wait, and how often a good sample must be seen in a row."""

    deadline: timedelta = timedelta(minutes=20)
    interval: timedelta = timedelta(seconds=5)
    consecutive_successes: int = 3


@dataclass(frozen=True, slots=True)
class VerificationSample:
    """What is known about the group at one moment.

    `nodes` counts nodes in service, None when unknown or only declared; `fresh_nodes` those with a fresh sample.
    `values` holds the breaching signals that could be measured, as exact decimals are not needed here.
    """

    sampled_at: datetime | None
    nodes: int | None
    fresh_nodes: int
    countable: bool
    values: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Target:
    """What the operation promised: so many nodes, and these signals below their critical limits."""

    from_nodes: int
    requested_nodes: int
    critical: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Progress:
    """Not there yet: good samples in a row so far, and a sentence for the screen."""

    consecutive_successes: int
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
    *,
    successes_before: int,
    is_new_sample: bool,
    past_deadline: bool,
    policy: VerificationPolicy,
) -> Progress | Settlement:
    """What this sample means. A sample seen before proves nothing new, so it cannot add a success."""
    successes = _successes(target, sample, successes_before, is_new_sample=is_new_sample)
    joined = _joined(target, sample)
    if joined and successes >= policy.consecutive_successes:
        return Settlement(OperationPhase.VERIFIED, _verified_sentence(target, sample), healthy=True)
    if past_deadline:
        return _settle_at_deadline(target, sample)
    return Progress(successes, _progress_sentence(target, sample, successes, policy))


def _joined(target: Target, sample: VerificationSample) -> bool:
    if not sample.countable:
        return True
    return sample.nodes is not None and min(sample.nodes, sample.fresh_nodes) >= target.requested_nodes


def _settled_signals(target: Target, sample: VerificationSample) -> bool:
    return all(name in sample.values and sample.values[name] < limit for name, limit in target.critical.items())


def _successes(target: Target, sample: VerificationSample, before: int, *, is_new_sample: bool) -> int:
    if not is_new_sample:
        return before
    good = _joined(target, sample) and _settled_signals(target, sample)
    return before + 1 if good else 0


def _settle_at_deadline(target: Target, sample: VerificationSample) -> Settlement:
    promised = target.requested_nodes - target.from_nodes
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
    arrived = sample.nodes - target.from_nodes
    if arrived <= 0:
        return Settlement(OperationPhase.FAILED, f"None of the {promised} new nodes came into service.", healthy=False)
    if arrived < promised:
        return Settlement(
            OperationPhase.PARTIAL, f"{arrived} of {promised} new nodes came into service.", healthy=False
        )
    if sample.fresh_nodes < target.requested_nodes or any(name not in sample.values for name in target.critical):
        return Settlement(
            OperationPhase.INCONCLUSIVE, "All nodes are in service, but not all of them report figures.", healthy=None
        )
    return Settlement(
        OperationPhase.FAILED,
        f"All {promised} new nodes are in service, but {_breaching(target, sample)}.",
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
