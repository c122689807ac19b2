"""The moment of a plot: as of when, how far back, and with what marks and outlook a group's plots are drawn."""

from __future__ import annotations

from datetime import datetime

from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.plots import Moment


def plot_moment(mind: Mind, group_id: str, now: datetime, span_s: float, *, similar_hours: bool = False) -> Moment:
    """Everything that a plot of this group needs besides its figures and its limits."""
    assessment = mind.assessment(group_id, now)
    count = None if assessment is None else assessment.reading.current_nodes.value
    shown = None if assessment is None else mind.pictures.outlook(assessment, now)
    said = () if shown is None else shown.signals
    return Moment(
        now,
        span_s,
        mind.history.longest_gap_s,
        mind.marks.on(group_id),
        outlook=mind.outlooks.of(group_id, now),
        nodes=None if count is None else int(count),
        similar_hours=similar_hours,
        silent=frozenset(signal.signal for signal in said if signal.critical is None),
        doubted=frozenset(signal.signal for signal in said if signal.doubt),
    )
