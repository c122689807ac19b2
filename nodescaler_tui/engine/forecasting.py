"""Forecasting: from bars of load to outlooks. Pure; it needs numpy, so it is imported with the first forecast."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np

from nodescaler_tui.decide.forecast.bars import Floats
from nodescaler_tui.decide.forecast.load import LoadHistory, forecast_groups
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine.load_book import LoadBars
from nodescaler_tui.engine.outlook_book import GroupOutlook

GroupBars = Mapping[SignalName, LoadBars]


def outlooks_of(groups: Mapping[str, GroupBars]) -> list[GroupOutlook]:
    """The outlook of every group of which anything was ever measured; each as of its own newest value."""
    made_at = {
        group_id: max(bars.newest_s for bars in signals.values()) for group_id, signals in groups.items() if signals
    }
    histories = [history for group_id in made_at for history in _histories(group_id, groups[group_id])]
    return [
        GroupOutlook(datetime.fromtimestamp(made_at[forecast.group_id], UTC), forecast)
        for forecast in forecast_groups(histories)
    ]


def _histories(group_id: str, signals: GroupBars) -> list[LoadHistory]:
    """All signals up to the newest bar of any, so that one that has not been measured lately is seen to lag behind."""
    last = max((bars.indices[-1] for bars in signals.values() if bars.indices), default=0)
    return [LoadHistory(group_id, signal, _on_grid(bars, last)) for signal, bars in signals.items()]


def _on_grid(bars: LoadBars, last: int) -> Floats:
    first = bars.indices[0] if bars.indices else last + 1
    load = np.full(last - first + 1, np.nan)
    load[np.frombuffer(bars.indices, np.intc) - first] = np.frombuffer(bars.loads, np.float32)
    return load
