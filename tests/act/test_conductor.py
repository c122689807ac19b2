"""An operation is carried out one durable step at a time, whatever the receiver answers and whoever goes on with it."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from nodescaler_tui.act.dispatch import LONGEST_SILENCE, SENT_WITHIN
from nodescaler_tui.act.drafts import sending
from nodescaler_tui.act.operation import Phase
from nodescaler_tui.act.outcome import Accepted, NotProcessed, Outcome, Refused, Report, StatusReport, Unknown
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.act.surroundings import AUTO_PAUSE_AFTER
from nodescaler_tui.events import EventKind
from tests.act.stage import GROUP, Stage

LOST = Unknown("It did not answer in time; it may have acted.")
SETTLE_S = 25.0


def test_from_approved_to_recorded(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    operation_id = stage.approved()
    stage.step(operation_id, 2)
    stage.nodes, stage.cpu = 12, 0.7
    stage.step(operation_id, 4)
    operation = stage.operation(operation_id)
    assert operation.phase is Phase.VERIFIED
    assert stage.kinds(operation_id)[-2:] == ["settled", "audit.recorded"]
    assert stage.last(EventKind.AUDIT_RECORDED).fields["payload_hash"] == operation.plan.payload_sha256


def test_a_repeat_has_the_same_key_and_bytes_and_its_own_intent(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Repeats.DEDUPLICATES, LOST, NotProcessed("503", 2.0))
    operation_id = stage.approved()
    stage.step(operation_id, 6)
    sent = stage.receiver.deliveries
    assert [delivery.attempt for delivery in sent] == [1, 2, 3]
    assert len({(delivery.idempotency_key, delivery.body) for delivery in sent}) == 1
    assert stage.kinds(operation_id).count("sending") == 3


@pytest.mark.parametrize(
    ("kind", "outcome", "phase"),
    [
        (Repeats.DEDUPLICATES, LOST, Phase.WAITING),
        (Repeats.ABSOLUTE, LOST, Phase.IN_DOUBT),
        (Repeats.FIRES, LOST, Phase.IN_DOUBT),
        (Repeats.DEDUPLICATES, Unknown("409", 1.0, in_progress=True), Phase.WAITING),
        (Repeats.FIRES, NotProcessed("503", 2.0), Phase.WAITING),
        (Repeats.FIRES, Refused(403, "403"), Phase.FAILED),
        (Repeats.FIRES, Accepted(200, "ok", ""), Phase.ACCEPTED),
    ],
)
def test_what_an_outcome_leads_to(tmp_path: Path, kind: Repeats, outcome: Outcome, phase: Phase) -> None:
    stage = Stage(tmp_path, kind, outcome)
    operation_id = stage.approved()
    stage.step(operation_id)
    assert stage.operation(operation_id).phase is phase


def test_a_receiver_that_acts_on_every_call_is_never_asked_again_on_its_own(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Repeats.FIRES, LOST)
    operation_id = stage.approved()
    step = stage.step(operation_id, 40)
    assert step.asks_operator
    assert len(stage.receiver.deliveries) == 1


def test_nodes_that_come_end_a_doubt(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Repeats.FIRES, LOST)
    operation_id = stage.approved()
    stage.step(operation_id, 2)
    stage.nodes, stage.cpu = 12, 0.7
    stage.step(operation_id, 5)
    assert stage.operation(operation_id).phase is Phase.VERIFIED
    assert len(stage.receiver.deliveries) == 1


def test_an_absolute_request_is_sent_again_only_after_the_delay_and_a_new_count(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Repeats.ABSOLUTE, LOST)
    operation_id = stage.approved()
    stage.step(operation_id)
    first_seen = stage.clocks.monotonic_s
    while len(stage.receiver.deliveries) < 2:
        stage.step(operation_id)
    assert stage.clocks.monotonic_s - first_seen >= SETTLE_S


def test_no_jump_of_the_wall_clock_shortens_the_delay(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Repeats.ABSOLUTE, LOST)
    operation_id = stage.approved()
    stage.step(operation_id, 2)
    stage.clocks.wall += timedelta(hours=1)
    stage.step(operation_id, 2)
    assert len(stage.receiver.deliveries) == 1


def test_a_clock_that_was_set_back_makes_no_wait_longer(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Repeats.DEDUPLICATES, NotProcessed("503", 4.0))
    operation_id = stage.approved()
    stage.conductor.step(operation_id)
    stage.clocks.wall -= timedelta(hours=2)
    stage.conductor.step(operation_id)
    stage.clocks.pass_by(4.1)
    stage.conductor.step(operation_id)
    assert len(stage.receiver.deliveries) == 2


def test_nothing_is_sent_again_on_its_own_after_a_day(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Repeats.DEDUPLICATES, LOST)
    operation_id = stage.approved()
    stage.conductor.step(operation_id)
    stage.clocks.pass_by(LONGEST_SILENCE.total_seconds() + 1)
    stage.conductor.step(operation_id)
    assert stage.operation(operation_id).phase is Phase.IN_DOUBT
    assert len(stage.receiver.deliveries) == 1


def test_what_was_approved_long_ago_is_not_sent(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    operation_id = stage.approved()
    stage.clocks.pass_by(SENT_WITHIN.total_seconds() + 1)
    stage.conductor.step(operation_id)
    assert stage.operation(operation_id).phase is Phase.CANCELLED
    assert stage.kinds(operation_id)[-1] == "audit.recorded"
    assert stage.receiver.deliveries == []


def test_a_refusal_after_an_attempt_that_may_have_acted_is_no_failure(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Repeats.DEDUPLICATES, LOST, Refused(422, "422"))
    operation_id = stage.approved()
    stage.step(operation_id, 3)
    assert stage.operation(operation_id).phase is Phase.IN_DOUBT


def test_a_process_that_died_while_sending_leaves_a_doubt_to_the_next(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    operation_id = stage.approved()
    with stage.journal.transaction() as transaction:
        from nodescaler_tui.act.drafts import sending  # noqa: PLC0415 - what a process wrote before it died

        transaction.append(sending(stage.operation(operation_id), stage.clocks.wall))
    stage.alive.discard("one")
    _, other = stage.process("two")
    assert other.take_over() == (operation_id,)
    assert stage.operation(operation_id).phase is Phase.IN_DOUBT
    assert stage.operation(operation_id).holder == "two"


def test_nothing_is_taken_from_a_process_that_lives(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    stage.approved()
    _, other = stage.process("two")
    assert other.take_over() == ()


def test_a_late_answer_ends_the_doubt_about_its_own_attempt(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    operation_id = stage.approved()
    send = stage.receiver.send

    def die_meanwhile(delivery: object, now: object) -> Outcome:
        stage.alive.discard("one")
        _, other = stage.process("two")
        other.take_over()
        return send(delivery, now)  # type: ignore[arg-type]

    stage.receiver.send = die_meanwhile  # type: ignore[method-assign]
    stage.conductor.step(operation_id)
    assert stage.operation(operation_id).phase is Phase.ACCEPTED


@pytest.mark.parametrize(("nodes", "phase"), [(10, Phase.FAILED), (11, Phase.PARTIAL)])
def test_a_job_that_failed_is_settled_by_what_was_counted_after_it(tmp_path: Path, nodes: int, phase: Phase) -> None:
    stage = Stage(tmp_path, Repeats.FIRES, Accepted(202, "accepted", "", status_url="https://receiver.example/1"))
    stage.receiver.reports = [StatusReport(Report.FAILED, "no quota")]
    operation_id = stage.approved()
    stage.nodes = nodes
    stage.step(operation_id, 4)
    assert stage.operation(operation_id).phase is phase


def test_what_the_journal_could_not_take_is_written_as_soon_as_it_can(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    operation_id = stage.approved()
    send = stage.receiver.send

    def disk_fills_up(delivery: object, now: object) -> Outcome:
        stage.path.rename(stage.path.with_suffix(".away"))
        return send(delivery, now)  # type: ignore[arg-type]

    stage.receiver.send = disk_fills_up  # type: ignore[method-assign]
    with pytest.raises(Exception, match="cannot be opened"):
        stage.conductor.step(operation_id)
    stage.path.with_suffix(".away").rename(stage.path)
    assert stage.operation(operation_id).phase is Phase.SENDING
    stage.conductor.step(operation_id)
    assert stage.operation(operation_id).phase is Phase.ACCEPTED
    assert len(stage.receiver.deliveries) == 1


def test_nothing_is_sent_while_the_journal_cannot_be_written(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    operation_id = stage.approved()
    stage.path.rename(stage.path.with_suffix(".away"))
    with pytest.raises(Exception, match="cannot be opened"):
        stage.conductor.step(operation_id)
    assert stage.receiver.deliveries == []


def test_after_repeated_failures_the_group_is_paused(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    for _ in range(AUTO_PAUSE_AFTER):
        stage.receiver.outcomes.append(Refused(403, "403"))
        stage.step(stage.approved())
        stage.clocks.pass_by(1)
    pause = stage.ledger.pause(GROUP, stage.clocks.wall)
    assert pause is not None
    assert pause.operator == "engine"


def test_a_receiver_that_fails_again_and_again_is_left_alone_for_a_while(tmp_path: Path) -> None:
    failing = [NotProcessed("No connection. Nothing was sent.")] * 5
    stage = Stage(tmp_path, Repeats.FIRES, *failing)
    operation_id = stage.approved()
    while len(stage.receiver.deliveries) < 5:
        stage.step(operation_id)
    failed_at = stage.clocks.monotonic_s
    while len(stage.receiver.deliveries) < 6:
        stage.step(operation_id)
    assert stage.clocks.monotonic_s - failed_at >= 29


@pytest.mark.parametrize(("kind", "phase"), [(Repeats.FIRES, Phase.IN_DOUBT), (Repeats.DEDUPLICATES, Phase.WAITING)])
def test_an_announcement_that_was_written_without_a_word_is_a_doubt_and_not_the_end(
    tmp_path: Path, kind: Repeats, phase: Phase
) -> None:
    """The store was lost while it confirmed: the event is there, and whoever wrote it was told that it may not be."""
    stage = Stage(tmp_path, kind)
    operation_id = stage.approved()
    with stage.journal.transaction() as transaction:
        event = transaction.append(sending(stage.operation(operation_id), stage.clocks.wall))
    stage.ledger.extend([event])
    step = stage.conductor.step(operation_id)
    assert step.at is not None
    assert stage.operation(operation_id).phase is phase
    assert stage.receiver.deliveries == []
