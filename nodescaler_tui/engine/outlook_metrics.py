"""Outlook metrics: what is expected of each group as OpenMetrics families; nothing of one that is not forecast."""

from __future__ import annotations

from datetime import datetime

from prometheus_client.core import GaugeMetricFamily, Metric

from nodescaler_tui.decide.forecast.outlook import HORIZONS_S
from nodescaler_tui.outlook_state import OutlookState, SignalOutlook


class OutlookFamilies:
    """The families while they are filled."""

    def __init__(self) -> None:
        group, signal = ["group", "name"], ["group", "name", "signal"]
        self.age = GaugeMetricFamily(
            "nodescaler_group_forecast_age_seconds", "How old the newest value of a forecast is", labels=group
        )
        self.expected = GaugeMetricFamily(
            "nodescaler_group_forecast", "What a signal is expected to be per node", labels=[*signal, "seconds_ahead"]
        )
        self.breach = GaugeMetricFamily(
            "nodescaler_group_breach_probability_ratio",
            "How likely a limit is crossed by then",
            labels=[*signal, "level", "seconds_ahead"],
        )
        self.until = GaugeMetricFamily(
            "nodescaler_group_critical_expected_seconds", "Until critical is more likely than not", labels=signal
        )
        self.announced = GaugeMetricFamily(
            "nodescaler_group_breach_announced", "Whether a breach within the hour is announced", labels=signal
        )

    def add(self, outlook: OutlookState, labels: list[str], now: datetime) -> None:
        """One group's next hour."""
        self.age.add_metric(labels, max((now - outlook.made_at).total_seconds(), 0.0))
        for signal in outlook.signals:
            self._add_signal(signal, [*labels, signal.signal.value], now)

    def _add_signal(self, signal: SignalOutlook, labels: list[str], now: datetime) -> None:
        for ahead_s, value in zip(HORIZONS_S, signal.expected, strict=False):
            self.expected.add_metric([*labels, str(ahead_s)], value)
        for level, crossing in (("warning", signal.warning), ("critical", signal.critical)):
            for ahead_s, p in zip(HORIZONS_S, () if crossing is None else crossing.within, strict=False):
                self.breach.add_metric([*labels, level, str(ahead_s)], p)
        if signal.critical is None:
            return
        self.announced.add_metric(labels, 1 if signal.alert else 0)
        if signal.critical.expected_at is not None:
            self.until.add_metric(labels, max((signal.critical.expected_at - now).total_seconds(), 0.0))

    def all(self) -> tuple[Metric, ...]:
        """Every family, filled or not."""
        return (self.age, self.expected, self.breach, self.until, self.announced)
