"""Threshold words: what the journal says about the thresholds of a whole team, the same on every engine. Pure.

An event holds for all when its `for_all` is true; every other change was one session's and ended with it. An event that
cannot be used changes nothing and is kept as a problem, so that what held before goes on to hold and somebody is told.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from nodescaler_tui.act.operation import optional_number
from nodescaler_tui.decide.threshold_text import FIELDS, parse_matrix
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.events import Event, FieldValue

FOR_ALL: Final = "for_all"
TAKES_BACK: Final = "takes_back"
DEFAULT_SCOPE: Final = ""


@dataclass(frozen=True, slots=True)
class ThresholdWord:
    """A change that holds: its event's position, the scope ("" for the default of all groups), what, whose, when."""

    seq: int
    scope: str
    matrix: ThresholdMatrix
    operator: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Touch:
    """The event that last spoke of a scope, whether it changed something, took that back, or could not be used."""

    seq: int
    operator: str
    at: datetime


@dataclass(frozen=True, slots=True)
class ThresholdWords:
    """The changes that hold, oldest first; who spoke of each scope last; and the events that could not be used."""

    standing: tuple[ThresholdWord, ...] = ()
    touched: Mapping[str, Touch] = field(default_factory=dict)
    problems: Mapping[int, str] = field(default_factory=dict)

    @property
    def latest(self) -> dict[str, ThresholdWord]:
        """The word that holds for each scope of which the journal speaks."""
        return {word.scope: word for word in self.standing}

    @property
    def last(self) -> ThresholdWord | None:
        """The change that would be taken back next, None when there is none."""
        return self.standing[-1] if self.standing else None

    @property
    def unread_after_last(self) -> bool:
        """Whether the team's last change is one that cannot be used here, so that nobody here may take one back."""
        return max(self.problems, default=0) > (0 if self.last is None else self.last.seq)

    def touch_on(self, group_id: str) -> Touch | None:
        """Who last spoke of what holds for this group, by its own scope or the default; None when nobody did."""
        touches = [self.touched[scope] for scope in (DEFAULT_SCOPE, group_id) if scope in self.touched]
        return max(touches, key=lambda touch: touch.seq, default=None)

    def after(self, event: Event) -> ThresholdWords:
        """With one more THRESHOLDS_CHANGED event. Never raises."""
        if FOR_ALL not in event.fields:
            return self
        scope = event.fields.get("scope")
        named = scope if isinstance(scope, str) else DEFAULT_SCOPE
        touched = replace(self, touched={**self.touched, named: Touch(event.seq, event.operator, event.at)})
        try:
            return _with(touched, event)
        except ValueError as error:
            whose = f"{event.operator or 'Somebody'} (event {event.seq})"
            told = f"Thresholds set by {whose} cannot be used here: {error}. Those before hold."
            return replace(touched, problems={**self.problems, event.seq: told})


def recorded_matrix(recorded: FieldValue) -> ThresholdMatrix:
    """A matrix as an event holds it, every field of it and no other. Raises ValueError."""
    if not isinstance(recorded, Mapping):
        raise ValueError("it holds no matrix")
    values = {name: value for name, value in recorded.items() if isinstance(value, str)}
    unknown, missing = sorted(set(recorded) - set(FIELDS)), sorted(set(FIELDS) - set(values))
    if unknown or missing:
        raise ValueError(f"{unknown[0]} is not known" if unknown else f"{missing[0]} is missing")
    return parse_matrix(values, ThresholdMatrix())


def _with(words: ThresholdWords, event: Event) -> ThresholdWords:
    """What the event says, taken in. Raises ValueError, saying what is wrong with it."""
    if event.fields[FOR_ALL] is not True:
        raise ValueError("it holds for somebody whom this version does not know")
    scope = event.fields.get("scope")
    if not isinstance(scope, str):
        raise ValueError("it names no scope")
    if TAKES_BACK in event.fields:
        return _without(words, optional_number(event.fields, TAKES_BACK))
    word = ThresholdWord(event.seq, scope, recorded_matrix(event.fields.get("new")), event.operator, event.at)
    return replace(words, standing=(*words.standing, word))


def _without(words: ThresholdWords, seq: int | None) -> ThresholdWords:
    """A change that is taken back holds no more, and is no problem any more. Raises ValueError for one unknown."""
    standing = tuple(word for word in words.standing if word.seq != seq)
    problems = {number: told for number, told in words.problems.items() if number != seq}
    if len(standing) == len(words.standing) and len(problems) == len(words.problems):
        raise ValueError("it takes back a change that does not hold")
    return replace(words, standing=standing, problems=problems)
