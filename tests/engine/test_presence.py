"""Presence on a real store: others learn what is in front of whom, and a store that will not have it stops nothing."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from nodescaler_tui.clock import MACHINE_CLOCK, Clock
from nodescaler_tui.engine.assembly import assemble
from nodescaler_tui.engine.clock_watch import ClockWatch
from nodescaler_tui.engine.core import Engine
from nodescaler_tui.engine.presence import Presence, present_state
from nodescaler_tui.engine.world import World
from nodescaler_tui.intents import ApprovePlan
from nodescaler_tui.presence_state import InFront, PresentState, Sight
from nodescaler_tui.record.postgres import server_clock
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.presence import Present
from nodescaler_tui.simulator.addresses import described
from nodescaler_tui.simulator.simulation import running_simulation
from nodescaler_tui.state import State
from nodescaler_tui.views import Answer
from tests.engine.teams import follows, polls, team_settings, teammate
from tests.postgresql.databases import Database

WITHIN_S = 30.0
BEGUN_WITHIN_S = 120.0
PLAN = InFront(Sight.PLAN, "g-eu")


def ahead_by(seconds: float) -> Clock:
    return Clock(lambda: MACHINE_CLOCK.now() + timedelta(seconds=seconds), MACHINE_CLOCK.monotonic)


@contextmanager
def present(database: Database, login: str, *, clock: Clock = MACHINE_CLOCK) -> Iterator[Presence]:
    """An engine's part in it, until the block ends."""
    sessions = Sessions(database.url(login))
    watch = ClockWatch(lambda: server_clock.sample(sessions, clock), clock.monotonic)
    here = Presence(sessions, f"engine of {login}", watch)
    here.start()
    try:
        yield here
    finally:
        here.close()
        sessions.close()


def looked(here: Presence, holds: Callable[[tuple[PresentState, ...]], bool]) -> tuple[PresentState, ...]:
    """Look until this holds of the others."""
    give_up_at = time.monotonic() + WITHIN_S
    while True:
        here.look()
        others = here.others
        if holds(others):
            return others
        assert time.monotonic() < give_up_at, f"It did not come to that; the last was {others}."
        time.sleep(0.05)


def test_others_learn_what_is_in_front_of_whom_and_that_the_last_window_was_closed(database: Database) -> None:
    with present(database, "ana") as ana, present(database, "ben") as ben:
        ben.shows((PLAN,))
        (seen,) = looked(ana, bool)
        assert (seen.login, seen.in_front, seen.clock_off_s) == ("ben", (PLAN,), 0)
        assert seen.who.startswith("ben@")
        ben.shows((PLAN, InFront(Sight.JOURNAL)))
        looked(ana, lambda others: len(others[0].in_front) == 2)
        ben.shows(())
        looked(ana, lambda others: not others)


def test_who_only_looks_is_seen_too_and_whoever_ends_in_order_is_gone(database: Database) -> None:
    with present(database, "ana") as ana:
        with present(database, "vic") as vic:
            vic.shows((InFront(Sight.DASHBOARD),))
            assert looked(ana, bool)[0].login == "vic"
        looked(ana, lambda others: not others)


def test_a_host_whose_clock_is_off_says_so(database: Database) -> None:
    with present(database, "ana") as ana, present(database, "ben", clock=ahead_by(-3600)) as ben:
        ben.shows((PLAN,))
        assert looked(ana, bool)[0].clock_off_s == -3600


def test_a_store_that_knows_no_presence_stops_nothing_and_its_clock_is_compared_all_the_same(
    database: Database,
) -> None:
    database.run("DROP VIEW present", "DROP FUNCTION tell_presence, end_presence")
    sessions = Sessions(database.url("ana"))
    watch = ClockWatch(lambda: server_clock.sample(sessions, MACHINE_CLOCK), MACHINE_CLOCK.monotonic)
    here = Presence(sessions, "engine", watch)
    here.shows((PLAN,))
    here.start()
    assert here.compared_within(WITHIN_S)
    here.look()
    assert here.others == ()
    assert watch.compared.skew is not None
    here.close()


@pytest.mark.parametrize("told", ["", "no json", "[]", '{"in_front": [{"sight": "of a later release"}]}'])
def test_what_another_release_says_is_somebody_of_whom_nothing_more_is_known(told: str) -> None:
    assert present_state(Present("ben", "desk", told)) == PresentState("ben", "desk")  # type: ignore[arg-type]


def test_text_of_others_cannot_command_the_terminal() -> None:
    shown = present_state(Present("ben", "\x1b]0;owned\x07", '{"clock_off_s": 3}'))
    assert "\x1b" not in shown.host
    assert shown.clock_off_s == 3


def test_with_a_clock_that_is_far_off_nothing_can_be_approved_and_a_sentence_says_what_to_do(
    database: Database, tmp_path: Path
) -> None:
    async def asked(engine: Engine) -> tuple[State, Answer]:
        group = None
        while group is None:
            await engine.poll()
            group = next((each for each in engine.state.groups if each.plan is not None), None)
        assert group.plan is not None
        answer = await engine.ask(ApprovePlan(group.id, group.plan.hash), "ana@laptop")
        await engine.close()
        return engine.state, answer

    with running_simulation("surge", speed=16) as simulation:
        settings = team_settings(described(simulation.addresses), database.url("ana"), str(tmp_path))
        state, answer = asyncio.run(asked(assemble(settings, World(clock=ahead_by(7.0)))))
        assert simulation.provider.deliveries == []
    assert not answer.done
    assert "The gate “clock” is closed: this host's clock is 7.0 s ahead of the store's" in answer.sentence
    assert "set it by NTP" in answer.sentence
    assert state.store.clock_closes
    closed = {str(gate.name) for group in state.groups if group.plan for gate in group.plan.gates if not gate.passed}
    assert closed == {"clock"}


def test_ana_sees_that_ben_reads_a_plan_and_that_he_is_gone_after_he_was_killed(
    database: Database, tmp_path: Path
) -> None:
    with (
        running_simulation("calm", speed=16) as simulation,
        teammate(simulation, database.url("ana"), tmp_path, "ana") as ana,
        teammate(simulation, database.url("ben"), tmp_path, "ben") as ben,
    ):
        for engine in (ana, ben):
            engine.until(lambda seen: polls(seen) or follows(seen), BEGUN_WITHIN_S)
        ben.told("shows plan g-eu")
        seen = ana.until(lambda seen: bool(seen.get("present")))
        assert seen["login"] == "ana"
        ((who, in_front),) = seen["present"].items()
        assert who.startswith("ben@")
        assert in_front == [["plan", "g-eu"]]
        ben.killed()
        ana.until(lambda seen: seen.get("present") == {})
