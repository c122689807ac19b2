"""Changes between two States in words, one line each: what pipes, logs and screen readers are told. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from nodescaler_tui.outlook_words import outlook_words
from nodescaler_tui.state import FreezeState, GroupState, OperationState, OutlookState, State

NEXT_TRY: Final = " Next try at "
"""What the engine puts between a problem and when it tries again."""


def changes(before: State, after: State) -> Iterator[str]:
    """What happened between two States, in the order of the screens: link, journal, freezes, groups, operations."""
    yield from _link(before, after)
    if before.store.writable != after.store.writable and after.revision:
        yield f"journal: {after.store.sentence}"
    yield from _freeze(before.rules.freeze, after.rules.freeze)
    for group in after.groups:
        yield from _group(before.group(group.id), group)
    known = {group.id for group in after.groups}
    for gone in before.groups:
        if gone.id not in known:
            yield f"{gone.name}: listed no more"
    for operation in after.operations:
        yield from _operation(before.operation(operation.id), operation)


def _freeze(before: FreezeState | None, after: FreezeState | None) -> Iterator[str]:
    """That all sending was frozen, or is not any more."""
    if after is not None and (before is None or before.seq != after.seq):
        yield f"all sending is frozen until {after.until:%a %H:%M} UTC by {after.by}: {after.reason}"
    elif before is not None and after is None:
        yield "sending is not frozen any more"


def _link(before: State, after: State) -> Iterator[str]:
    """Trouble that goes on is told once: that the next try has another time is no change."""
    if before.link.status is not after.link.status or _lasting(before) != _lasting(after):
        problems = "".join(f" {problem}" for problem in after.link.problems)
        yield f"Genesys: {after.link.status.value}.{problems}"


def _lasting(state: State) -> list[str]:
    return [str(problem).partition(NEXT_TRY)[0] for problem in state.link.problems]


def _group(before: GroupState | None, after: GroupState) -> Iterator[str]:
    if before is None or before.severity is not after.severity:
        yield f"{after.name}: {after.severity.value} ({after.sentence})"
    nodes_before = None if before is None else before.counts.in_service
    nodes = after.counts.in_service
    if before is not None and nodes_before != nodes:
        yield f"{after.name}: {_counted(nodes_before)} → {_counted(nodes)} nodes in service"
    plan_before = None if before is None else before.plan
    if after.plan is not None and (plan_before is None or plan_before.hash != after.plan.hash):
        ahead = ", ahead of a breach: nothing is critical yet" if after.plan.on_forecast else ""
        yield f"{after.name}: proposed {after.plan.current_nodes} → {after.plan.requested_nodes} nodes{ahead}"
    elif plan_before is not None and after.plan is None:
        yield f"{after.name}: nothing is proposed any more"
    yield from _announcements(None if before is None else before.outlook, after)
    if after.acknowledged and (before is None or not before.acknowledged):
        yield f"{after.name}: seen {after.acknowledged}"


def _announcements(before: OutlookState | None, after: GroupState) -> Iterator[str]:
    """Breaches that are newly expected."""
    if after.outlook is None:
        return
    told = {signal.signal for signal in (() if before is None else before.signals) if signal.alert}
    for signal in after.outlook.signals:
        if signal.alert and signal.signal not in told:
            yield f"{after.name}: {outlook_words(signal, after.outlook.made_at)}"


def _counted(nodes: int | None) -> str:
    return "unknown" if nodes is None else str(nodes)


def _operation(before: OperationState | None, after: OperationState) -> Iterator[str]:
    taken = [step for step in after.steps if step.at is not None]
    seen = 0 if before is None else sum(1 for step in before.steps if step.at is not None)
    for step in taken[seen:]:
        yield f"{after.group_name}: {step.title}{f': {step.detail}' if step.detail else ''}"
    if before is not None and before.phase is not after.phase and len(taken) <= seen:
        yield f"{after.group_name}: {after.phase.value}"
