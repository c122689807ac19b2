"""The history in a team's store: a partition for each day, one who keeps it, and rights that let nobody undo it."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle

import psycopg
import pytest

from nodescaler_tui.facts import Lifecycle
from nodescaler_tui.record.history.connection import HistoryUnavailable, KeptElsewhere
from nodescaler_tui.record.history.figures import Figure, NodeFigures, Poll
from nodescaler_tui.record.history.spans import Bin
from nodescaler_tui.record.history.tiers import DAY_S, MINUTES, READINGS, ROLLED
from nodescaler_tui.record.postgres import lease as leases
from nodescaler_tui.record.postgres.address import Timeouts
from nodescaler_tui.record.postgres.connection import Session, Sessions
from nodescaler_tui.record.postgres.history import SharedHistory, SharedHistoryWriter
from nodescaler_tui.record.postgres.lease import Lease
from nodescaler_tui.record.postgres.schema import SCHEMA_VERSION, Migration
from tests.postgresql.databases import Database
from tests.record.history.measured import NOON_S, poll
from tests.record.postgres.cutting import cutter
from tests.record.postgres.test_schema import migrate

NOON_DAY = int(NOON_S // DAY_S)
TABLES = ("poll", "reading", "node_reading", "node", "minute", "five_minutes", "quarter_hour")


def no_fence(_: Session) -> None:
    """For somebody who is alone."""


@dataclass(frozen=True, slots=True)
class Team:
    """One store, and whoever keeps its history."""

    database: Database

    def sessions(self, user: str = "ana") -> Sessions:
        return Sessions(self.database.url(user))

    def writer(self, user: str = "ana") -> SharedHistoryWriter:
        return SharedHistoryWriter(self.sessions(user), no_fence)

    def keep(self, *polls: Poll) -> None:
        keeping = self.writer()
        for entry in polls:
            keeping.add(entry)

    def days(self, table: str) -> list[int]:
        with self.database.connect() as opened:
            found = opened.execute("SELECT history_days(%s)", (f"history_{table}",)).fetchall()
        return sorted(int(str(day)) - NOON_DAY for (day,) in found)

    def cpu(self, group_id: str = "a", user: str = "vic") -> list[Bin]:
        with SharedHistory(self.sessions(user)).reading() as reader:
            return reader.finest(group_id, [Figure.CPU], 0, NOON_S * 2)[Figure.CPU]

    def steps(self) -> list[int]:
        return [round((entry.at_s - NOON_S) / 10) for entry in self.cpu()]

    def minutes(self) -> list[tuple[float, float, float, float, int]]:
        with SharedHistory(self.sessions()).reading() as reader:
            found = reader.finest("a", [Figure.CPU], 0, NOON_S * 2, MINUTES)[Figure.CPU]
        return [(bin_.at_s, bin_.low, bin_.mean, bin_.high, bin_.count) for bin_ in found if bin_.bin_s]


@pytest.fixture
def team(database: Database) -> Team:
    return Team(database)


def step(number: int, cpu: float = 0.5) -> Poll:
    return poll(NOON_S + 10 * number, {"a": cpu})


def day(number: int) -> Poll:
    """One poll on the days after."""
    return poll(NOON_S + number * DAY_S, {"a": 0.5})


def test_each_day_has_a_partition_that_is_there_a_day_ahead(team: Team) -> None:
    team.keep(step(0))
    assert {table: team.days(table) for table in TABLES} == {table: [0, 1] for table in TABLES}
    team.keep(day(1))
    assert {tuple(team.days(table)) for table in TABLES} == {(0, 1, 2)}


def test_the_first_poll_of_a_day_finds_its_partition_and_makes_the_next_one(team: Team) -> None:
    keeping = team.writer()
    for number in range(2):
        keeping.add(day(number))
    assert [entry.at_s for entry in team.cpu()] == [NOON_S, NOON_S + DAY_S]
    assert team.days("minute") == [0, 1, 2]


def test_whole_days_go_once_they_are_older_than_what_is_kept_and_coarser_tiers_stay(team: Team) -> None:
    team.database.run("UPDATE history_retention SET days = CASE tier WHEN 'raw' THEN 1 WHEN '1m' THEN 3 ELSE 5 END")
    team.keep(*(day(number) for number in range(8)))
    assert team.days("reading") == team.days("poll") == team.days("node") == [6, 7, 8]
    assert team.days("minute") == [4, 5, 6, 7, 8]
    assert team.days("five_minutes") == team.days("quarter_hour") == [2, 3, 4, 5, 6, 7, 8]
    found = team.cpu()
    assert {int(entry.at_s // DAY_S) - NOON_DAY: entry.bin_s for entry in found} == {
        **dict.fromkeys((2, 3), 300.0),
        **dict.fromkeys((4, 5), 60.0),
        **dict.fromkeys((6, 7), 0.0),
    }


def test_a_day_goes_an_hour_late_because_open_bins_are_made_of_it(team: Team) -> None:
    team.database.run("UPDATE history_retention SET days = 0 WHERE tier = 'raw'")
    keeping = team.writer()
    midnight_s = (NOON_DAY + 1) * DAY_S
    keeping.add(poll(midnight_s - 10, {"a": 0.3}))
    keeping.add(poll(midnight_s + 10, {"a": 0.5}))
    assert team.days("reading") == [0, 1, 2]
    fresh = team.writer()
    fresh.add(poll(midnight_s + 3700, {"a": 0.5}))
    assert team.days("reading") == [1, 2]
    assert (midnight_s - 30, 0.3, 0.3, 0.3, 1) in team.minutes()


def test_who_reads_a_day_that_is_to_go_is_not_held_up_and_it_goes_with_a_later_poll(team: Team) -> None:
    keeping = team.writer()
    keeping.add(day(0))
    with team.database.connect() as looking:
        looking.execute("SELECT count(*) FROM history_reading")
        keeping.add(day(3))
        assert 0 in team.days("reading")
    keeping.add(poll(NOON_S + 3 * DAY_S + 10, {"a": 0.5}))
    assert team.days("reading") == [3, 4]


def test_nobody_can_let_a_day_go_that_the_store_is_to_keep(team: Team) -> None:
    team.keep(day(0), day(1))
    with psycopg.connect(team.database.url("ana"), options="-c search_path=nodescaler", autocommit=True) as ana:
        far = round((time.time() + 400 * DAY_S) * 1000)
        with pytest.raises(psycopg.errors.CheckViolation):
            ana.execute("INSERT INTO history_poll VALUES (%s, 99, '{0,0,0}')", (far,))
        assert ana.execute("SELECT let_history_days_go()").fetchone() == (0,)
    assert team.days("reading") == [0, 1, 2]


def test_a_machine_whose_clock_is_days_ahead_keeps_nothing(team: Team) -> None:
    with pytest.raises(HistoryUnavailable, match="days ahead of the store's"):
        team.keep(poll(time.time() + 5 * DAY_S, {"a": 0.5}))
    assert team.days("reading") == []


def test_a_node_has_a_number_for_each_day_and_goes_with_its_readings(team: Team) -> None:
    nodes = [NodeFigures("a", f"n-{number}", f"i-{number}", Lifecycle.IN_SERVICE, 0.5, 0.4, 3) for number in range(3)]
    keeping = team.writer()
    for number, seen in ((0, nodes[:2]), (1, nodes[1:]), (4, nodes[:1])):
        keeping.add(poll(NOON_S + number * DAY_S, {"a": 0.5}, tuple(seen)))
    with SharedHistory(team.sessions()).reading() as reader:
        assert [(round((at_s - NOON_S) / DAY_S), node.id) for at_s, node in reader.node_readings(0, NOON_S * 2)] == [
            (4, "n-0")
        ]
        assert SharedHistory(team.sessions()).contents().nodes == 1


def test_two_who_take_turns_lose_nothing_and_make_the_bins_of_one(team: Team) -> None:
    """No fence is needed for that: whoever sees that another wrote begins anew from what is stored."""
    keepers = (team.writer("ana"), team.writer("ben"))
    for number, keeping in zip(range(100), cycle(keepers), strict=False):
        keeping.add(step(number, number / 100))
    assert team.steps() == list(range(100))
    assert team.minutes() == [
        (NOON_S + 60 * minute + 30, lowest / 100, (lowest * 100 + 250) / 10_000, (lowest + 5) / 100, 6)
        for minute, lowest in enumerate(range(0, 96, 6))
    ]


def test_two_who_write_at_once_queue_up(team: Team) -> None:
    team.keep(step(0))
    errors: list[Exception] = []

    def write(user: str, first: int) -> None:
        keeping = team.writer(user)
        try:
            for number in range(first, first + 60, 2):
                keeping.add(step(number))
        except HistoryUnavailable as error:
            errors.append(error)

    threads = [threading.Thread(target=write, args=args) for args in (("ana", 1), ("ben", 2))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    team.keep(step(100), step(101))
    assert errors == []
    assert team.steps() == [*range(61), 100, 101]
    assert [count for *_, count in team.minutes()] == [*[6] * 10, 1]


def test_who_is_killed_while_closed_bins_wait_to_be_stored_leaves_them_to_the_next(team: Team) -> None:
    """The poll that begins the 21st minute closes a bin of each tier."""
    for ends in (126, 127, 128, 129, 130):
        team.database.run("TRUNCATE history_poll, history_reading, history_minute, history_five_minutes")
        team.database.run("TRUNCATE history_quarter_hour")
        team.keep(*(step(number) for number in range(ends)))
        team.keep(*(step(number) for number in range(ends, 132)))
        stored = "SELECT (SELECT count(*) FROM history_minute), (SELECT count(*) FROM history_five_minutes), "
        assert team.database.ask(f"{stored} (SELECT count(*) FROM history_quarter_hour)") == (21, 4, 1)
        assert team.database.ask("SELECT rolled FROM history_poll ORDER BY seq DESC LIMIT 1") == ([126, 120, 90],)


def held(team: Team, user: str, length_s: float = 600.0) -> Lease:
    lease = leases.take(team.sessions(user), "poller", user, length_s)
    assert lease is not None
    return lease


def test_under_an_old_lease_nothing_is_written_and_it_is_said_that_another_keeps_it(team: Team) -> None:
    old = held(team, "ana")
    ana = SharedHistoryWriter(team.sessions("ana"), lambda session: leases.require(session, old))
    ana.add(step(0))
    assert leases.release(team.sessions("ana"), old)
    new = held(team, "ben")
    ben = SharedHistoryWriter(team.sessions("ben"), lambda session: leases.require(session, new))
    with pytest.raises(KeptElsewhere, match="Another program keeps"):
        ana.add(step(1))
    ben.add(step(2))
    with pytest.raises(KeptElsewhere):
        ana.add(step(3))
    assert team.steps() == [0, 2]


def test_the_lease_is_asked_for_last_so_that_it_can_be_renewed_while_a_poll_is_taken_in(team: Team) -> None:
    found = []

    def fence(session: Session) -> None:
        found.extend(session.execute("SELECT seq FROM history_poll").fetchall())

    SharedHistoryWriter(team.sessions(), fence).add(step(0))
    assert found == [(1,)]


def test_who_keeps_it_again_goes_on_from_what_another_has_stored(team: Team) -> None:
    ana, ben = team.writer("ana"), team.writer("ben")
    for number in range(90):
        (ana if number < 30 or number >= 60 else ben).add(step(number))
    alone = [(NOON_S + 60 * minute + 30, 0.5, 0.5, 0.5, 6) for minute in range(14)]
    assert team.minutes() == alone


def test_a_viewer_reads_and_keeps_nothing(team: Team) -> None:
    team.keep(step(0))
    with pytest.raises(HistoryUnavailable, match="nodescaler_operator"):
        team.writer("vic").add(step(1))
    assert len(team.cpu(user="vic")) == 1


def test_a_store_of_an_older_schema_says_what_is_to_be_done(team: Team) -> None:
    team.database.run("DROP TABLE history_group CASCADE", "DROP FUNCTION take_history, history_days")
    for look in (lambda: team.keep(step(0)), team.cpu, SharedHistory(team.sessions()).contents):
        with pytest.raises(HistoryUnavailable, match="store migrate"):
            look()


def test_an_older_program_reads_on_and_keeps_nothing(team: Team) -> None:
    keeping = team.writer()
    keeping.add(step(0))
    migrate(team.database, Migration(SCHEMA_VERSION + 1, "next", "CREATE TABLE next (n integer)"))
    with pytest.raises(HistoryUnavailable, match="upgrade this program"):
        keeping.add(step(1))
    assert team.steps() == [0]


def test_a_migration_waits_for_the_poll_that_is_under_way(team: Team) -> None:
    script = "CREATE TABLE after_all_polls AS SELECT max(seq) AS seq FROM history_poll"
    migrating = threading.Thread(target=migrate, args=(team.database, Migration(SCHEMA_VERSION + 1, "next", script)))

    def fence(session: Session) -> None:
        migrating.start()
        waiting = "SELECT count(*) > 0 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND usename = 'postgres'"
        while team.database.ask(f"{waiting} AND datname = '{team.database.name}'") != (True,):
            assert migrating.is_alive()
            session.execute("SELECT 1")

    SharedHistoryWriter(team.sessions(), fence).add(step(0))
    migrating.join()
    assert team.database.ask("SELECT seq FROM after_all_polls") == (1,)


@contextmanager
def through_a_cutter(team: Team, message: bytes, *, deliver: bool) -> Iterator[SharedHistoryWriter]:
    with cutter(team.database.server.socket) as between:
        url = f"postgresql://ana@127.0.0.1:{between.port}/{team.database.name}?sslmode=disable&gssencmode=disable"
        sessions = Sessions(url, Timeouts())
        keeping = SharedHistoryWriter(sessions, no_fence)
        keeping.add(step(0))
        between.cut_at(message, deliver=deliver)
        yield keeping
        assert between.cuts == 1
        sessions.close()


@pytest.mark.parametrize("deliver", [True, False])
@pytest.mark.parametrize("message", [b"BEGIN", b"take_history", b"INSERT INTO history_reading", b"COMMIT\0"])
def test_a_connection_that_breaks_off_leaves_a_whole_poll_or_nothing_of_it(
    team: Team, message: bytes, deliver: bool
) -> None:
    with through_a_cutter(team, message, deliver=deliver) as keeping:
        with pytest.raises(HistoryUnavailable):
            keeping.add(step(1))
        for number in range(2, 20):
            keeping.add(step(number))
    found = team.steps()
    assert found in ([0, *range(2, 20)], list(range(20)))
    readings = team.database.ask("SELECT count(DISTINCT seq) FROM history_reading")
    assert readings == team.database.ask("SELECT count(*) FROM history_poll") == (len(found),)
    assert sum(count for *_, count in team.minutes()) == len(found) - 2


def test_every_tier_of_the_program_has_its_tables_in_the_store(team: Team) -> None:
    with team.database.connect() as opened:
        kept = set(opened.execute("SELECT name, tier FROM history_table").fetchall())
    assert {(f"history_{tier.table}", tier.word) for tier in (READINGS, *ROLLED)} <= kept
