"""The text of the first frame: the fleet in plain rows, kept for the next start to paint at once. Pure."""

from __future__ import annotations

from typing import Final

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine.troubles import RANKS
from nodescaler_tui.state import GroupState, Severity, State

MOST_GROUPS: Final = 60
_SYMBOLS: Final = {Severity.CRITICAL: "●", Severity.WARNING: "◐", Severity.OK: "○", Severity.UNKNOWN: "?"}


def frame_text(state: State) -> str:
    """When it was polled as Unix time, then one row a group, the worst first. Empty while nothing was read."""
    if state.link.polled_at is None:
        return ""
    groups = sorted(state.groups, key=lambda group: (RANKS[group.severity], str(group.name)))
    counts = {severity: sum(1 for group in groups if group.severity is severity) for severity in RANKS}
    told = [f"{_SYMBOLS[severity]} {count} {severity.value.lower()}" for severity, count in counts.items() if count]
    totals = " · ".join(told)
    rows = [f" {_scope(state)} · {totals or 'no node group'}", "", *(_row(group) for group in groups[:MOST_GROUPS])]
    return "\n".join([f"{state.link.polled_at.timestamp():.0f}", *rows]) + "\n"


def _scope(state: State) -> str:
    return "simulator" if state.scope.demo else str(state.scope.region)


def _row(group: GroupState) -> str:
    nodes = "?" if group.counts.in_service is None else str(group.counts.in_service)
    cpu, memory = _percent(group, SignalName.CPU), _percent(group, SignalName.MEMORY)
    return (
        f" {_SYMBOLS[group.severity]} {str(group.name)[:26]:<26} {group.severity.value:<8} {nodes:>3} nodes"
        f"  cpu {cpu:>5}  mem {memory:>5}"
    )


def _percent(group: GroupState, name: SignalName) -> str:
    signal = group.signal(name)
    return "–" if signal is None or signal.value is None else f"{signal.value * 100:.0f} %"
