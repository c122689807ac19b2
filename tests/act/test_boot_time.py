"""How long new nodes take is learned from scale-ups that were proven, and never from anything else."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from nodescaler_tui.act.boot_time import boot_time
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.operation import Phase
from nodescaler_tui.act.outcome import NotProcessed, Unknown
from nodescaler_tui.act.receiver import Repeats
from nodescaler_tui.decide.ahead import BootTime
from tests.act.stage import GROUP, Stage

ASSUMED_S = 300.0


def learned(stage: Stage, group: str = GROUP) -> BootTime:
    return boot_time(Ledger(stage.journal.read()).operations(), group, ASSUMED_S)


def scaled_up(stage: Stage, boots_in_s: float, group: str = GROUP) -> None:
    """A scale-up whose nodes take up work after so long; proof takes two more looks of five seconds."""
    stage.nodes, stage.cpu = 10, 0.95
    operation_id = stage.approved(group)
    stage.conductor.step(operation_id)
    stage.clocks.pass_by(boots_in_s)
    stage.nodes, stage.cpu = 12, 0.7
    stage.step(operation_id, 4)
    assert stage.operation(operation_id).phase is Phase.VERIFIED
    stage.clocks.pass_by(3600)


def test_while_none_was_measured_the_configured_time_is_assumed_and_said_to_be(tmp_path: Path) -> None:
    assert learned(Stage(tmp_path)) == BootTime(ASSUMED_S, measured=0)


def test_a_proven_scale_up_is_timed_from_sending_to_proof(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    scaled_up(stage, 250.0)
    assert learned(stage).measured == 1
    assert 250.0 <= learned(stage).seconds <= 265.0


def test_the_slowest_of_the_last_five_counts(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    for seconds in (900.0, 100.0, 400.0, 120.0, 110.0):
        scaled_up(stage, seconds)
    assert learned(stage).measured == 5
    assert 900.0 <= learned(stage).seconds <= 915.0
    scaled_up(stage, 100.0)
    assert learned(stage).measured == 5
    assert 400.0 <= learned(stage).seconds <= 415.0


def test_what_another_group_took_says_nothing_about_this_one(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    scaled_up(stage, 250.0, "g-2")
    assert learned(stage) == BootTime(ASSUMED_S)
    assert learned(stage, "g-2").measured == 1


def test_a_scale_up_that_was_not_proven_teaches_nothing(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    operation_id = stage.approved()
    stage.step(operation_id)
    stage.clocks.pass_by(timedelta(hours=1).total_seconds())
    stage.step(operation_id, 3)
    assert stage.operation(operation_id).phase is Phase.FAILED
    assert learned(stage) == BootTime(ASSUMED_S)


def test_after_a_refusal_to_act_the_attempt_that_was_taken_counts(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Repeats.DEDUPLICATES, NotProcessed("503", 120.0))
    scaled_up_after_retry(stage)
    assert learned(stage).seconds < 120.0


def test_after_a_doubt_the_first_attempt_counts_because_it_may_have_acted(tmp_path: Path) -> None:
    stage = Stage(tmp_path, Repeats.DEDUPLICATES, Unknown("It may have acted.", 120.0))
    scaled_up_after_retry(stage)
    assert learned(stage).seconds > 120.0


def scaled_up_after_retry(stage: Stage) -> None:
    operation_id = stage.approved()
    stage.step(operation_id)
    stage.nodes, stage.cpu = 12, 0.7
    stage.clocks.pass_by(121.0)
    stage.step(operation_id, 8)
    assert stage.operation(operation_id).phase is Phase.VERIFIED


@pytest.mark.parametrize("jump_s", [-7200.0, 900.0])
def test_a_clock_that_jumps_meanwhile_makes_no_boot_time_longer_than_it_was(tmp_path: Path, jump_s: float) -> None:
    stage = Stage(tmp_path)
    operation_id = stage.approved()
    stage.step(operation_id)
    stage.clocks.wall += timedelta(seconds=jump_s)
    stage.nodes, stage.cpu = 12, 0.7
    for _ in range(6):
        stage.conductor.step(operation_id)
        stage.clocks.pass_by(5.0)
    assert stage.operation(operation_id).phase is Phase.VERIFIED
    assert learned(stage).seconds <= ASSUMED_S
    assert learned(stage).measured == (1 if jump_s > 0 else 0)
