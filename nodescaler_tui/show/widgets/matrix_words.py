"""Matrix words: in a team, whose word the thresholds of a group are, and what taking back would take back. Pure."""

from __future__ import annotations

from datetime import datetime

from nodescaler_tui.show.words import near_moment
from nodescaler_tui.state import GroupState, State


def source_words(state: State, group: GroupState | None, now: datetime) -> str:
    """Where the thresholds of a group are from, or of all when None is given; empty where no store is shared."""
    rules = state.rules
    if not rules.shared:
        return ""
    if group is None:
        by, at = ("", None) if rules.default is None else (str(rules.default.by), rules.default.at)
    else:
        by, at = str(group.matrix_by), group.matrix_at
    return "this host's file" if at is None else f"{by}, {near_moment(at, now)}"


def taking_back_words(state: State, now: datetime) -> str:
    """Whose change would be taken back; empty where there is none, or no store is shared."""
    last = state.rules.last_change
    if last is None:
        return ""
    return f"ctrl+z takes back {last.by}, {near_moment(last.at, now)}: {last.scope}"
