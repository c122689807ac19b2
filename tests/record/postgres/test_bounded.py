"""A server, or a way to it, that takes everything and answers nothing: each wait for it ends."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres.address import GIVES_UP_AFTER_MS, Timeouts
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.journal import PostgresJournal
from tests.postgresql.databases import Database
from tests.postgresql.network import Network, network
from tests.record.conftest import draft

QUICK = Timeouts(statement_s=1.0, beyond_s=0.5)
SHORTEST_CONNECT_S = 2
A_SLOW_MACHINE_S = 3.0


@pytest.fixture
def between(database: Database) -> Iterator[Network]:
    with network(database.server.socket) as between:
        yield between


def url_of(between: Network, database: Database) -> str:
    return f"postgresql://ana@127.0.0.1:{between.port}/{database.name}?sslmode=disable&connect_timeout={SHORTEST_CONNECT_S}"


def test_a_write_that_is_not_answered_is_given_up_in_time_and_the_next_one_counts_once_it_is_answered_again(
    database: Database, between: Network
) -> None:
    journal = PostgresJournal.open(url_of(between, database), version="1", timeouts=QUICK)
    between.fall_silent()
    began = time.monotonic()
    with pytest.raises(JournalUnavailable, match="gave no answer"), journal.transaction() as transaction:
        transaction.append(draft(1))
    assert time.monotonic() - began < QUICK.answer_s + A_SLOW_MACHINE_S
    between.mend()
    with journal.transaction() as transaction:
        assert transaction.append(draft(2)).seq == 2
    assert [event.fields["nodes"] for event in journal.read(after=1)] == [2]


def silent_as_it_confirms(journal: PostgresJournal, between: Network) -> None:
    with journal.transaction() as transaction:
        transaction.append(draft(1))
        between.fall_silent()


def test_a_confirmation_that_never_comes_is_told_as_what_nobody_knows(database: Database, between: Network) -> None:
    journal = PostgresJournal.open(url_of(between, database), version="1", timeouts=QUICK)
    with pytest.raises(JournalUnavailable, match="whether event 2 was written"):
        silent_as_it_confirms(journal, between)


def test_once_one_question_was_not_answered_no_other_kept_session_is_asked(
    database: Database, between: Network
) -> None:
    """Each would be waited for as long again."""
    sessions = Sessions(url_of(between, database), QUICK)
    with sessions.session(), sessions.session(), sessions.session():
        pass
    between.fall_silent()
    with pytest.raises(JournalUnavailable, match="gave no answer"), sessions.session() as session:
        session.execute("SELECT 1")
    between.mend()
    with sessions.session() as session:
        begun = "SELECT count(*) FROM pg_stat_activity WHERE usename = 'ana' AND datname = current_database()"
        pids = {session.info.backend_pid}
        while session.execute(begun).fetchone() != (1,):
            time.sleep(0.02)
    with sessions.session() as session:
        assert {session.info.backend_pid} == pids


def test_a_server_that_takes_the_connection_and_says_nothing_is_given_up_in_time(
    database: Database, between: Network
) -> None:
    between.fall_silent()
    began = time.monotonic()
    with pytest.raises(JournalUnavailable, match="said nothing"), Sessions(url_of(between, database)).session():
        pytest.fail("a session with nobody")
    assert time.monotonic() - began < SHORTEST_CONNECT_S + A_SLOW_MACHINE_S


def test_a_network_that_drops_packets_is_given_up_by_the_connection_itself(
    database: Database, between: Network
) -> None:
    wanted = {"TCP_KEEPIDLE": 3, "TCP_KEEPINTVL": 1, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": GIVES_UP_AFTER_MS}
    has_them = {name: value for name, value in wanted.items() if hasattr(socket, name)}
    with (
        Sessions(url_of(between, database)).session() as session,
        socket.fromfd(session.fileno(), socket.AF_INET, socket.SOCK_STREAM) as used,
    ):
        options = {name: used.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in has_them}
        assert used.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)
    assert options == has_them
