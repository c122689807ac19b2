"""The ahead book: for which groups a plan may be made on a forecast alone. For none, unless an operator says so."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from typing import Final

from nodescaler_tui.act.boot_time import boot_time
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.decide.ahead import DatedForecast, decide_ahead
from nodescaler_tui.engine.assessment import Assessment
from nodescaler_tui.engine.outlook_book import GroupOutlook
from nodescaler_tui.facts import GroupKind, GroupReading

DEFAULT_BOOT_S: Final = 300.0


class AheadBook:
    """What the configuration switches on, as changed in this session. `boot_s` is assumed where none was measured."""

    def __init__(self, group_ids: Iterable[str] = (), boot_s: float = DEFAULT_BOOT_S) -> None:
        self._on = set(group_ids)
        self._unseen = frozenset(self._on)
        self._boot_s = boot_s

    def is_on(self, group_id: str) -> bool:
        """Whether a plan may be made for this group on a forecast alone."""
        return group_id in self._on

    def strangers(self, group_ids: Iterable[str]) -> tuple[str, ...]:
        """Configured ids that no group has, of these which are all groups there are; the first time only."""
        unseen, self._unseen = self._unseen, frozenset()
        return tuple(sorted(unseen.difference(group_ids)))

    def switch(self, group_id: str, *, on: bool) -> None:
        """From now on, for this session."""
        if on:
            self._on.add(group_id)
        else:
            self._on.discard(group_id)

    def looked(self, assessment: Assessment, outlook: GroupOutlook | None, ledger: Ledger, now: datetime) -> Assessment:
        """The assessment after a look ahead, where that is switched on and can be acted on."""
        reading = assessment.reading
        if not self.is_on(reading.id) or out_of_reach(reading):
            return assessment
        boot = boot_time(ledger.operations(), reading.id, self._boot_s)
        ahead = decide_ahead(assessment.decision, assessment.situation, _dated(outlook, now), boot, on=True)
        return replace(assessment, decision=ahead.decision, ahead=ahead)


def no_such_group(group_id: str) -> str:
    """What is said of an id in the configuration that no group has."""
    return f"No group has the id {group_id}, which forecast.propose_ahead names: nothing is proposed ahead for it."


def out_of_reach(reading: GroupReading) -> str:
    """Why nothing can be proposed ahead for this group, whatever is switched on; empty when it can.

    New nodes of a declared group are never counted, so nothing could tell whether they came before the breach.
    """
    if reading.managed:
        return "Genesys scales this group itself."
    if reading.kind is GroupKind.DECLARED:
        return "The nodes of this group are declared, not counted: nothing could show that new ones came in time."
    return ""


def _dated(outlook: GroupOutlook | None, now: datetime) -> DatedForecast | None:
    if outlook is None:
        return None
    return DatedForecast(outlook.forecast, (now - outlook.begins_at).total_seconds(), outlook.tracks)
