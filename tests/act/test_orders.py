"""What an operator decides counts for the attempt that was looked at, when nothing is under way, with a reason."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodescaler_tui.act.operation import Phase
from nodescaler_tui.act.orders import Answer, NotOrdered, Order
from nodescaler_tui.act.outcome import NotProcessed, Unknown
from nodescaler_tui.act.receiver import Repeats
from tests.act.stage import GROUP, Stage

LOST = Unknown("It may have acted.")
SETTLED_S = 26.0


@pytest.fixture
def doubtful(tmp_path: Path) -> tuple[Stage, str]:
    stage = Stage(tmp_path, Repeats.FIRES, LOST)
    operation_id = stage.approved()
    stage.step(operation_id, 2)
    return stage, operation_id


def order(operation_id: str, answer: Answer, *, attempt: int = 1, typed: str = GROUP, reason: str = "seen") -> Order:
    return Order(operation_id, attempt, answer, "anna", typed, reason)


@pytest.mark.parametrize("answer", Answer)
def test_nothing_is_decided_while_the_request_may_be_under_way(doubtful: tuple[Stage, str], answer: Answer) -> None:
    stage, operation_id = doubtful
    refused = stage.conductor.orders.answer(order(operation_id, answer))
    assert isinstance(refused, NotOrdered)
    assert "may still be under way" in refused.sentence


@pytest.mark.parametrize(
    ("answer", "phase"),
    [(Answer.RESEND, Phase.WAITING), (Answer.ACTED, Phase.ACCEPTED), (Answer.CLOSE, Phase.INCONCLUSIVE)],
)
def test_after_that_an_answer_counts(doubtful: tuple[Stage, str], answer: Answer, phase: Phase) -> None:
    stage, operation_id = doubtful
    stage.clocks.pass_by(SETTLED_S)
    assert stage.conductor.orders.answer(order(operation_id, answer)) is None
    assert stage.operation(operation_id).phase is phase


def test_an_ordered_resend_is_sent_once(doubtful: tuple[Stage, str]) -> None:
    stage, operation_id = doubtful
    stage.clocks.pass_by(SETTLED_S)
    stage.receiver.outcomes = [LOST]
    stage.conductor.orders.answer(order(operation_id, Answer.RESEND))
    stage.step(operation_id, 20)
    assert [delivery.attempt for delivery in stage.receiver.deliveries] == [1, 2]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"attempt": 2}, "about attempt 2"),
        ({"typed": "another group"}, "type the group's name"),
        ({"typed": ""}, "type the group's name"),
        ({"reason": " "}, "reason is needed"),
    ],
)
@pytest.mark.parametrize("answer", [Answer.RESEND, Answer.CLOSE])
def test_a_wrong_answer_is_refused_and_nothing_is_written(
    doubtful: tuple[Stage, str], answer: Answer, change: dict[str, object], words: str
) -> None:
    stage, operation_id = doubtful
    stage.clocks.pass_by(SETTLED_S)
    before = len(stage.journal.read())
    refused = stage.conductor.orders.answer(order(operation_id, answer, **change))  # type: ignore[arg-type]
    assert isinstance(refused, NotOrdered)
    assert words in refused.sentence
    assert len(stage.journal.read()) == before


def test_of_two_answers_at_once_one_counts(doubtful: tuple[Stage, str]) -> None:
    stage, operation_id = doubtful
    _, other = stage.process("two")
    other.settles_in_s(stage.operation(operation_id))
    stage.clocks.pass_by(SETTLED_S)
    assert stage.conductor.orders.answer(order(operation_id, Answer.CLOSE)) is None
    assert isinstance(other.orders.answer(order(operation_id, Answer.RESEND)), NotOrdered)


def test_what_has_not_been_sent_is_cancelled(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    operation_id = stage.approved()
    assert stage.conductor.orders.cancel(operation_id, "anna", "not now") is None
    assert stage.operation(operation_id).phase is Phase.CANCELLED
    assert stage.kinds(operation_id) == ["plan.approved", "cancelled", "audit.recorded"]
    stage.step(operation_id)
    assert stage.receiver.deliveries == []


def test_what_waits_and_did_nothing_is_cancelled(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Repeats.FIRES, NotProcessed("503", 20.0))
    operation_id = stage.approved()
    stage.conductor.step(operation_id)
    assert stage.conductor.orders.cancel(operation_id, "anna", "") is None
    assert stage.operation(operation_id).phase is Phase.CANCELLED


def test_what_may_have_acted_is_only_not_sent_again(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Repeats.DEDUPLICATES, LOST)
    operation_id = stage.approved()
    stage.conductor.step(operation_id)
    assert stage.conductor.orders.cancel(operation_id, "anna", "") is None
    assert stage.operation(operation_id).phase is Phase.IN_DOUBT


def test_what_was_sent_can_no_longer_be_cancelled(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    operation_id = stage.approved()
    stage.conductor.step(operation_id)
    assert isinstance(stage.conductor.orders.cancel(operation_id, "anna", ""), NotOrdered)
