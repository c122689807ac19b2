"""Which operations are on the screens: the newest, and each that is open, however many were approved after it."""

from __future__ import annotations

from pathlib import Path

from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.engine.assessment import Rules
from nodescaler_tui.engine.gates import Caps, Circumstances
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.picture import RECENT_OPERATIONS, Pace
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.state import Scope
from tests.act.stage import Stage


def shown(stage: Stage) -> list[str]:
    """The ids of the operations on a screen over this journal."""
    mind = Mind(
        scope=Scope(),
        rules=Rules(staleness_limit_s=90.0, cooldown_s=0.0),
        book=ThresholdBook({}),
        circumstances=Circumstances(
            receiver=None, receiver_problem="", store_problem="", read_only=False, dry_run=False, caps=Caps(50, 1000)
        ),
        ledger=Ledger(stage.journal.read()),
    )
    return [operation.id for operation in mind.state(stage.clocks.wall, Pace(10.0, None)).operations]


def test_an_open_operation_stays_on_the_screen_however_many_come_after_it(tmp_path: Path) -> None:
    """Else nobody could decide about one that is in doubt."""
    stage = Stage(tmp_path)
    opened = [stage.approved(f"g-{number}") for number in range(RECENT_OPERATIONS + 5)]
    assert shown(stage) == opened


def test_of_those_that_have_ended_the_newest_are_shown(tmp_path: Path) -> None:
    stage = Stage(tmp_path)
    approved = [stage.approved(f"g-{number}") for number in range(RECENT_OPERATIONS + 5)]
    for operation_id in approved[1:]:
        stage.conductor.orders.cancel(operation_id, "anna", "not needed")
    assert shown(stage) == [approved[0], *approved[-RECENT_OPERATIONS:]]
