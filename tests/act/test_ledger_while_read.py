"""The ledger is read by one thread while another takes events in: whoever reads is not interrupted by that."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from nodescaler_tui.act.ledger import Ledger
from tests.act.stage import START, Stage

Meanwhile = Callable[[], None]


class Moment(datetime):
    """A moment at whose comparison something happens, as it may in another thread."""

    meanwhile: Meanwhile

    def __lt__(self, other: datetime) -> bool:  # type: ignore[override]  # as it is with datetime itself
        self.meanwhile()
        return super().__lt__(other)


class GroupId(str):
    """A group's id at whose comparison something happens."""

    __slots__ = ("meanwhile",)
    meanwhile: Meanwhile
    __hash__ = str.__hash__

    def __eq__(self, other: object) -> bool:
        self.meanwhile()
        return super().__eq__(other)


def nodes_asked_for(ledger: Ledger, meanwhile: Meanwhile) -> None:
    moment = Moment.fromtimestamp(START.timestamp(), START.tzinfo)
    moment.meanwhile = meanwhile
    ledger.nodes_asked_for_since(moment)


def failures(ledger: Ledger, meanwhile: Meanwhile) -> None:
    group = GroupId("g-0")
    group.meanwhile = meanwhile
    ledger.failures_in_a_row(group)


def declared(ledger: Ledger, meanwhile: Meanwhile) -> None:
    group = GroupId("g-0")
    group.meanwhile = meanwhile
    ledger.declared_nodes(group, 10)


@pytest.mark.parametrize("reading", [nodes_asked_for, failures, declared])
def test_what_is_read_is_not_interrupted_by_an_approval_that_another_thread_takes_in(
    tmp_path: Path, reading: Callable[[Ledger, Meanwhile], None]
) -> None:
    """An engine of a team ended by itself on this, when somebody else approved while it made its picture."""
    stage = Stage(tmp_path)
    for number in range(3):
        stage.approved(f"g-{number}")
    ledger = Ledger(stage.journal.read())
    stage.approved("g-later")
    reading(ledger, lambda: ledger.extend(stage.journal.read(after=ledger.seq)))
    assert len(ledger.operations()) == 4


def test_what_was_worked_out_for_a_moment_is_worked_out_anew_once_there_is_another_event(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    first = stage.approved("g-1", nodes=2)
    ledger, before = Ledger(stage.journal.read()), START - timedelta(hours=1)
    assert ledger.nodes_asked_for_since(before) == 2
    stage.approved("g-2", nodes=3)
    ledger.extend(stage.journal.read(after=ledger.seq))
    assert ledger.nodes_asked_for_since(before) == 5
    stage.conductor.orders.cancel(first, "anna", "not needed")
    ledger.extend(stage.journal.read(after=ledger.seq))
    assert ledger.nodes_asked_for_since(before) == 3
    assert ledger.nodes_asked_for_since(START) == 0
