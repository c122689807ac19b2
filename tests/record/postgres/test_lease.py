"""The lease: one holder at a time by the database's clock, and no write under an old token."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres import lease as leases
from nodescaler_tui.record.postgres.address import Timeouts
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.lease import Lease, LeaseLost
from nodescaler_tui.record.postgres.transaction import begin
from tests.postgresql.databases import Database

HOLDING = Path(__file__).with_name("holding.py")
LENGTH_S = 0.6
LONG_S = 600.0


@pytest.fixture
def ana(database: Database) -> Sessions:
    database.run("CREATE TABLE written (token bigint NOT NULL)", "GRANT INSERT, SELECT ON written TO ana, ben")
    return Sessions(database.url("ana"))


@pytest.fixture
def ben(database: Database) -> Sessions:
    return Sessions(database.url("ben"))


def write(sessions: Sessions, lease: Lease) -> None:
    with sessions.session() as session:
        begin(session)
        leases.require(session, lease)
        session.execute("INSERT INTO written (token) VALUES (%s)", (lease.token,))
        session.execute("COMMIT")


def taken(sessions: Sessions, holder: str, length_s: float = LONG_S) -> Lease:
    lease = leases.take(sessions, "poller", holder, length_s)
    assert lease is not None
    return lease


def written(database: Database) -> list[int]:
    with database.connect() as opened:
        return [int(str(token)) for (token,) in opened.execute("SELECT token FROM written ORDER BY token").fetchall()]


def shift_the_servers_clock(database: Database, by: str) -> None:
    """To a lease it is the same whether the clock goes on or its end comes nearer."""
    database.run("ALTER TABLE lease DISABLE TRIGGER USER", f"UPDATE lease SET until = until - interval '{by}'")


def test_one_of_two_holds_it(ana: Sessions, ben: Sessions) -> None:
    lease = taken(ana, "a")
    assert leases.take(ben, "poller", "b", LONG_S) is None
    held = leases.holding(ben, "poller")
    assert held is not None
    assert (held.holder, held.token) == ("a", lease.token)
    assert LONG_S - 30 < held.left_s <= LONG_S


def test_of_many_who_take_it_at_once_one_gets_it(ana: Sessions, ben: Sessions) -> None:
    gate, got = threading.Barrier(8), []

    def take(number: int) -> None:
        gate.wait()
        got.append(leases.take((ana, ben)[number % 2], "poller", f"holder {number}", LONG_S))

    threads = [threading.Thread(target=take, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len([lease for lease in got if lease is not None]) == 1


def test_two_leases_have_nothing_to_do_with_each_other(ana: Sessions, ben: Sessions) -> None:
    taken(ana, "a")
    assert leases.take(ben, "another", "b", LONG_S) is not None


def test_it_is_held_for_as_long_as_it_is_renewed(ana: Sessions, ben: Sessions) -> None:
    lease = taken(ana, "a", LENGTH_S)
    until = time.monotonic() + 2.5 * LENGTH_S
    while time.monotonic() < until:
        assert leases.renew(ana, lease)
        assert leases.take(ben, "poller", "b", LENGTH_S) is None
        time.sleep(LENGTH_S / 6)


def test_one_that_ran_out_is_lost_even_when_nobody_wants_it(database: Database, ana: Sessions) -> None:
    lease = taken(ana, "a")
    shift_the_servers_clock(database, "601 s")
    assert leases.holding(ana, "poller") is None
    assert not leases.renew(ana, lease)
    with pytest.raises(LeaseLost):
        write(ana, lease)
    assert written(database) == []


def test_a_new_holder_has_a_new_token_and_the_old_one_writes_nothing(
    database: Database, ana: Sessions, ben: Sessions
) -> None:
    old = taken(ana, "a")
    write(ana, old)
    shift_the_servers_clock(database, "601 s")
    new = taken(ben, "b")
    assert new.token > old.token
    with pytest.raises(LeaseLost):
        write(ana, old)
    assert not leases.renew(ana, old)
    assert not leases.release(ana, old)
    write(ben, new)
    assert written(database) == [old.token, new.token]


def test_who_gives_it_up_lets_the_next_one_in_at_once(ana: Sessions, ben: Sessions) -> None:
    old = taken(ana, "a")
    assert leases.release(ana, old)
    assert taken(ben, "b").token > old.token
    with pytest.raises(LeaseLost):
        write(ana, old)


def test_who_asks_again_because_the_answer_was_lost_gets_a_new_token(ana: Sessions) -> None:
    first = taken(ana, "a")
    second = taken(ana, "a")
    assert second.token > first.token
    with pytest.raises(LeaseLost):
        write(ana, first)


def test_it_does_not_change_hands_while_its_holder_writes(database: Database, ana: Sessions) -> None:
    lease = taken(ana, "a")
    waiting = Sessions(database.url("ben"), Timeouts(lock_s=0.2))
    with ana.session() as session:
        begin(session)
        leases.require(session, lease)
        session.execute("INSERT INTO written (token) VALUES (%s)", (lease.token,))
        shift = threading.Thread(target=shift_the_servers_clock, args=(database, "601 s"))
        shift.start()
        with pytest.raises(JournalUnavailable, match="for too long"):
            leases.take(waiting, "poller", "b", LONG_S)
        session.execute("COMMIT")
    shift.join()
    assert taken(waiting, "b").token > lease.token


@pytest.mark.parametrize("by", ["1 h", "-1 h"])
def test_a_servers_clock_that_jumps_ends_it_for_everybody_alike(
    database: Database, ana: Sessions, ben: Sessions, by: str
) -> None:
    """Set back, it would otherwise be held by one who may be dead, for an hour."""
    old = taken(ana, "a")
    shift_the_servers_clock(database, by)
    with pytest.raises(LeaseLost):
        write(ana, old)
    assert leases.holding(ben, "poller") is None
    assert taken(ben, "b").token > old.token


def two_days_later(database: Database) -> None:
    database.run(
        "ALTER TABLE lease DISABLE TRIGGER USER",
        "UPDATE lease SET until = until - interval '2 days', heard_at = heard_at - interval '2 days'",
        "ALTER TABLE lease ENABLE TRIGGER USER",
    )


def test_leases_that_ended_more_than_a_day_ago_go_and_no_other(database: Database, ana: Sessions) -> None:
    released = leases.take(ana, "holder released", "a", LONG_S)
    assert released is not None
    leases.release(ana, released)
    leases.take(ana, "holder gone", "b", LONG_S)
    two_days_later(database)
    leases.take(ana, "holder just ended", "c", 0.001)
    taken(ana, "d")
    while leases.holding(ana, "holder just ended"):
        time.sleep(0.01)
    assert leases.let_ended_go(ana) == 2
    with database.connect() as opened:
        names = [row[0] for row in opened.execute("SELECT name FROM lease ORDER BY name").fetchall()]
    assert names == ["holder just ended", "poller"]


def test_a_row_that_went_makes_no_old_token_valid_again(database: Database, ana: Sessions, ben: Sessions) -> None:
    old = taken(ana, "a")
    two_days_later(database)
    assert leases.let_ended_go(ben) == 1
    with pytest.raises(LeaseLost):
        write(ana, old)
    assert not leases.renew(ana, old)
    new = taken(ben, "b")
    assert new.token > old.token
    with pytest.raises(LeaseLost):
        write(ana, old)
    write(ben, new)
    assert written(database) == [new.token]


def test_nobody_removes_a_lease_that_may_still_be_held(database: Database, ana: Sessions) -> None:
    """Not even a superuser by mistake: its holder would be taken for dead."""
    lease = taken(ana, "a")
    for statement in ("DELETE FROM lease", "TRUNCATE lease"):
        with pytest.raises(psycopg.errors.RaiseException, match="keeps its token"):
            database.run(statement)
    write(ana, lease)


def test_what_a_promoted_standby_gives_out_again_differs_from_what_it_has_lost(
    database: Database, ana: Sessions, ben: Sessions
) -> None:
    """Its sequence may be where it was when the lost token was given out."""
    before = database.ask("SELECT last_value, is_called FROM lease_token")
    lost = taken(ana, "a")
    assert before is not None
    database.run(
        "ALTER TABLE lease DISABLE TRIGGER USER",
        "DELETE FROM lease",
        "ALTER TABLE lease ENABLE TRIGGER USER",
        f"SELECT setval('lease_token', {before[0]}, {before[1]})",
    )
    again = taken(ben, "b")
    assert again.token >> 20 == lost.token >> 20
    assert again.token != lost.token
    with pytest.raises(LeaseLost):
        write(ana, lost)
    assert not leases.renew(ana, lost)


def test_a_holder_learns_that_somebody_else_wants_it(ana: Sessions, ben: Sessions) -> None:
    lease = taken(ana, "a")
    assert not leases.is_wanted(ana, lease)
    assert leases.take(ben, "poller", "b", LONG_S) is None
    assert leases.is_wanted(ana, lease)
    leases.release(ana, lease)
    assert not leases.is_wanted(ben, taken(ben, "b")), "who wanted it has it now"


@contextmanager
def process(database: Database, length_s: float, wrong_by_s: float = 0.0) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, str(HOLDING), database.url("ana"), str(length_s), str(wrong_by_s)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        try:
            yield holder
        finally:
            holder.kill()


def said(holder: subprocess.Popen[str]) -> str:
    assert holder.stdout is not None
    return holder.stdout.readline().strip()


def told(holder: subprocess.Popen[str], what: str) -> str:
    assert holder.stdin is not None
    holder.stdin.write(f"{what}\n")
    holder.stdin.flush()
    return said(holder)


def test_a_frozen_holder_is_replaced_in_time_and_can_do_no_harm_when_it_wakes(
    database: Database, ana: Sessions, ben: Sessions
) -> None:
    with process(database, LENGTH_S) as holder:
        first = int(said(holder).removeprefix("took "))
        assert told(holder, "write") == "done"
        holder.send_signal(signal.SIGSTOP)
        began = time.monotonic()
        while (lease := leases.take(ben, "poller", "b", LONG_S)) is None:
            time.sleep(0.02)
        assert time.monotonic() - began <= LENGTH_S + 1
        write(ben, lease)
        holder.send_signal(signal.SIGCONT)
        assert told(holder, "write") == "lost"
        assert told(holder, "renew") == "lost"
    assert written(database) == [first, lease.token]
    assert ana.place == ben.place


def test_a_killed_holder_is_replaced_in_time(database: Database, ana: Sessions, ben: Sessions) -> None:
    with process(database, LENGTH_S) as holder:
        assert said(holder).startswith("took ")
        holder.kill()
        began = time.monotonic()
        while leases.take(ben, "poller", "b", LONG_S) is None:
            time.sleep(0.02)
        assert time.monotonic() - began <= LENGTH_S + 1
    assert ana.place == ben.place


@pytest.mark.parametrize("wrong_by_s", [3600, -3600])
def test_the_clock_of_a_holder_makes_no_difference(
    database: Database, ana: Sessions, ben: Sessions, wrong_by_s: float
) -> None:
    with process(database, LONG_S, wrong_by_s) as holder:
        assert said(holder).startswith("took ")
        held = leases.holding(ana, "poller")
        assert held is not None
        assert LONG_S - 30 < held.left_s <= LONG_S
        assert told(holder, "renew") == "done"
        assert told(holder, "write") == "done"
        assert leases.take(ben, "poller", "b", LONG_S) is None
        shift_the_servers_clock(database, "601 s")
        assert told(holder, "renew") == "lost"
        assert told(holder, "write") == "lost"
