"""Quiet groups: of which nothing can be said but what their last reading says. Their pictures last until the next one.

An engine makes a State at each poll and for each event; most groups are as they were. What is reused here is a picture
and never a judgement: the gate judges anew whatever is approved.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.engine.outlook_book import GroupOutlook
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.facts import GroupReading
from nodescaler_tui.state import GroupState, Severity


@dataclass(frozen=True, slots=True)
class Sources:
    """What the picture of a quiet group is made of; its trend is that of the last `polls` polls."""

    reading: GroupReading
    book: ThresholdBook
    outlook: GroupOutlook | None
    polls: int

    def same_as(self, other: Sources) -> bool:
        """Whether it is the very same that was read, set and forecast."""
        return (
            self.reading is other.reading
            and self.book is other.book
            and self.outlook is other.outlook
            and self.polls == other.polls
        )


@dataclass(frozen=True, slots=True)
class _Kept:
    sources: Sources
    state: GroupState
    until: datetime


class QuietGroups:
    """The pictures of the groups that were quiet when they were last looked at."""

    def __init__(self, staleness_limit_s: float) -> None:
        self._staleness_limit_s = staleness_limit_s
        self._kept: dict[str, _Kept] = {}

    def of(self, sources: Sources, now: datetime) -> GroupState | None:
        """The picture that was made of the same, as long as no sample in it has become too old; None without one."""
        kept = self._kept.get(sources.reading.id)
        return kept.state if kept is not None and now < kept.until and sources.same_as(kept.sources) else None

    def keep(self, sources: Sources, state: GroupState) -> None:
        """Keep the picture of a group that is well and for which nothing is planned; only that outlasts a moment."""
        if state.severity is Severity.OK and state.plan is None:
            sampled = [signal.sampled_at for signal in state.signals if signal.sampled_at is not None]
            until = min(sampled) + timedelta(seconds=self._staleness_limit_s)
            self._kept[state.id] = _Kept(sources, state, until)


def is_touched(ledger: Ledger, group_id: str, cooldown_s: float, now: datetime) -> bool:
    """Whether the journal says anything about a group that its picture shows now, or may show a moment later."""
    return (
        ledger.open_operation(group_id) is not None
        or ledger.cooldown_remaining_s(group_id, cooldown_s, now) > 0
        or ledger.pause(group_id, now) is not None
        or ledger.first_approvals.of(group_id) is not None
    )
