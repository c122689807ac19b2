"""What the journal says about who may act now: cooldown, caps, pauses, one operation a group, circuit breaker."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.act.approval import NotApproved
from nodescaler_tui.act.breaker import FAILURES_TO_OPEN, OPEN_FOR_S, Breaker, Circuit, ReceiverHealth
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.outcome import Refused
from nodescaler_tui.act.pause import InvalidPause, pause_draft
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.decide.plan import Override
from nodescaler_tui.events import Draft, EventKind, Fields
from tests.act.stage import GROUP, START, Stage

COOLDOWN_S = 300.0


def verified(stage: Stage) -> str:
    operation_id = stage.approved()
    stage.step(operation_id, 2)
    stage.nodes, stage.cpu = 12, 0.7
    stage.step(operation_id, 4)
    return operation_id


def sentence(outcome: object) -> str:
    assert isinstance(outcome, NotApproved), outcome
    return outcome.sentence


def test_of_two_operations_on_a_group_one_is_refused(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.approved()
    stage.clocks.pass_by(1)
    assert "already has an operation" in sentence(stage.approve(stage.plan()))


def test_a_plan_works_once(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Repeats.FIRES, Refused(403, "403"))
    plan = stage.plan()
    stage.approve(plan)
    stage.step(f"op-{plan.hash[:32]}")
    assert "used already" in sentence(stage.approve(plan))


def test_an_expired_plan_is_refused(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    plan = stage.plan()
    stage.clocks.pass_by(601)
    assert "expired" in sentence(stage.approve(plan))


def test_the_cooldown_begins_when_something_may_have_changed(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    verified(stage)
    assert "cooling down" in sentence(stage.approve(stage.plan(), cooldown_s=COOLDOWN_S))
    assert not isinstance(stage.approve(stage.plan(GROUP, Override.COOLDOWN), cooldown_s=COOLDOWN_S), NotApproved)


def test_a_refusal_starts_no_cooldown(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Repeats.FIRES, Refused(403, "403"))
    stage.step(stage.approved())
    assert stage.ledger.cooldown_remaining_s(GROUP, COOLDOWN_S, stage.clocks.wall) == 0


@pytest.mark.parametrize("jump", [timedelta(hours=-3), timedelta(hours=3)])
def test_a_clock_that_jumps_neither_ends_nor_lengthens_a_cooldown(tmp_path: Path, jump: timedelta) -> None:
    stage = Stage(tmp_path)
    verified(stage)
    before = stage.ledger.cooldown_remaining_s(GROUP, COOLDOWN_S, stage.clocks.wall)
    stage.clocks.wall += jump
    stage.clocks.pass_by(10)
    after = stage.ledger.cooldown_remaining_s(GROUP, COOLDOWN_S, stage.clocks.wall)
    assert before - after == pytest.approx(10)


def test_the_hourly_cap_counts_all_groups(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.approved("g-1", nodes=6)
    assert "within the hour" in sentence(stage.approve(stage.plan("g-2", nodes=6), nodes_per_hour=10))
    overridden = stage.plan("g-2", Override.HOURLY_CAP, nodes=6)
    assert not isinstance(stage.approve(overridden, nodes_per_hour=10), NotApproved)
    stage.clocks.pass_by(3601)
    assert not isinstance(stage.approve(stage.plan("g-3", nodes=6), nodes_per_hour=10), NotApproved)


def test_what_certainly_did_nothing_does_not_count(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Repeats.FIRES, Refused(403, "403"))
    stage.step(stage.approved("g-1", nodes=6))
    assert stage.ledger.nodes_asked_for_since(START - timedelta(hours=1)) == 0


def test_a_paused_group_is_refused_until_the_pause_ends(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    with stage.journal.transaction() as transaction:
        transaction.append(pause_draft(GROUP, stage.clocks.wall, "bob", minutes=5, reason="migration"))
    assert "bob has paused" in sentence(stage.approve(stage.plan()))
    assert not isinstance(stage.approve(stage.plan("g-2")), NotApproved)
    stage.clocks.pass_by(301)
    assert not isinstance(stage.approve(stage.plan()), NotApproved)


@pytest.mark.parametrize(("minutes", "reason"), [(0, "why"), (-1, "why"), (10**6, "why"), (5, " ")])
def test_a_pause_has_an_end_and_a_reason(minutes: int, reason: str) -> None:
    with pytest.raises(InvalidPause):
        pause_draft(GROUP, START, "bob", minutes=minutes, reason=reason)


def test_the_ledger_is_a_fold_of_the_journal_and_nothing_else(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    operation_id = verified(stage)
    again = Ledger(stage.journal.read())
    assert again.operation(operation_id) == stage.ledger.operation(operation_id)
    assert (again.seq, again.head) == (stage.ledger.seq, stage.ledger.head)


def test_a_past_that_cannot_be_true_lets_nobody_act(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    wrong = stage.journal.read()[0]
    from dataclasses import replace  # noqa: PLC0415 - an event that only an intruder could have written

    fields = {"until": ""}
    stage.ledger.extend([replace(wrong, seq=2, kind=EventKind.GROUP_PAUSED, fields=fields)])
    assert "cannot be true" in stage.ledger.problem


healths = st.sampled_from(ReceiverHealth)


@given(st.lists(healths, max_size=30))
def test_it_opens_after_failures_in_a_row_and_only_then(seen: list[ReceiverHealth]) -> None:
    breaker, in_a_row = Breaker(), 0
    for health in seen:
        breaker = breaker.after("op", health, START)
        in_a_row = 0 if health is ReceiverHealth.WELL else in_a_row + (health is ReceiverHealth.FAILING)
    assert (breaker.circuit(0.0) is Circuit.OPEN) == (in_a_row >= FAILURES_TO_OPEN)


@given(st.floats(0, 1000), st.integers(1, 5))
def test_half_open_it_admits_one_probe(since_s: float, others: int) -> None:
    breaker = Breaker(FAILURES_TO_OPEN, START).sending("first")
    admitted = [name for name in ("first", *(f"other-{n}" for n in range(others))) if breaker.admits(name, since_s)]
    assert admitted == (["first"] if since_s >= OPEN_FOR_S else [])


def test_an_attempt_that_says_nothing_frees_the_probe_and_changes_nothing_else() -> None:
    probing = Breaker(FAILURES_TO_OPEN, START).sending("first")
    after = probing.after("first", ReceiverHealth.SAYS_NOTHING, START + timedelta(seconds=50))
    assert after == Breaker(FAILURES_TO_OPEN, START)


def test_its_state_survives_a_restart(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    fields: Fields = {"receiver_health": "failing", "next_attempt_at": stage.clocks.wall.isoformat(), "attempt": 1}
    operation_id = stage.approved()
    with stage.journal.transaction() as transaction:
        for _ in range(FAILURES_TO_OPEN):
            for kind in (EventKind.OPERATION_SENDING, EventKind.OPERATION_RETRYING):
                transaction.append(Draft(kind, stage.clocks.wall, "anna", GROUP, operation_id, fields))
    assert Ledger(stage.journal.read()).breaker_opens_for_s("told", stage.clocks.wall) == OPEN_FOR_S
