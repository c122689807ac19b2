"""An illegal history cannot be written: not by the code that acts, and not past it into the database."""

from __future__ import annotations

from itertools import product

import pytest

from nodescaler_tui.events import SETTLED_PHASES, Draft, EventKind, JournalUnavailable, OperationPhase
from nodescaler_tui.lifecycle import NEXT_PHASE, OPEN_PHASES, TRANSITIONS
from nodescaler_tui.record.canonical import event_bytes
from nodescaler_tui.record.guards import operation_of, phase_after
from nodescaler_tui.record.stored import StoredJournal
from tests.record.conftest import NOON


def step(kind: EventKind, **fields: str) -> Draft:
    return Draft(kind, NOON, "ana", "group-1", "operation-1", fields)


def write(journal: StoredJournal, *kinds: EventKind) -> None:
    with journal.transaction() as transaction:
        for kind in kinds:
            transaction.append(step(kind, outcome="VERIFIED"))


@pytest.mark.parametrize(("kind", "phase"), list(product(TRANSITIONS, OperationPhase)))
def test_the_database_knows_the_table_of_transitions(kind: EventKind, phase: OperationPhase) -> None:
    after = phase_after(event_bytes(2, step(kind, outcome="PARTIAL")), phase.value)
    if phase not in TRANSITIONS[kind]:
        assert after is None
    elif kind is EventKind.OPERATION_SETTLED:
        assert after == "PARTIAL"
    else:
        assert after == NEXT_PHASE.get(kind, phase)


@pytest.mark.parametrize("kind", TRANSITIONS)
def test_nothing_comes_before_an_approval(kind: EventKind) -> None:
    assert phase_after(event_bytes(2, step(kind)), None) is None


@pytest.mark.parametrize("phase", OperationPhase)
def test_an_operation_is_approved_once(phase: OperationPhase) -> None:
    assert phase_after(event_bytes(2, step(EventKind.PLAN_APPROVED)), phase.value) is None


@pytest.mark.parametrize("outcome", ["", "verifying", "sending", "fine"])
def test_an_operation_settles_only_into_an_end(outcome: str) -> None:
    settled = event_bytes(2, step(EventKind.OPERATION_SETTLED, outcome=outcome))
    assert phase_after(settled, OperationPhase.VERIFYING.value) is None


def test_what_is_no_step_of_an_operation_is_let_through() -> None:
    assert operation_of(event_bytes(2, step(EventKind.PLAN_REJECTED))) == ""


def test_the_table_leaves_no_way_out_of_an_end() -> None:
    leaving = {kind for kind, phases in TRANSITIONS.items() if phases & SETTLED_PHASES}
    assert leaving == {EventKind.AUDIT_RECORDED}
    assert OPEN_PHASES.isdisjoint(SETTLED_PHASES)


def test_a_whole_life_is_written(journal: StoredJournal) -> None:
    write(
        journal,
        EventKind.PLAN_APPROVED,
        EventKind.OPERATION_SENDING,
        EventKind.OPERATION_ACCEPTED,
        EventKind.OPERATION_VERIFYING,
        EventKind.OPERATION_SETTLED,
        EventKind.AUDIT_RECORDED,
    )
    assert len(journal.read()) == 7


@pytest.mark.parametrize(
    "kinds",
    [
        (EventKind.OPERATION_SENDING,),
        (EventKind.PLAN_APPROVED, EventKind.PLAN_APPROVED),
        (EventKind.PLAN_APPROVED, EventKind.OPERATION_ACCEPTED),
        (EventKind.PLAN_APPROVED, EventKind.OPERATION_SENDING, EventKind.OPERATION_SENDING),
        (EventKind.PLAN_APPROVED, EventKind.OPERATION_CANCELLED, EventKind.OPERATION_SENDING),
    ],
)
def test_an_illegal_history_is_refused_as_a_whole(journal: StoredJournal, kinds: tuple[EventKind, ...]) -> None:
    with pytest.raises(JournalUnavailable, match="cannot follow"):
        write(journal, *kinds)
    assert len(journal.read()) == 1
