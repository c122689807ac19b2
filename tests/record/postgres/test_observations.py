"""What one read for all: kept under the poller's token only, told at once, and never more than the newest few."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres import lease as leases
from nodescaler_tui.record.postgres import observations
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.postgres.lease import Lease, LeaseLost
from nodescaler_tui.record.postgres.listening import CALLED_EVERY_S, Listener
from tests.postgresql.databases import Database
from tests.record.conftest import draft

POLLER = "poller mypurecloud.ie"


@pytest.fixture
def ana(database: Database) -> Sessions:
    return Sessions(database.url("ana"))


@pytest.fixture
def ben(database: Database) -> Sessions:
    return Sessions(database.url("ben"))


def taken(sessions: Sessions, name: str = POLLER) -> Lease:
    lease = leases.take(sessions, name, f"laptop {name}", 600)
    assert lease is not None
    return lease


def test_everybody_reads_what_the_poller_wrote_last_and_who_it_is(database: Database, ana: Sessions) -> None:
    lease = taken(ana)
    observations.publish(ana, lease, b"first")
    number = observations.publish(ana, lease, b"second")
    vic = Sessions(database.url("vic"))
    assert observations.newest(vic, POLLER) == observations.Published(number, b"second")
    assert observations.standing_of(vic, POLLER) == observations.Standing(number, "ana@laptop")


def test_where_nobody_polls_there_is_nothing(ben: Sessions) -> None:
    assert observations.newest(ben, POLLER) is None
    assert observations.standing_of(ben, POLLER) == observations.Standing(0, "")


def test_under_an_old_token_nothing_is_kept(ana: Sessions, ben: Sessions) -> None:
    old = taken(ana)
    leases.release(ana, old)
    new = taken(ben)
    number = observations.publish(ben, new, b"new")
    with pytest.raises(LeaseLost):
        observations.publish(ana, old, b"old")
    assert observations.newest(ana, POLLER) == observations.Published(number, b"new")


def test_only_the_newest_are_kept_of_each_part_of_genesys(database: Database, ana: Sessions) -> None:
    ireland, frankfurt = taken(ana), taken(ana, "poller mypurecloud.de")
    observations.publish(ana, frankfurt, b"frankfurt")
    for number in range(9):
        observations.publish(ana, ireland, str(number).encode())
    with database.connect() as opened:
        kept = [row[0] for row in opened.execute("SELECT bytes FROM observation ORDER BY id").fetchall()]
    assert kept == [b"frankfurt", b"6", b"7", b"8"]


@pytest.mark.parametrize("person", ["vic", "ana"])
def test_nobody_writes_observations_but_through_their_lease(database: Database, person: str) -> None:
    statement = "INSERT INTO observation (lease, token, bytes) VALUES ('poller', 1, '')"
    with (
        psycopg.connect(database.url(person), options="-c search_path=nodescaler") as opened,
        pytest.raises(psycopg.errors.InsufficientPrivilege),
    ):
        opened.execute(statement)
    if person == "vic":
        with pytest.raises(JournalUnavailable, match="must be a member of nodescaler_operator"):
            observations.publish(Sessions(database.url("vic")), Lease(POLLER, "vic", 1), b"")


@contextmanager
def listening(sessions: Sessions) -> Iterator[threading.Semaphore]:
    heard = threading.Semaphore(0)
    listener = Listener(sessions, heard.release)
    listener.start()
    assert heard.acquire(timeout=5), "it looks once as it begins"
    try:
        yield heard
    finally:
        listener.close()


def test_whoever_listens_hears_of_each_event_and_observation_at_once(
    database: Database, ana: Sessions, ben: Sessions
) -> None:
    journal, lease = PostgresJournal.open(database.url("ana"), version="1"), taken(ana)
    took: list[float] = []
    with listening(ben) as heard:
        for number in range(6):
            assert heard.acquire(timeout=5), "the call that comes by itself"
            began = time.monotonic()
            if number % 2:
                observations.publish(ana, lease, b"")
            else:
                with journal.transaction() as transaction:
                    transaction.append(draft(number))
            assert heard.acquire(timeout=5)
            took.append(time.monotonic() - began)
    assert min(took) < CALLED_EVERY_S / 2, "sooner than it would have looked by itself"


def test_whoever_listens_is_called_also_when_it_hears_nothing_and_after_its_session_was_cut(
    database: Database, ben: Sessions
) -> None:
    with listening(ben) as heard:
        assert heard.acquire(timeout=5)
        bens = "FROM pg_stat_activity WHERE datname = current_database() AND usename = 'ben'"
        database.run(f"SELECT pg_terminate_backend(pid) {bens}")
        for _ in range(4):
            assert heard.acquire(timeout=5)
