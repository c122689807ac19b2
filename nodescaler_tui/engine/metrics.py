"""Metrics: State as OpenMetrics families, for a scraper. What is not known now has no sample; it is never 0.

Made with prometheus_client, an extra; only an engine that is asked to serve metrics imports this.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric, StateSetMetricFamily

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.display_text import display_text
from nodescaler_tui.engine.outlook_metrics import OutlookFamilies
from nodescaler_tui.events import SETTLED_PHASES
from nodescaler_tui.state import GroupState, LinkStatus, OperationPhase, Severity, SignalState, State

LONGEST_LABEL: Final = 120


@dataclass(frozen=True, slots=True)
class Totals:
    """What the engine has done since it began."""

    polls: int
    requests: int


def label(text: str) -> str:
    """Outside text as a label's value: printable and short, and still another value for another text."""
    shown = str(display_text(text, LONGEST_LABEL))
    if shown == text:
        return shown
    return f"{shown}#{hashlib.sha256(text.encode(errors='surrogatepass')).hexdigest()[:12]}"


class EngineCollector:
    """Asked by prometheus_client at each scrape."""

    def __init__(self, state: Callable[[], State], totals: Callable[[], Totals], clock: Callable[[], datetime]) -> None:
        self._state = state
        self._totals = totals
        self._clock = clock

    def collect(self) -> Iterator[Metric]:
        """Every family, of the State that is published now."""
        state, now = self._state(), self._clock()
        yield from group_families(state.groups, now)
        yield from engine_families(state, self._totals(), now)


def group_families(groups: tuple[GroupState, ...], now: datetime) -> Iterator[Metric]:
    """What is known of each group."""
    names = [(group, [label(group.id), label(str(group.name))]) for group in groups]
    families, outlooks = _Families(), OutlookFamilies()
    for group, labels in names:
        families.severity.add_metric(
            labels, {severity.value.lower(): severity is group.severity for severity in Severity}
        )
        if group.counts.in_service is not None:
            families.nodes.add_metric([*labels, "in_service"], group.counts.in_service)
        if not group.counts.declared:
            for lifecycle in ("booting", "draining", "offline"):
                families.nodes.add_metric([*labels, lifecycle], getattr(group.counts, lifecycle))
        for signal in group.signals:
            families.add(signal, labels, now)
        if group.outlook is not None:
            outlooks.add(group.outlook, labels, now)
    yield from (*families.all(), *outlooks.all())


class _Families:
    """The families of groups while they are filled."""

    def __init__(self) -> None:
        group, signal = ["group", "name"], ["group", "name", "signal"]
        self.severity = StateSetMetricFamily(
            "nodescaler_group_severity", "How worried to be about a group", labels=group
        )
        self.nodes = GaugeMetricFamily("nodescaler_group_nodes", "Nodes by lifecycle", labels=[*group, "lifecycle"])
        self.utilization = GaugeMetricFamily(
            "nodescaler_group_utilization_ratio", "Mean over the fresh nodes of a group", labels=signal
        )
        self.worst = GaugeMetricFamily(
            "nodescaler_group_worst_node_utilization_ratio", "The highest utilization of one node", labels=signal
        )
        self.sessions = GaugeMetricFamily("nodescaler_group_sessions", "Sessions of a group", labels=group)
        self.age = GaugeMetricFamily(
            "nodescaler_group_reading_age_seconds", "How old the newest reading is, believed or not", labels=signal
        )
        self.threshold = GaugeMetricFamily(
            "nodescaler_group_threshold", "A signal's limit, in its own unit", labels=[*signal, "level"]
        )

    def add(self, signal: SignalState, labels: list[str], now: datetime) -> None:
        """One signal: its value only while it is believed, its limits and its age whenever there are any."""
        with_signal = [*labels, signal.name.value]
        for level, limit in (("warning", signal.warning), ("critical", signal.critical)):
            if limit is not None:
                self.threshold.add_metric([*with_signal, level], limit)
        if signal.sampled_at is not None:
            self.age.add_metric(with_signal, max((now - signal.sampled_at).total_seconds(), 0.0))
        if signal.level.unknown or signal.value is None:
            return
        if signal.name is SignalName.SESSIONS:
            self.sessions.add_metric(labels, signal.value)
            return
        self.utilization.add_metric(with_signal, signal.value)
        if signal.worst is not None:
            self.worst.add_metric(with_signal, signal.worst)

    def all(self) -> tuple[Metric, ...]:
        """Every family, filled or not."""
        return (self.severity, self.nodes, self.utilization, self.worst, self.sessions, self.age, self.threshold)


def engine_families(state: State, totals: Totals, now: datetime) -> Iterator[Metric]:
    """What is known of the engine and its link."""
    link = StateSetMetricFamily("nodescaler_link_status", "Whether readings are coming in", labels=[])
    link.add_metric([], {status.value: status is state.link.status for status in LinkStatus})
    yield link
    if state.link.polled_at is not None:
        age_s = max((now - state.link.polled_at).total_seconds(), 0.0)
        yield GaugeMetricFamily("nodescaler_poll_age_seconds", "Since Genesys last answered a poll", value=age_s)
    if state.link.limit_share is not None:
        share = state.link.limit_share
        yield GaugeMetricFamily("nodescaler_request_limit_ratio", "Share of the request limit in use", value=share)
    yield CounterMetricFamily("nodescaler_polls", "Polls since the engine began", value=totals.polls)
    yield CounterMetricFamily("nodescaler_requests", "Requests of polls since the engine began", value=totals.requests)
    writable = 1 if state.store.writable else 0
    yield GaugeMetricFamily("nodescaler_journal_writable", "Whether anything can be approved", value=writable)
    operations = GaugeMetricFamily("nodescaler_operations_open", "Operations that go on", labels=["phase"])
    phases = Counter(operation.phase for operation in state.operations if not operation.settled)
    for phase in OperationPhase if state.store.writable else ():
        if phase not in SETTLED_PHASES:
            operations.add_metric([phase.value], phases[phase])
    yield operations
