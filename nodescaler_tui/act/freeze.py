"""Declared freezes: a time in which nothing may be approved for any group, by an operator's word, on every host."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nodescaler_tui.act.operation import IllegalTransition, moment, text
from nodescaler_tui.events import Draft, Event, EventKind

LONGEST_FREEZE: Final = timedelta(days=7)


class InvalidFreeze(ValueError):  # noqa: N818 - the sentence is for the operator
    """A freeze without an end or a reason."""


@dataclass(frozen=True, slots=True)
class DeclaredFreeze:
    """Who froze all sending, when, until when, and why; `seq` is the position of the event that says so."""

    seq: int
    operator: str
    at: datetime
    until: datetime
    reason: str

    @property
    def sentence(self) -> str:
        """Who, until when and why, as a refusal says it."""
        return f"{self.operator} has frozen all sending until {self.until:%a %H:%M} UTC: {self.reason}"


def freeze_from(event: Event) -> DeclaredFreeze:
    """The freeze that a FREEZE_DECLARED event tells of. Raises IllegalTransition when it has no end."""
    until = moment(event.fields, "until")
    if until is None or until.tzinfo is None:
        raise IllegalTransition("a freeze lacks its end")
    return DeclaredFreeze(event.seq, event.operator, event.at, until, text(event.fields, "reason"))


def freeze_draft(at: datetime, operator: str, until: datetime, reason: str) -> Draft:
    """The event of a freeze. Raises InvalidFreeze when its end or its reason will not do."""
    if until.tzinfo is None or not timedelta(0) < until - at <= LONGEST_FREEZE:
        raise InvalidFreeze(f"A freeze ends later than now, and within {LONGEST_FREEZE.days} days.")
    if not reason.strip():
        raise InvalidFreeze("A freeze needs a reason; it is kept in the journal.")
    return Draft(EventKind.FREEZE_DECLARED, at, operator, fields={"until": until.isoformat(), "reason": reason.strip()})


def lift_draft(freeze: DeclaredFreeze, at: datetime, operator: str, reason: str) -> Draft:
    """The event that ends a freeze early. Raises InvalidFreeze without a reason."""
    if not reason.strip():
        raise InvalidFreeze("Lifting a freeze needs a reason; it is kept in the journal.")
    return Draft(
        EventKind.FREEZE_LIFTED,
        at,
        operator,
        fields={"declared": freeze.seq, "declared_by": freeze.operator, "reason": reason.strip()},
    )
