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
    """Ana and Ben on engines of their own, and Ana at a second machine; every plan takes two people."""
    database.run("CREATE ROLE carl LOGIN IN ROLE nodescaler_operator")
    owner = Sessions(database.url("postgres"))
    set_rule(owner, rule_of("key", ()), operator="root@db", version="1", at=datetime.now(UTC))
    owner.close()
    with ExitStack() as stack:
        people = {
            "ana": stack.enter_context(teammate(simulation, database.url("ana"), tmp_path, "ana@laptop")),
            "ana too": stack.enter_context(teammate(simulation, database.url("ana"), tmp_path, "mallory@desk")),
            "ben": stack.enter_context(teammate(simulation, database.url("ben"), tmp_path, "ben@desk")),
            "carl": stack.enter_context(teammate(simulation, database.url("carl"), tmp_path, "carl@phone")),
        }
        for engine in people.values():
            engine.until(lambda seen: (polls(seen) or follows(seen)) and bool(seen["writable"]))
        yield people
    database.run("DROP OWNED BY carl", "DROP ROLE carl")


def answer(engine: Teammate, told: str) -> Seen:
    engine.told(told)
    seen = engine.until(lambda seen: "answer" in seen)
    engine.last = {}
    return seen


def first_of_ana(seen: Seen) -> bool:
    return seen.get("firsts") == ["ana@laptop"]


def events(database: Database, kind: EventKind) -> list[Event]:
    return [event for event in PostgresJournal.open_for_reading(database.url("ana")).read() if event.kind is kind]


def test_ana_first_then_never_ana_again_then_ben_and_carl_at_once_and_one_delivery(
    simulation: Simulation, database: Database, team: dict[str, Teammate]
) -> None:
    said = answer(team["ana"], "approve")
    assert said["done"]
    assert said["answer"].startswith("Approved first; nothing is sent before a second person approves")
    shown = [engine.until(first_of_ana)["hashes"] for engine in team.values()]
    assert shown == [shown[0]] * 4, "everybody reads the very plan that Ana approved"

    for host in ("ana", "ana too"):
        again = answer(team[host], "second")
        assert not again["done"]
        assert "You approved this plan first, as ana; the second must be somebody else" in again["answer"]
    assert simulation.provider.deliveries == []

    for name in ("ben", "carl"):
        team[name].told("second")
    answers = {name: team[name].until(lambda seen: "answer" in seen) for name in ("ben", "carl")}
    (second,) = (name for name, seen in answers.items() if seen["done"])
    for engine in team.values():
        engine.until(settled)
    assert len(simulation.provider.deliveries) == 1
    (approved,) = events(database, EventKind.PLAN_APPROVED)
    (recorded,) = events(database, EventKind.AUDIT_RECORDED)
    (first,) = events(database, EventKind.PLAN_FIRST_APPROVED)
    host = {"ben": "ben@desk", "carl": "carl@phone"}[second]
    assert (approved.fields["first_operator"], approved.operator) == ("ana@laptop", host)
    assert recorded.fields["approved_by"] == ["ana@laptop", host]
    assert approved.fields["body"] == first.fields["body"] == simulation.provider.deliveries[0].body.decode()
    assert [event.operator for event in events(database, EventKind.PLAN_REFUSED)][:2] == ["ana@laptop", "ana@desk"]
    assert team["ana"].last["operators"] == [f"ana@laptop and {host}"]
    assert verify_journal(PostgresJournal.open_for_reading(database.url("ana"))).intact


def test_whoever_rejects_ends_it_for_all_and_a_new_plan_begins_anew(
    simulation: Simulation, database: Database, team: dict[str, Teammate]
) -> None:
    answer(team["ana"], "approve")
    team["ben"].until(first_of_ana)
    assert answer(team["ana"], "reject")["done"]
    told = team["ben"].until(lambda seen: bool(seen.get("told")) and bool(seen["plans"]))
    assert "that is void: ana@laptop rejected the plan" in told["told"][0]
    said = answer(team["ben"], "approve")
    assert said["answer"].startswith("Approved first")
    assert simulation.provider.deliveries == []
    assert events(database, EventKind.PLAN_APPROVED) == []
