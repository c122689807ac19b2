"""A team on one PostgreSQL: one engine polls for all, one carries each operation out, and others take over in time."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from nodescaler_tui.events import EventKind
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.postgres.kept_lease import LENGTH_S
from nodescaler_tui.simulator.simulation import Simulation, running_simulation
from tests.engine.teams import Teammate, follows, polls, settled, teammate
from tests.postgresql.databases import Database
from tests.postgresql.network import network

IN_TIME_S = LENGTH_S + 1.0


@pytest.fixture
def simulation() -> Iterator[Simulation]:
    with running_simulation("surge", speed=16) as running:
        yield running


@pytest.fixture
def pair(simulation: Simulation, database: Database, tmp_path: Path) -> Iterator[tuple[Teammate, Teammate]]:
    """Two engines of a team: first the one that polls, then the one that follows."""
    people = ("ana", "ben")
    with ExitStack() as stack:
        team = [stack.enter_context(teammate(simulation, database.url(name), tmp_path, name)) for name in people]
        for engine in team:
            engine.until(lambda seen: polls(seen) or follows(seen))
        yield (team[0], team[1]) if polls(team[0].last) else (team[1], team[0])


def tokens(database: Database) -> list[int]:
    with database.connect() as opened:
        return [int(str(token)) for (token,) in opened.execute("SELECT token FROM observation ORDER BY id").fetchall()]


def kinds(database: Database) -> list[EventKind]:
    return [event.kind for event in PostgresJournal.open_for_reading(database.url("ana")).read()]


def effects(simulation: Simulation) -> int:
    return sum(1 for delivery in simulation.provider.deliveries if delivery.effect)


def test_one_engine_polls_and_the_other_shows_the_same_readings_within_a_second(
    simulation: Simulation, pair: tuple[Teammate, Teammate]
) -> None:
    poller, follower = pair
    followed = follower.first_shown(lambda shown: len(shown) > 4)
    read = poller.first_shown(lambda shown: max(shown) >= max(followed))
    later = [followed[poll] - read[poll] for poll in list(followed)[1:] if poll in read]
    assert len(later) >= 3
    assert max(later) < 1.0
    assert f"{poller.name}@" in follower.last["poller"]
    assert follower.last["polls"] == 0
    assert simulation.genesys.seen["/oauth/token"] == 1, "whoever follows asks Genesys nothing, not even for a token"


def test_when_the_poller_is_killed_another_one_polls_in_time(pair: tuple[Teammate, Teammate]) -> None:
    poller, follower = pair
    killed_at = time.time()
    poller.killed()
    assert follower.until(polls)["at"] - killed_at <= IN_TIME_S


def test_a_poller_that_was_frozen_is_replaced_and_brings_nothing_in_when_it_wakes(
    database: Database, pair: tuple[Teammate, Teammate]
) -> None:
    poller, follower = pair
    frozen_at = time.time()
    poller.frozen()
    frozen = max(tokens(database))
    assert follower.until(polls)["at"] - frozen_at <= IN_TIME_S
    while (before := max(tokens(database))) == frozen:
        time.sleep(0.1)
    poller.woken()
    assert f"{follower.name}@" in poller.until(follows)["poller"]
    while (now := tokens(database)) and min(now) < before:
        time.sleep(0.1)
    assert set(now) == {before}, "the newest are all of the new poller"


@pytest.mark.parametrize("fate", ["killed", "frozen"])
def test_an_operation_whose_host_is_gone_is_verified_by_another_and_sent_once(
    simulation: Simulation, database: Database, pair: tuple[Teammate, Teammate], fate: str
) -> None:
    """The host that is gone was the poller, too."""
    gone, other = pair
    gone.told("approve")
    gone.until(lambda seen: "verifying" in seen.get("operations", {}).values())
    gone_at = time.time()
    getattr(gone, fate)()
    assert other.until(lambda seen: bool(seen.get("carries")))["at"] - gone_at <= IN_TIME_S
    other.until(settled)
    if fate == "frozen":
        gone.woken()
        gone.until(settled)
    told = kinds(database)
    assert verify_journal(PostgresJournal.open_for_reading(database.url("ana"))).intact
    assert effects(simulation) == 1
    for kind in (EventKind.OPERATION_SENDING, EventKind.OPERATION_RESUMED, EventKind.OPERATION_SETTLED):
        assert told.count(kind) == 1


def test_of_two_who_approve_at_once_one_is_first_and_the_other_is_told_who(
    simulation: Simulation, pair: tuple[Teammate, Teammate]
) -> None:
    for engine in pair:
        engine.told("approve")
    answers = [engine.until(lambda seen: "answer" in seen) for engine in pair]
    first = 0 if answers[0]["done"] else 1
    assert not answers[1 - first]["done"]
    assert pair[first].name in answers[1 - first]["answer"]
    pair[first].until(settled)
    assert effects(simulation) == 1


def test_who_may_only_look_sees_everything_and_is_told_why_nothing_can_be_approved(
    pair: tuple[Teammate, Teammate], simulation: Simulation, database: Database, tmp_path: Path
) -> None:
    with teammate(simulation, database.url("vic"), tmp_path, "vic") as vic:
        seen = vic.until(follows)
        assert f"{pair[0].name}@" in seen["poller"]
        assert not seen["writable"]
        assert "must be a member of nodescaler_operator" in seen["why"]


def test_a_host_whose_network_is_cut_is_replaced_in_time_and_follows_once_it_is_back(
    simulation: Simulation, database: Database, tmp_path: Path
) -> None:
    with network(database.server.socket) as between, ExitStack() as stack:
        url = f"postgresql://ana@127.0.0.1:{between.port}/{database.name}?sslmode=disable"
        ana = stack.enter_context(teammate(simulation, url, tmp_path, "ana"))
        ana.until(polls)
        ben = stack.enter_context(teammate(simulation, database.url("ben"), tmp_path, "ben"))
        ben.until(follows)
        cut_at = time.time()
        between.cut()
        assert ben.until(polls)["at"] - cut_at <= IN_TIME_S
        away = ana.until(lambda seen: seen.get("poller") == "nobody polls")
        assert not away["writable"]
        assert away["groups"] == ben.last["groups"]
        between.mend()
        assert "ben@" in ana.until(lambda seen: follows(seen) and bool(seen["writable"]))["poller"]
