"""Two people on two engines of one store: what the second approves is what the first approved, and it is sent once."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nodescaler_tui.decide.two_person import rule_of
from nodescaler_tui.events import Event, EventKind
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.postgres.two_person import set_rule
from nodescaler_tui.simulator.simulation import Simulation, running_simulation
from tests.engine.teams import Seen, Teammate, follows, polls, settled, teammate
from tests.postgresql.databases import Database


@pytest.fixture
def simulation() -> Iterator[Simulation]:
    with running_simulation("surge", speed=16) as running:
        yield running


@pytest.fixture
def team(simulation: Simulation, database: Database, tmp_path: Path) -> Iterator[dict[str, Teammate]]:
    """Ana, whose machine claims that she is somebody else, and Ben; every plan takes two people."""
    owner = Sessions(database.url("postgres"))
    set_rule(owner, rule_of("key", ()), operator="root@db", version="1", at=datetime.now(UTC))
    owner.close()
    claimed = {"ana": "mallory@laptop", "ben": "ben@desk"}
    with ExitStack() as stack:
        people = {
            login: stack.enter_context(teammate(simulation, database.url(login), tmp_path, name))
            for login, name in claimed.items()
        }
        for engine in people.values():
            engine.until(lambda seen: (polls(seen) or follows(seen)) and bool(seen["writable"]))
        yield people


def answer(engine: Teammate, told: str) -> Seen:
    engine.told(told)
    seen = engine.until(lambda seen: "answer" in seen)
    engine.last = {}
    return seen


def first_of_ana(seen: Seen) -> bool:
    return seen.get("firsts") == ["ana@laptop"]


def events(database: Database, kind: EventKind) -> list[Event]:
    return [event for event in PostgresJournal.open_for_reading(database.url("ana")).read() if event.kind is kind]


def test_ana_first_then_never_ana_again_then_ben_and_one_delivery(
    simulation: Simulation, database: Database, team: dict[str, Teammate]
) -> None:
    ana, ben = team["ana"], team["ben"]
    said = answer(ana, "approve")
    assert said["done"]
    assert said["answer"].startswith("Approved first; nothing is sent before a second person approves")
    assert ana.until(first_of_ana)["hashes"] == ben.until(first_of_ana)["hashes"], "Ben reads what Ana approved"

    again = answer(ana, "second")
    assert not again["done"]
    assert "You approved this plan first, as ana; the second must be somebody else" in again["answer"]
    assert simulation.provider.deliveries == []

    assert answer(ben, "second")["done"]
    for engine in (ana, ben):
        assert engine.until(settled)["operators"] == ["ana@laptop and ben@desk"]
    (delivery,) = simulation.provider.deliveries
    (first,) = events(database, EventKind.PLAN_FIRST_APPROVED)
    (approved,) = events(database, EventKind.PLAN_APPROVED)
    (recorded,) = events(database, EventKind.AUDIT_RECORDED)
    (refused,) = events(database, EventKind.PLAN_REFUSED)
    assert (approved.fields["first_operator"], approved.operator) == ("ana@laptop", "ben@desk")
    assert recorded.fields["approved_by"] == ["ana@laptop", "ben@desk"]
    assert refused.operator == "ana@laptop"
    assert approved.fields["body"] == first.fields["body"] == delivery.body.decode()
    assert verify_journal(PostgresJournal.open_for_reading(database.url("ana"))).intact


def test_whoever_rejects_ends_it_for_all_and_a_new_plan_begins_anew(
    simulation: Simulation, database: Database, team: dict[str, Teammate]
) -> None:
    answer(team["ana"], "approve")
    team["ben"].until(first_of_ana)
    assert answer(team["ana"], "reject")["done"]
    told = team["ben"].until(lambda seen: bool(seen.get("told")) and bool(seen["plans"]))
    assert "is void: ana@laptop rejected the plan" in told["told"][0]
    said = answer(team["ben"], "approve")
    assert said["answer"].startswith("Approved first")
    assert simulation.provider.deliveries == []
    assert events(database, EventKind.PLAN_APPROVED) == []
