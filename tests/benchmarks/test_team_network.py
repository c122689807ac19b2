"""The network of the team's proof: it breaks exactly at the message or byte that was asked for, and can be silent."""

from __future__ import annotations

import time
from collections.abc import Iterator

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.team_proof.messages import Messages
from benchmarks.team_proof.network import Cut, Link, network
from tests.postgresql.databases import Database

STARTUP = (8).to_bytes(4, "big") + b"\x00\x03\x00\x00"


def message(body: bytes) -> bytes:
    return b"Q" + (len(body) + 4).to_bytes(4, "big") + body


@given(st.lists(st.binary(max_size=12), max_size=8), st.data())
def test_messages_end_where_they_end_however_the_bytes_arrive(bodies: list[bytes], data: st.DataObject) -> None:
    said = [STARTUP, *map(message, bodies)]
    stream, followed = b"".join(said), Messages(from_client=True)
    ends, at = [], 0
    while at < len(stream):
        size = data.draw(st.integers(1, len(stream) - at))
        ends += [at + end for end in followed.ends(stream[at : at + size])]
        at += size
    assert ends == [sum(map(len, said[: number + 1])) for number in range(len(said))]


@pytest.fixture
def link(database: Database) -> Iterator[Link]:
    with network(database.server.socket) as between:
        yield between.link()


def connected(link: Link, database: Database, **more: str) -> psycopg.Connection[tuple[object, ...]]:
    url = f"postgresql://ana@127.0.0.1:{link.port}/{database.name}?sslmode=disable&gssencmode=disable"
    return psycopg.connect(url, autocommit=True, options="-c search_path=nodescaler", **more)  # type: ignore[arg-type]


def until_nobody_is_connected(database: Database) -> None:
    """What the server was told before the cut, it does at its own pace."""
    give_up_at = time.monotonic() + 30
    asked = f"SELECT count(*) FROM pg_stat_activity WHERE datname = '{database.name}' AND usename = 'ana'"
    while database.ask(asked) != (0,):
        assert time.monotonic() < give_up_at
        time.sleep(0.01)


@pytest.mark.parametrize(("delivered", "taken"), [(True, 1), (False, 0)])
def test_a_cut_at_a_message_to_the_server_takes_place_before_or_after_it(
    database: Database, link: Link, delivered: bool, taken: int
) -> None:
    with connected(link, database) as session:
        link.cut_at(Cut(to_server=True, by_bytes=False, number=1, delivered=delivered), and_stay_cut=False)
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT take_lease('one', 'me', '5 s')")
    assert link.cuts == 1
    until_nobody_is_connected(database)
    with connected(link, database) as session:
        session.execute("SELECT take_lease('one', 'another', '5 s')")
    assert database.ask("SELECT holder FROM lease WHERE name = 'one'") == ("me" if taken else "another",)


def test_the_answer_is_cut_off_as_well(database: Database, link: Link) -> None:
    with connected(link, database) as session:
        link.cut_at(Cut(to_server=False, by_bytes=True, number=3, delivered=False), and_stay_cut=True)
        with pytest.raises(psycopg.OperationalError):
            session.execute("SELECT 1")
    with pytest.raises(psycopg.OperationalError):
        connected(link, database)
    link.mend()
    with connected(link, database) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)


def test_in_silence_nothing_is_acknowledged_so_that_libpq_gives_up_by_itself(database: Database, link: Link) -> None:
    with connected(link, database, tcp_user_timeout="600") as session:
        link.swallow()
        with pytest.raises(psycopg.OperationalError, match="timed out"):
            session.execute("SELECT 1")
    link.mend()
    with connected(link, database) as session:
        assert session.execute("SELECT 1").fetchone() == (1,)
