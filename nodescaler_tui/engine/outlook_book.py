"""The outlook book: for each node group the newest forecast of its load, and how well the last day's were borne out."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from nodescaler_tui.decide.forecast.outlook import STEP_S, GroupForecast
from nodescaler_tui.decide.forecast.track import Track
from nodescaler_tui.decide.signals import SignalName

BELIEVED_FOR: Final = timedelta(minutes=15)
"""A forecast that was not renewed for so long says nothing about now."""


@dataclass(frozen=True, slots=True)
class GroupOutlook:
    """A forecast of load, as of `made_at`: when the newest value that it was made from was read.

    `tracks` is how well the forecasts of the last day were borne out; a signal of `alerts` is expected to breach by an
    alert that has learned how often it was wrong.
    """

    made_at: datetime
    forecast: GroupForecast
    tracks: Mapping[SignalName, Track] = field(default_factory=dict)
    alerts: frozenset[SignalName] = frozenset()

    @property
    def begins_at(self) -> datetime:
        """The end of the newest bar: the forecast's first step ends one step later."""
        return datetime.fromtimestamp(math.ceil(self.made_at.timestamp() / STEP_S) * STEP_S, UTC)


class OutlookBook:
    """Written by the forecast desk, read by the mind."""

    def __init__(self) -> None:
        self._outlooks: dict[str, GroupOutlook] = {}

    def put(self, outlooks: Iterable[GroupOutlook]) -> None:
        """Newer forecasts take the place of older ones."""
        self._outlooks.update({outlook.forecast.group_id: outlook for outlook in outlooks})

    def of(self, group_id: str, now: datetime) -> GroupOutlook | None:
        """The outlook of this group, None when there is none or it is too old to be believed."""
        outlook = self._outlooks.get(group_id)
        return None if outlook is None or now - outlook.made_at > BELIEVED_FOR else outlook
