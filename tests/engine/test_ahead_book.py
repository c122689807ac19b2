"""Plans ahead are switched on by a group's id; an id that no group has is told once, when all groups are known."""

from __future__ import annotations

from datetime import UTC, datetime

from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.engine.ahead_book import AheadBook
from nodescaler_tui.engine.assessment import Rules
from nodescaler_tui.engine.gates import Caps, Circumstances
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.picture import Pace
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.facts import GroupKind, GroupReading, Observation, Reading, RequestBudget
from nodescaler_tui.state import Scope, Severity

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)


def mind_with(*switched_on: str) -> Mind:
    return Mind(
        scope=Scope(),
        rules=Rules(90.0, 300.0),
        book=ThresholdBook({}),
        circumstances=Circumstances(
            receiver=None, receiver_problem="", store_problem="", read_only=True, dry_run=False, caps=Caps(50, 200)
        ),
        ledger=Ledger(),
        ahead=AheadBook(switched_on),
    )


def poll(*group_ids: str, inventory_read: bool = True) -> Observation:
    missing = Reading(None, "edge", missing="not read")
    groups = tuple(
        GroupReading(
            id=group_id,
            name=group_id,
            site="",
            kind=GroupKind.EDGE,
            managed=False,
            current_nodes=missing,
            cpu=missing,
            memory=missing,
            sessions=missing,
            cpu_worst=None,
            memory_worst=None,
            fresh_nodes=0,
            nodes=(),
        )
        for group_id in group_ids
    )
    budget = RequestBudget(1, 300, limit_is_live=True)
    return Observation(NOON, 1, inventory_read=inventory_read, groups=groups, problems=(), budget=budget)


def noticed(mind: Mind) -> list[str]:
    notices = mind.state(NOON, Pace(10.0, None)).notices
    return [str(notice.sentence) for notice in notices if notice.severity is Severity.WARNING]


def test_an_id_that_no_group_has_is_told_once() -> None:
    mind = mind_with("g-1", "g-misspelt")
    for _ in range(3):
        mind.observe(poll("g-1", "g-2"))
    assert noticed(mind) == [
        "No group has the id g-misspelt, which forecast.propose_ahead names: nothing is proposed ahead for it."
    ]


def test_while_the_groups_are_not_all_known_nothing_is_said_of_it() -> None:
    mind = mind_with("g-2")
    mind.observe(poll("g-1", inventory_read=False))
    assert noticed(mind) == []
    mind.observe(poll("g-1", "g-2"))
    assert noticed(mind) == []


def test_a_group_that_goes_later_is_not_taken_for_a_wrong_id() -> None:
    mind = mind_with("g-1")
    mind.observe(poll("g-1"))
    mind.observe(poll("g-2"))
    assert noticed(mind) == []
