"""Pauses: a group for which nothing may be approved for a while, by an operator's word or after repeated failures."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nodescaler_tui.act.drafts import paused, unpaused
from nodescaler_tui.act.operation import IllegalTransition, moment, text
from nodescaler_tui.events import Draft, Event

LONGEST_PAUSE: Final = timedelta(days=7)


class InvalidPause(ValueError):  # noqa: N818 - the sentence is for the operator
    """A pause without an end or a reason."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Who paused a group, until when, and why. A pause without an end cannot be written down."""

    operator: str
    until: datetime
    reason: str


def pause_from(event: Event) -> Pause:
    """The pause that a GROUP_PAUSED event tells of. Raises IllegalTransition when it has no end."""
    until = moment(event.fields, "until")
    if until is None:
        raise IllegalTransition("a pause lacks its end")
    return Pause(event.operator, until, text(event.fields, "reason"))


def pause_draft(group_id: str, at: datetime, operator: str, *, minutes: int, reason: str) -> Draft:
    """The event of a pause. Raises InvalidPause when its length or its reason will not do."""
    length = timedelta(minutes=minutes)
    if not timedelta(0) < length <= LONGEST_PAUSE:
        raise InvalidPause(f"A pause lasts from 1 minute to {LONGEST_PAUSE.days} days.")
    if not reason.strip():
        raise InvalidPause("A pause needs a reason; it is kept in the journal.")
    return paused(group_id, at, operator, at + length, reason.strip())


def unpause_draft(group_id: str, at: datetime, operator: str, reason: str) -> Draft:
    """The event that ends a pause early."""
    return unpaused(group_id, at, operator, reason.strip())
