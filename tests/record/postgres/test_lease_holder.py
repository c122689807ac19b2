"""The holder among machines: alive while it is heard of; one that is not writes nothing about an operation."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest

from nodescaler_tui.events import Draft, EventKind, JournalUnavailable
from nodescaler_tui.record.postgres import lease as leases
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.postgres.kept_lease import KeptLease
from nodescaler_tui.record.postgres.lease_holder import LeaseHolder, lease_of
from tests.postgresql.databases import Database
from tests.record.conftest import NOON, draft

LENGTH_S = 0.6
APPROVED = Draft(EventKind.PLAN_APPROVED, NOON, "ana@ops", "group-1", "op-1", {"plan_hash": "a" * 64})


@pytest.fixture
def ana(database: Database) -> Iterator[LeaseHolder]:
    holder = LeaseHolder(Sessions(database.url("ana")), "one", length_s=LENGTH_S)
    assert holder.tried_within(5)
    yield holder
    holder.close()


@pytest.fixture
def ben(database: Database) -> Iterator[LeaseHolder]:
    holder = LeaseHolder(Sessions(database.url("ben")), "two", length_s=LENGTH_S)
    assert holder.tried_within(5)
    yield holder
    holder.close()


def journal_of(database: Database, holder: LeaseHolder) -> PostgresJournal:
    return PostgresJournal.open_over(Sessions(database.url("ana")), version="1", fence=holder.require)


def until_it_can_tell() -> None:
    """Whoever has just come, or come back, gives the others their time."""
    time.sleep(LENGTH_S + 0.1)


def test_one_that_is_heard_of_is_alive_and_one_that_has_closed_is_not(ana: LeaseHolder, ben: LeaseHolder) -> None:
    until_it_can_tell()
    assert ben.is_alive(ana.id)
    assert ben.is_alive(ben.id)
    ana.close()
    assert not ben.is_alive(ana.id)
    assert not ben.is_alive("")
    assert not ben.is_alive("one of a journal that was copied")


def test_who_has_just_come_takes_nobody_for_dead(ben: LeaseHolder) -> None:
    assert ben.is_alive("nobody")
    until_it_can_tell()
    assert not ben.is_alive("nobody")


def test_it_writes_about_operations_while_it_is_heard_of(database: Database, ana: LeaseHolder) -> None:
    assert ana.problem == ""
    with journal_of(database, ana).transaction() as transaction:
        transaction.append(APPROVED)
    assert len(journal_of(database, ana).read()) == 2


def test_once_its_lease_was_taken_away_it_writes_nothing_about_an_operation_but_still_notes_other_things(
    database: Database,
) -> None:
    """As for a host that was frozen: it believes in its lease still, and the store does not."""
    ana = LeaseHolder(Sessions(database.url("ana")), "one", length_s=600)
    assert ana.tried_within(5)
    journal = journal_of(database, ana)
    database.run("UPDATE lease SET until = '-infinity', token = token + 1")
    with pytest.raises(JournalUnavailable, match="has not heard of this engine"), journal.transaction() as transaction:
        transaction.append(APPROVED)
    assert len(journal.read()) == 1
    database.run("UPDATE lease SET until = '-infinity', token = token + 1")
    with journal.transaction() as transaction:
        transaction.append(draft(1))
    assert len(journal.read()) == 2
    ana.close()


def test_it_takes_its_lease_anew_with_a_new_token(database: Database, ana: LeaseHolder) -> None:
    sessions = Sessions(database.url("ben"))
    first = leases.holding(sessions, lease_of(ana.id))
    database.run("UPDATE lease SET until = '-infinity', token = token + 1")
    give_up_at = time.monotonic() + 5
    while (now := leases.holding(sessions, lease_of(ana.id))) is None:
        assert time.monotonic() < give_up_at
        time.sleep(0.01)
    assert first is not None
    assert now.token > first.token


def test_who_may_only_look_holds_nothing_and_says_why(database: Database) -> None:
    vic = LeaseHolder(Sessions(database.url("vic")), "three", length_s=LENGTH_S)
    assert vic.tried_within(5)
    assert "must be a member of nodescaler_operator" in vic.problem
    vic.close()


def test_a_store_that_cannot_be_reached_is_a_problem_and_not_an_error() -> None:
    away = LeaseHolder(Sessions("postgresql://ana@127.0.0.1:1/ops?sslmode=disable"), "one", length_s=LENGTH_S)
    assert away.tried_within(5)
    assert "cannot be reached" in away.problem
    away.close()


def test_who_holds_a_lease_is_told_by_the_login_that_the_server_knows(database: Database) -> None:
    kept = KeptLease(Sessions(database.url("ben")), "poller", "ana", length_s=LENGTH_S)
    kept.start()
    assert kept.tried_within(5)
    assert database.ask("SELECT login, holder FROM lease WHERE name = 'poller'") == ("ben", "ana")
    kept.close()
