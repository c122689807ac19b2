"""Views: what one terminal asked to look at more closely, answered by the engine to that terminal alone."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.facts import Lifecycle
from nodescaler_tui.state import JournalEntry


class Ink(StrEnum):
    """What a run of plot characters stands for; the theme gives each its colour."""

    AXIS = "axis"
    MEAN = "mean"
    WORST = "worst"
    WARNING = "warning"
    CRITICAL = "critical"
    EXPECTED = "expected"
    DOUBTED = "doubted"
    BAND = "band"
    SIMILAR = "similar"
    NOW = "now"
    MARK = "mark"
    BLANK = "blank"


class PlotRun(Struct, frozen=True, gc=False):
    """Neighbouring plot characters of one ink."""

    text: str
    ink: Ink


class PlotMark(Struct, frozen=True, gc=False):
    """Something that was done, at its column of the plot."""

    column: int
    at: datetime
    symbol: str
    words: DisplayText


class Plot(Struct, frozen=True, gc=False):
    """A finished plot: rows of runs, drawn by the engine for a canvas of `width` by `height` cells.

    Its curves begin `left` cells from the edge at `starts_at`, each column standing for `column_s` seconds. `means` and
    `worsts` hold the highest value of each column for whoever points at it: fractions for CPU and memory, sessions for
    each node; None where nothing was measured. `expected`, `lowest` and `highest` hold the forecast for the columns
    that lie ahead, and None for the others; they are empty while nothing is forecast. `similar` says which similar
    hours are drawn, or why none; it is empty where they were not asked for.
    """

    signal: SignalName
    width: int
    height: int
    rows: tuple[tuple[PlotRun, ...], ...]
    left: int = 0
    starts_at: datetime | None = None
    column_s: float = 0.0
    means: tuple[float | None, ...] = ()
    worsts: tuple[float | None, ...] = ()
    expected: tuple[float | None, ...] = ()
    lowest: tuple[float | None, ...] = ()
    highest: tuple[float | None, ...] = ()
    marks: tuple[PlotMark, ...] = ()
    similar: DisplayText = DisplayText("")


class PlotSize(Struct, frozen=True, gc=False):
    """The canvas that a terminal has for one plot, in cells."""

    signal: SignalName
    width: int
    height: int


class NodeRow(Struct, frozen=True, gc=False):
    """One node of the watched group; figures are None when they were not measured."""

    id: str
    name: DisplayText
    lifecycle: Lifecycle
    cpu: float | None
    memory: float | None
    sessions: int | None
    media_delay_ms: float | None
    sampled_at: datetime | None
    missing: DisplayText


class QueueRow(Struct, frozen=True, gc=False):
    """One queue that feeds the watched group: agent-side demand, not media load."""

    name: DisplayText
    waiting: int | None
    interacting: int | None
    occupancy: float | None
    handle_time_ms: float | None
    read_at: datetime | None


class GroupDetail(Struct, frozen=True, gc=False):
    """Nodes (worst first), queues and plots of the group that this terminal watches."""

    group_id: str
    nodes: tuple[NodeRow, ...]
    queues: tuple[QueueRow, ...]
    plots: tuple[Plot, ...]
    span_s: int


class FieldError(Struct, frozen=True, gc=False):
    """What is wrong with one typed field."""

    field: str
    sentence: DisplayText


class ThresholdPreview(Struct, frozen=True, gc=False):
    """What an edited matrix would do now: errors at their fields, or the what-if sentences over the whole fleet."""

    scope: str
    errors: tuple[FieldError, ...]
    what_if: tuple[DisplayText, ...]
    plots: tuple[Plot, ...]


class JournalPage(Struct, frozen=True, gc=False):
    """Journal entries, newest first, matching what was asked for; `more` when older ones exist."""

    entries: tuple[JournalEntry, ...]
    more: bool


class EventDetail(Struct, frozen=True, gc=False):
    """One journal event in full: its recorded fields as text, and its place in the chain."""

    seq: int
    at: datetime
    kind: str
    fields: tuple[tuple[str, DisplayText], ...]
    hash: str


class Story(Struct, frozen=True, gc=False):
    """All events of one operation, oldest first."""

    operation_id: str
    events: tuple[EventDetail, ...]


class ChainReport(Struct, frozen=True, gc=False):
    """What verifying the journal's hash chain proved, and what it could not."""

    intact: bool
    sentences: tuple[DisplayText, ...]


class Answer(Struct, frozen=True, gc=False):
    """The engine's answer to one intent: done or refused, in plain words, with what changed where a plan went stale.

    Where what was done is seen in State, `revision` is the first that shows it; it may come after the answer.
    """

    request: int
    done: bool
    sentence: DisplayText
    changes: tuple[DisplayText, ...] = ()
    operation_id: str = ""
    revision: int = 0
