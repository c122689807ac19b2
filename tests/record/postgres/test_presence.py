"""Who is here, on a real server: named by their login, gone when they say nothing, and no right to anything by it."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest

from nodescaler_tui.clock import Clock
from nodescaler_tui.record.postgres import presence, server_clock
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.presence import Present
from tests.postgresql.databases import Database


@pytest.fixture
def ana(database: Database) -> Sessions:
    return Sessions(database.url("ana"))


@pytest.fixture
def ben(database: Database) -> Sessions:
    return Sessions(database.url("ben"))


@pytest.fixture
def vic(database: Database) -> Sessions:
    return Sessions(database.url("vic"))


def rows(database: Database) -> int:
    found = database.ask("SELECT count(*) FROM presence")
    assert found is not None
    return int(str(found[0]))


def test_others_see_who_is_here_under_the_login_that_the_server_knows(ana: Sessions, ben: Sessions) -> None:
    presence.tell(ana, "engine-a", "laptop", "reading")
    presence.tell(ben, "engine-b", "desk", "looking")
    assert presence.others(ben, "engine-b") == (Present("ana", "laptop", "reading"),)
    assert presence.others(ana, "engine-a") == (Present("ben", "desk", "looking"),)


def test_what_is_told_last_counts_and_who_leaves_is_gone_at_once(ana: Sessions, ben: Sessions) -> None:
    presence.tell(ana, "engine-a", "laptop", "reading")
    presence.tell(ana, "engine-a", "laptop", "approving")
    assert presence.others(ben, "engine-b") == (Present("ana", "laptop", "approving"),)
    presence.leave(ana, "engine-a")
    assert presence.others(ben, "engine-b") == ()


@pytest.mark.parametrize("until", ["'-1 ms'", "'1 h'"], ids=["silent for too long", "a server's clock set back"])
def test_who_is_not_heard_of_is_gone_by_the_servers_clock_and_his_row_with_the_next_word(
    database: Database, ana: Sessions, ben: Sessions, until: str
) -> None:
    presence.tell(ana, "engine-a", "laptop", "reading")
    database.run(f"UPDATE presence SET until = clock_timestamp() + interval {until}")
    assert presence.others(ben, "engine-b") == ()
    presence.tell(ben, "engine-b", "desk", "looking")
    assert rows(database) == 1


def test_a_word_lasts_for_a_few_seconds(database: Database, ana: Sessions) -> None:
    before = database.ask("SELECT clock_timestamp()::text")
    assert before is not None
    presence.tell(ana, "engine-a", "laptop", "reading")
    at_least, at_most = f"'{before[0]}'::timestamptz + '5 s'", "clock_timestamp() + '5 s'"
    assert database.ask(f"SELECT until BETWEEN {at_least} AND {at_most} FROM presence") == (True,)


def test_everybody_is_notified_of_something_new_and_of_nothing_else(database: Database, ana: Sessions) -> None:
    with psycopg.connect(database.url("ben"), autocommit=True) as listening:
        listening.execute("LISTEN nodescaler")
        for word in ("reading", "reading", "approving"):
            presence.tell(ana, "engine-a", "laptop", word)
        presence.leave(ana, "engine-a")
        presence.leave(ana, "engine-a")
        presence.tell(ana, "last", "laptop", "here")
        told = [heard.payload for heard in listening.notifies(timeout=30, stop_after=4)]
    assert told == ["presence"] * 4


def test_nobody_speaks_for_another_login(database: Database, ana: Sessions, ben: Sessions) -> None:
    presence.tell(ana, "engine-a", "laptop", "reading")
    presence.tell(ben, "engine-a", "laptop", "nothing at all")
    presence.leave(ben, "engine-a")
    assert database.ask("SELECT login, told FROM presence") == ("ana", "reading")


def test_a_login_fills_the_store_with_no_more_than_a_few_engines(database: Database, ana: Sessions) -> None:
    for number in range(25):
        presence.tell(ana, f"engine-{number}", "laptop", "reading")
    assert rows(database) == 16
    assert database.ask("SELECT count(*) FROM presence WHERE engine = 'engine-24'") == (1,)


@pytest.mark.parametrize(("engine", "host", "told"), [("e" * 201, "", ""), ("", "h" * 301, ""), ("", "", "t" * 8001)])
def test_nobody_says_more_than_a_few_words(database: Database, engine: str, host: str, told: str) -> None:
    with (
        psycopg.connect(database.url("vic"), options="-c search_path=nodescaler") as connection,
        pytest.raises(psycopg.errors.CheckViolation),
    ):
        connection.execute("SELECT tell_presence(%s, %s, %s)", (engine, host, told))


def test_who_may_only_look_can_say_that_he_is_here_and_write_nothing_else(
    database: Database, ana: Sessions, vic: Sessions
) -> None:
    presence.tell(vic, "engine-v", "noc", "looking")
    assert presence.others(ana, "engine-a") == (Present("vic", "noc", "looking"),)
    statements = (
        "SELECT * FROM presence",
        "INSERT INTO presence VALUES ('ana', 'e', '', '', now())",
        "UPDATE presence SET told = ''",
        "DELETE FROM presence",
        "DELETE FROM present",
        "UPDATE present SET told = ''",
    )
    for user in ("ana", "vic"):
        with psycopg.connect(database.url(user), autocommit=True, options="-c search_path=nodescaler") as connection:
            for statement in statements:
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.encode())


def test_who_is_in_no_role_neither_sees_nor_says_anything(database: Database) -> None:
    database.run("CREATE ROLE passer_by LOGIN")
    try:
        with psycopg.connect(database.url("passer_by"), autocommit=True) as connection:
            for statement in ("SELECT * FROM nodescaler.present", "SELECT nodescaler.tell_presence('', '', '')"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    connection.execute(statement.encode())
    finally:
        database.run("DROP ROLE passer_by")


@pytest.mark.parametrize("ahead_s", [-7.0, 0.0, 3600.0])
def test_the_servers_clock_is_compared_with_ours_as_well_as_the_round_trip_allows(
    vic: Sessions, ahead_s: float
) -> None:
    machine = Clock()
    off = Clock(now=lambda: machine.now() + timedelta(seconds=ahead_s), monotonic=machine.monotonic)
    sample = server_clock.sample(vic, off)
    assert abs(sample.ahead_s - ahead_s) <= sample.unsure_s + 0.001
