"""Sampling: what is known about a group now, as the verification of its operation measures it."""

from __future__ import annotations

from datetime import datetime, timedelta

from nodescaler_tui.act.operation import Operation
from nodescaler_tui.act.verification import VerificationSample
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine.assessment import reading_of
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.facts import GroupKind


def sample_for(mind: Mind, operation: Operation, now: datetime) -> VerificationSample:
    """The group as it is known now, for the verification; values too old to be believed are left out."""
    reading = mind.knowledge.groups.get(operation.group_id)
    if reading is None:
        return VerificationSample(None, None, 0, countable=True, values={})
    limit = timedelta(seconds=mind.rules.staleness_limit_s)
    believed = {
        name.value: found
        for name in SignalName
        for found in (reading_of(reading, name),)
        if found.value is not None and found.sampled_at is not None and now - found.sampled_at <= limit
    }
    relevant = [found.sampled_at for name, found in believed.items() if name in operation.plan.critical]
    times = [moment for moment in relevant if moment is not None]
    count = reading.current_nodes.value
    listed = reading.current_nodes.sampled_at
    return VerificationSample(
        sampled_at=min(times, default=None),
        nodes=int(count) if count is not None and listed is not None and now - listed <= limit else None,
        fresh_nodes=reading.fresh_nodes,
        countable=reading.kind is GroupKind.EDGE,
        values={name: float(found.value) for name, found in believed.items() if found.value is not None},
        counted_at=listed,
    )
