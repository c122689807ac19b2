"""Declared freezes: an end and a reason or none at all, one fold on every engine, and no approval through one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from nodescaler_tui.act.freeze import InvalidFreeze, freeze_draft, lift_draft
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.events import Draft, Event, EventKind

NOW = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
UNTIL = NOW + timedelta(hours=3)


def written(seq: int, draft: Draft) -> Event:
    return Event(seq, f"{seq:064x}", draft.kind, draft.at, draft.operator, "", "", draft.fields or {})


DECLARED = written(1, freeze_draft(NOW, "ben@desk", UNTIL, " database move "))


def test_a_freeze_holds_until_its_end_for_whoever_reads_the_journal() -> None:
    ledger = Ledger([DECLARED])
    freeze = ledger.freeze(NOW)
    assert freeze is not None
    assert (freeze.operator, freeze.until, freeze.reason) == ("ben@desk", UNTIL, "database move")
    assert ledger.freeze(UNTIL - timedelta(microseconds=1)) == freeze
    assert ledger.freeze(UNTIL) is None
    assert ledger.rules_position("any group") == 1


def test_a_freeze_that_is_lifted_holds_no_more() -> None:
    ledger = Ledger([DECLARED])
    freeze = ledger.freeze(NOW)
    assert freeze is not None
    ledger.extend([written(2, lift_draft(freeze, NOW, "ana@host", "moved"))])
    assert ledger.freeze(NOW) is None


@pytest.mark.parametrize(
    ("until", "reason"),
    [
        (NOW, "why"),
        (NOW - timedelta(hours=1), "why"),
        (NOW + timedelta(days=7, seconds=1), "why"),
        (UNTIL.replace(tzinfo=None), "why"),
        (UNTIL, "  "),
    ],
)
def test_a_freeze_without_an_end_that_will_do_or_without_a_reason_is_none(until: datetime, reason: str) -> None:
    with pytest.raises(InvalidFreeze):
        freeze_draft(NOW, "ben@desk", until, reason)


def test_lifting_takes_a_reason() -> None:
    freeze = Ledger([DECLARED]).freeze(NOW)
    assert freeze is not None
    with pytest.raises(InvalidFreeze):
        lift_draft(freeze, NOW, "ana@host", " ")


@pytest.mark.parametrize("until", ["", "soon", "2026-03-01T06:00:00"])
def test_a_freeze_whose_end_cannot_be_read_closes_the_journal_for_acting(until: str) -> None:
    draft = Draft(EventKind.FREEZE_DECLARED, NOW, "ben@desk", fields={"until": until, "reason": "why"})
    assert "cannot be true" in Ledger([written(1, draft)]).problem
