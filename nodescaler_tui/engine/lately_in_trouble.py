"""Lately in trouble: the groups whose nodes are worth a place in the history, the worst first."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final

from nodescaler_tui.state import Severity

TROUBLE_LASTS: Final = timedelta(hours=1)
"""For so long after a group was last in trouble the readings of its nodes are kept."""

_RANK: Final = {Severity.CRITICAL: 0, Severity.WARNING: 1, Severity.UNKNOWN: 2, Severity.OK: 3}


class LatelyInTrouble:
    """When each group was last not OK, and how badly."""

    def __init__(self) -> None:
        self._troubled: dict[str, tuple[datetime, Severity]] = {}

    def seen(self, now: datetime, severities: Iterable[tuple[str, Severity]]) -> list[str]:
        """Take in how the groups are now; the ids of all that are or were lately in trouble, the worst first."""
        for group_id, severity in severities:
            if severity is not Severity.OK:
                self._troubled[group_id] = (now, severity)
        self._troubled = {
            group_id: (since, severity)
            for group_id, (since, severity) in self._troubled.items()
            if now - since <= TROUBLE_LASTS
        }
        return sorted(self._troubled, key=lambda group_id: (_RANK[self._troubled[group_id][1]], group_id))
