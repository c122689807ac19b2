"""Troubles: how each group's severity changed, who has seen it, and which changes deserve a notice. Pure.

A group that somebody has acknowledged makes no notice until it gets worse than it was then, or well and bad again.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from nodescaler_tui.display_text import EMPTY, DisplayText
from nodescaler_tui.state import GroupState, Severity

RANKS: Final = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.UNKNOWN: 2, Severity.OK: 3}


@dataclass(frozen=True, slots=True)
class _Seen:
    severity: Severity
    words: DisplayText


class Troubles:
    """The last severity of every group, and what was acknowledged."""

    def __init__(self) -> None:
        self._severities: dict[str, Severity] = {}
        self._seen: dict[str, _Seen] = {}

    def severity(self, group_id: str) -> Severity | None:
        """The severity that was published last."""
        return self._severities.get(group_id)

    def acknowledge(self, group_id: str, words: DisplayText) -> None:
        """Somebody has seen the group as it is now."""
        self._seen[group_id] = _Seen(self._severities[group_id], words)

    def acknowledged(self, group_id: str, severity: Severity) -> DisplayText:
        """Who has seen that it is so bad; empty when nobody has, or it got worse since."""
        seen = self._seen.get(group_id)
        if seen is None:
            return EMPTY
        if severity is Severity.OK or RANKS[severity] < RANKS[seen.severity]:
            del self._seen[group_id]
            return EMPTY
        return seen.words

    def changed(self, groups: Iterable[GroupState]) -> list[GroupState]:
        """Groups that turned critical or came back from it since the last time, without those that were seen."""
        found = []
        for group in groups:
            before = self._severities.get(group.id)
            self._severities[group.id] = group.severity
            notable = group.severity is not before and Severity.CRITICAL in {before, group.severity}
            if notable and not group.acknowledged:
                found.append(group)
        return found
