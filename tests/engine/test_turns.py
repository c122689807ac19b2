"""A poller that cannot reach Genesys hands over to one that waits; where none can reach it, they take turns."""

from __future__ import annotations

import functools
import itertools
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest

from nodescaler_tui.engine.shared_source import FAILED_POLLS_OF_A_TURN
from nodescaler_tui.record.postgres import kept_lease
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.settings import Settings
from nodescaler_tui.simulator.addresses import described
from nodescaler_tui.simulator.simulation import Simulation, running_simulation
from tests.engine.hosts import Host, host
from tests.engine.teams import POLL_EVERY_S, WITHIN_S, team_settings
from tests.postgresql.databases import Database


@pytest.fixture
def simulation() -> Iterator[Simulation]:
    with running_simulation("surge", speed=16) as running:
        yield running


@pytest.fixture
def dead() -> Iterator[str]:
    """An address where nobody answers, for as long as the test lasts."""
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        yield f"http://127.0.0.1:{unused.getsockname()[1]}"


def settings_of(simulation: Simulation, database: Database, folder: Path, person: str) -> Settings:
    return team_settings(described(simulation.addresses), database.url(person), str(folder / person))


def looking_at(settings: Settings, gateway: str) -> Settings:
    return replace(settings, genesys=replace(settings.genesys, gateway=gateway))


def until(holds: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


def polls(engine: Host) -> bool:
    return engine.store.polls_here


def reads(engine: Host) -> bool:
    return engine.seen is not None and engine.seen.inventory_read


def test_who_cannot_reach_genesys_lets_another_one_poll_and_sees_what_that_one_reads(
    simulation: Simulation, database: Database, dead: str, tmp_path: Path
) -> None:
    settings = {person: settings_of(simulation, database, tmp_path, person) for person in ("ana", "ben")}
    with ExitStack() as stack:
        ana = stack.enter_context(host(settings["ana"], looking_at(settings["ana"], dead), "1"))
        until(lambda: polls(ana) and ana.seen is not None)
        assert not reads(ana)
        ben = stack.enter_context(host(settings["ben"], settings["ben"], "2"))
        until(lambda: polls(ben) and reads(ben))
        until(lambda: reads(ana))
        assert "ben@" in ana.store.poller
        assert len(ana.genesys.asked_at) >= FAILED_POLLS_OF_A_TURN
        polled = len(ana.genesys.asked_at)
        until(lambda: len(ben.genesys.asked_at) > 4)
        assert len(ana.genesys.asked_at) == polled, "it asks Genesys no more"


def test_who_is_alone_goes_on_although_it_cannot_reach_genesys(
    simulation: Simulation, database: Database, dead: str, tmp_path: Path
) -> None:
    settings = settings_of(simulation, database, tmp_path, "ana")
    with host(settings, looking_at(settings, dead), "1") as ana:
        until(lambda: polls(ana))
        token = database.ask("SELECT token FROM lease WHERE name LIKE 'poller%'")
        until(lambda: len(ana.genesys.asked_at) > 2 * FAILED_POLLS_OF_A_TURN)
        assert polls(ana)
        assert database.ask("SELECT token FROM lease WHERE name LIKE 'poller%'") == token


def test_where_none_can_they_take_turns_and_genesys_is_asked_no_more_often_than_by_one(
    simulation: Simulation, database: Database, dead: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_lease, "STANDS_BACK_FOR_S", 2.0)
    settings = {person: settings_of(simulation, database, tmp_path, person) for person in ("ana", "ben")}
    with ExitStack() as stack:
        ana = stack.enter_context(host(settings["ana"], looking_at(settings["ana"], dead), "1"))
        until(lambda: polls(ana))
        ben = stack.enter_context(host(settings["ben"], looking_at(settings["ben"], dead), "2"))
        for engine in (ben, ana, ben):
            until(functools.partial(polls, engine))
        for engine in (ana, ben):
            assert engine.seen is not None
            assert engine.seen.problems[0].sentence.startswith("Genesys")
        began, *asked = sorted(ana.genesys.asked_at + ben.genesys.asked_at)
    assert began < asked[0], "the first one polls as it begins, whenever that is"
    gaps = [later - earlier for earlier, later in itertools.pairwise(asked)]
    assert min(gaps) >= POLL_EVERY_S * 0.9
    assert len(asked) >= 3 * FAILED_POLLS_OF_A_TURN


def test_who_handed_over_takes_it_again_when_nobody_else_does(database: Database) -> None:
    """Whoever waited may be gone by then."""
    sessions = Sessions(database.url("ana"))
    kept = kept_lease.KeptLease(sessions, "poller", "ana")
    kept.start()
    until(lambda: kept.lease is not None)
    first = kept.lease
    kept.hand_over()
    assert kept.stands_back
    until(lambda: kept.lease not in {None, first})
    kept.close()
    sessions.close()
