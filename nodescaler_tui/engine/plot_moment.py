"""The moment of a plot: as of when, how far back, and with what marks and outlook a group's plots are drawn."""

from __future__ import annotations

from datetime import datetime

from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.plots import Moment


def plot_moment(mind: Mind, group_id: str, now: datetime, span_s: float, *, similar_hours: bool = False) -> Moment:
    """Everything that a plot of this group needs besides its figures and its limits."""
    reading = mind.knowledge.groups.get(group_id)
    count = None if reading is None else reading.current_nodes.value
    return Moment(
        now,
        span_s,
        mind.history.longest_gap_s,
        mind.marks.on(group_id),
        outlook=mind.outlooks.of(group_id, now),
        nodes=None if count is None else int(count),
        similar_hours=similar_hours,
    )
