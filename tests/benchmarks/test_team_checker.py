"""The checker of the team's proof: it finds each broken promise by its name, and nothing in what is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from benchmarks.reliability.child import plan_at
from benchmarks.team_proof.checker import Promise, violations
from benchmarks.team_proof.evidence import Confirmed, Delivered, Entry, Evidence
from nodescaler_tui.act.approval import Approval, ApprovalTerms, approve, note, operation_id_of
from nodescaler_tui.act.breaker import ReceiverHealth
from nodescaler_tui.act.drafts import cancelled, in_doubt, resend_ordered, retrying, sending
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import Operation
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.events import Draft, Event
from nodescaler_tui.record.sqlite import SqliteJournal
from tests.act.stage import START

POLLER = "poller eu-west-1"
OPERATION = operation_id_of(plan_at(START).hash)
SENT = Delivered(Repeats.DEDUPLICATES.value, OPERATION, 1, acted=True)
FIRED = replace(SENT, repeats=Repeats.FIRES.value)
TWICE = (FIRED, replace(FIRED, attempt=2))
TERMS = ApprovalTerms(0.0, 100, {"cpu": "0.9"}, None, "holder")

Step = Callable[[Operation], Draft]


def sent(operation: Operation) -> Draft:
    return sending(operation, START)


def nobody_knows(operation: Operation) -> Draft:
    return in_doubt(operation, START, "no answer", ReceiverHealth.FAILING)


def ordered(operation: Operation) -> Draft:
    return resend_ordered(operation, START, "ben", operation.group_id, "it never arrived")


def tried_again(operation: Operation) -> Draft:
    return retrying(operation, START, "no answer", START, may_have_acted=True, health=ReceiverHealth.FAILING)


def stopped(operation: Operation) -> Draft:
    return cancelled(operation, START, "ana", "no longer needed")


def told(folder: Path, *steps: Step) -> tuple[Event, ...]:
    """A journal of one operation, which was approved and then went this way."""
    journal, ledger = SqliteJournal.open(folder / "journal.db", version="test"), Ledger()
    approve(journal, ledger, plan_at(START), Approval("ana", "", "", START), TERMS)
    for step in steps:
        operation = ledger.operation(OPERATION)
        assert operation is not None
        note(journal, ledger, step(operation))
    return tuple(journal.read())


def evidence(events: tuple[Event, ...], *delivered: Delivered) -> Evidence:
    last = events[-1]
    return Evidence(
        events=events,
        flaw="",
        confirmed=[Confirmed("ana", last.seq, last.hash)],
        told=[OPERATION],
        delivered=delivered,
        record=[Entry(POLLER, 1, is_observation=False), Entry(POLLER, 1, is_observation=True)],
    )


def found(seen: Evidence, *, faults_are_over: bool = False) -> set[Promise]:
    return {each.promise for each in violations(seen, faults_are_over=faults_are_over)}


def test_what_is_right_is_not_complained_about(tmp_path: Path) -> None:
    assert found(evidence(told(tmp_path, sent), SENT)) == set()


def test_a_repeat_that_a_receiver_recognises_is_no_second_effect(tmp_path: Path) -> None:
    events = told(tmp_path, sent, tried_again, sent)
    assert found(evidence(events, SENT, replace(SENT, attempt=2, acted=False))) == set()


def test_a_second_effect_is_a_double_send(tmp_path: Path) -> None:
    events = told(tmp_path, sent, tried_again, sent)
    assert found(evidence(events, SENT, replace(SENT, attempt=2))) == {Promise.DOUBLE_SEND}


def test_an_attempt_that_left_twice_is_a_double_send_even_where_it_had_one_effect(tmp_path: Path) -> None:
    assert found(evidence(told(tmp_path, sent), SENT, replace(SENT, acted=False))) == {Promise.DOUBLE_SEND}


def test_what_was_sent_without_an_event_before_it_is_told(tmp_path: Path) -> None:
    assert found(evidence(told(tmp_path), SENT)) == {Promise.UNANNOUNCED}


def test_a_request_under_a_key_that_nobody_approved_is_told(tmp_path: Path) -> None:
    events = told(tmp_path, sent)
    assert found(evidence(events, SENT, replace(SENT, operation_id="op-other"))) == {Promise.UNANNOUNCED}


def test_a_second_request_after_a_doubt_needs_an_order_where_every_call_acts(tmp_path: Path) -> None:
    events = told(tmp_path, sent, tried_again, sent)
    assert found(evidence(events, *TWICE)) == {Promise.NOT_ALLOWED, Promise.DOUBLE_SEND}


def test_an_ordered_second_request_is_allowed(tmp_path: Path) -> None:
    assert found(evidence(told(tmp_path, sent, nobody_knows, ordered, sent), *TWICE)) == set()


def test_an_event_that_was_confirmed_and_is_not_in_the_chain_is_lost(tmp_path: Path) -> None:
    seen = evidence(told(tmp_path, sent), SENT)
    beyond = Confirmed("ben", len(seen.events) + 1, "0" * 64)
    other = Confirmed("ben", len(seen.events), "0" * 64)
    assert found(replace(seen, confirmed=[*seen.confirmed, beyond])) == {Promise.LOST_EVENT}
    assert found(replace(seen, confirmed=[*seen.confirmed, other])) == {Promise.LOST_EVENT}


def test_an_approval_of_which_the_chain_knows_nothing_is_lost(tmp_path: Path) -> None:
    seen = evidence(told(tmp_path, sent), SENT)
    assert found(replace(seen, told=[*seen.told, "op-other"])) == {Promise.LOST_APPROVAL}


def test_an_observation_under_an_old_token_is_told(tmp_path: Path) -> None:
    seen = evidence(told(tmp_path, sent), SENT)
    new, old = Entry(POLLER, 2, is_observation=False), Entry(POLLER, 1, is_observation=True)
    assert found(replace(seen, record=[*seen.record, new, old])) == {Promise.OLD_TOKEN}


@pytest.mark.parametrize("token", [0, 1])
def test_a_change_of_hands_that_does_not_raise_the_token_is_told(tmp_path: Path, token: int) -> None:
    seen = evidence(told(tmp_path, sent), SENT)
    assert found(replace(seen, record=[*seen.record, Entry(POLLER, token, is_observation=False)])) == {
        Promise.TOKEN_FELL
    }


def test_leases_have_tokens_of_their_own(tmp_path: Path) -> None:
    seen = evidence(told(tmp_path, sent), SENT)
    assert found(replace(seen, record=[*seen.record, Entry("holder ben", 1, is_observation=False)])) == set()


def test_an_operation_must_have_settled_once_the_faults_are_over(tmp_path: Path) -> None:
    seen = evidence(told(tmp_path, sent), SENT)
    assert found(seen, faults_are_over=True) == {Promise.NOT_SETTLED}


def test_one_that_was_cancelled_has_settled(tmp_path: Path) -> None:
    assert found(evidence(told(tmp_path, stopped)), faults_are_over=True) == set()


def test_what_is_wrong_with_the_chain_is_told(tmp_path: Path) -> None:
    assert found(replace(evidence(told(tmp_path)), flaw="Event 2 was edited.")) == {Promise.BROKEN_CHAIN}


def again(event: Event, **changed: object) -> Event:
    """The same approval as an event that follows, as only a broken store could take it in."""
    return replace(event, seq=event.seq + 1, hash="1" * 64, at=event.at + timedelta(seconds=1), **changed)  # type: ignore[arg-type]


def test_a_second_operation_on_a_group_whose_first_is_open_is_told(tmp_path: Path) -> None:
    events = told(tmp_path)
    other = again(events[-1], operation_id="op-2", fields={**events[-1].fields, "plan_hash": "2" * 64})
    assert found(evidence((*events, other))) == {Promise.TWO_OPEN}


def test_a_plan_that_was_approved_twice_is_told(tmp_path: Path) -> None:
    events = told(tmp_path)
    assert found(evidence((*events, again(events[-1])))) == {Promise.APPROVED_TWICE, Promise.TWO_OPEN}
