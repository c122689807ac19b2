"""The part of State that holds for all groups: the default thresholds, a declared freeze, what could not be used."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.display_text import EMPTY, DisplayText


class MatrixState(Struct, frozen=True, gc=False):
    """A matrix, and in a team whose word it is and since when; `by` is empty where it is from a file."""

    matrix: ThresholdMatrix
    by: DisplayText = EMPTY
    at: datetime | None = None


class LastChange(Struct, frozen=True, gc=False):
    """The team's last change of thresholds, which taking back takes back; `seq` is its position in the journal."""

    seq: int
    by: DisplayText
    at: datetime
    scope: DisplayText


class FreezeState(Struct, frozen=True, gc=False):
    """A freeze that somebody declared; `seq` is its position in the journal, by which it is lifted."""

    seq: int
    by: DisplayText
    at: datetime
    until: datetime
    reason: DisplayText


class RulesState(Struct, frozen=True, gc=False):
    """What holds for all groups. `shared` says that the journal's thresholds hold on every host of a team."""

    shared: bool = False
    default: MatrixState | None = None
    last_change: LastChange | None = None
    freeze: FreezeState | None = None
    problems: tuple[DisplayText, ...] = ()


NO_RULES = RulesState()
