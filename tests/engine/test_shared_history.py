"""The history of a team at one engine's desks: who polls keeps it, everybody looks back there, and it may be away."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from nodescaler_tui.clock import MACHINE_CLOCK
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.history import Series
from nodescaler_tui.engine.history_desk import HistoryDesk
from nodescaler_tui.engine.kept_history import KeptHistory
from nodescaler_tui.engine.picture import Pace
from nodescaler_tui.engine.polled_history import PolledHistory
from nodescaler_tui.engine.recalled_loads import recalled_loads
from nodescaler_tui.engine.shared_source import SharedSource
from nodescaler_tui.engine.shared_store import SharedStore
from nodescaler_tui.facts import Observation, Reading
from nodescaler_tui.record.history.connection import HistoryUnavailable
from nodescaler_tui.record.history.figures import Figure
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.history import SharedHistory
from nodescaler_tui.record.postgres.kept_lease import KeptLease
from nodescaler_tui.settings import Settings, Sources, load_settings
from nodescaler_tui.settings.model import StoreSettings
from nodescaler_tui.state import State
from tests.engine.test_history_desk import Clock
from tests.engine.test_kept_state import mind
from tests.engine.test_recording import CPUS, at, observation
from tests.postgresql.databases import Database
from tests.postgresql.network import network

LENGTH_S = 600.0
WITHIN_S = 40.0


def cpu(step: int) -> float:
    return CPUS[step % len(CPUS)]


class Genesys:
    """Whoever asks is answered with the next step, whichever host asks."""

    least_interval_s = 0.0

    def __init__(self) -> None:
        self.asked = 0

    def poll(self) -> Observation:
        self.asked += 1
        return observation(self.asked - 1, cpu(self.asked - 1))

    def told(self, observation: Observation) -> None:
        """Nothing that counts here."""

    def live_count(self, group_id: str) -> Reading:
        raise NotImplementedError

    def close(self) -> None:
        """Nothing is open."""


class Host:
    """One engine's source and history desk."""

    def __init__(self, url: str, name: str, genesys: Genesys) -> None:
        self.sessions = Sessions(url)
        self.lease = KeptLease(self.sessions, "poller here", name, length_s=LENGTH_S)
        self.source = SharedSource(self.sessions, self.lease, genesys)
        self.clock, self.mind = Clock(at(0)), mind()
        writer = PolledHistory(self.sessions, self.source)
        kept = KeptHistory(SharedHistory(self.sessions), writer, Path("nowhere"))
        self.desk = HistoryDesk(self.mind, kept, poll_every_s=10.0, clock=self.clock)
        self.lease.start()
        assert self.lease.tried_within(WITHIN_S)

    def poll(self, times: int = 1) -> None:
        """As an engine does: read, take in, keep."""
        for _ in range(times):
            seen = self.source.poll()
            if seen is not None:
                self.clock.now = seen.taken_at + timedelta(milliseconds=100)
                self.mind.observe(seen)
                asyncio.run(self.desk.observed(seen, State.EMPTY))

    def trend(self) -> tuple[float | None, ...]:
        return self.mind.history.of("g").trend(SignalName.CPU, ThresholdMatrix())

    def curve(self) -> list[float | None]:
        return [entry.high for entry in self.mind.history.of("g").tier_for(900).bins(Series.CPU, 0)]

    def notices(self) -> list[str]:
        """What is said of the history."""
        notices = self.mind.state(self.clock.now, Pace(10.0, None)).notices
        return [str(notice.sentence) for notice in notices if "history" in notice.sentence]

    def close(self) -> None:
        self.lease.close()
        self.desk.close()
        self.sessions.close()


@contextmanager
def host(url: str, name: str, genesys: Genesys) -> Iterator[Host]:
    running = Host(url, name, genesys)
    try:
        yield running
    finally:
        running.close()


@pytest.fixture
def genesys() -> Genesys:
    return Genesys()


@pytest.fixture
def ana(database: Database, genesys: Genesys) -> Iterator[Host]:
    """The host that polls."""
    with host(database.url("ana"), "ana", genesys) as running:
        assert running.lease.lease is not None
        yield running


def kept(host: Host) -> list[int]:
    with SharedHistory(host.sessions).reading() as reader:
        found = reader.finest("g", [Figure.CPU], 0, 2e9)[Figure.CPU]
    return [round((entry.at_s - at(0).timestamp()) / 10) for entry in found]


def until(holds: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


def test_who_follows_keeps_nothing_and_goes_on_where_the_poller_stopped(
    database: Database, genesys: Genesys, ana: Host
) -> None:
    with host(database.url("ben"), "ben", genesys) as ben:
        for _ in range(4):
            ana.poll()
            ben.poll()
        assert kept(ben) == [0, 1, 2, 3]
        ana.lease.close()
        until(lambda: ben.lease.lease is not None)
        ben.poll(3)
        ana.poll()
        assert kept(ben) == list(range(7))
        assert ana.curve() == ben.curve()[:4] + ben.curve()[-1:]
        assert ana.notices() == ben.notices() == []


def test_a_poll_that_was_taken_in_just_before_polling_began_here_is_not_kept_twice(
    database: Database, genesys: Genesys, ana: Host
) -> None:
    with host(database.url("ben"), "ben", genesys) as ben:
        ana.poll()
        seen = ben.source.poll()
        assert seen is not None
        ana.lease.close()
        until(lambda: ben.lease.lease is not None)
        asyncio.run(ben.desk.observed(seen, State.EMPTY))
        assert kept(ben) == [0]


def test_a_poll_of_somebody_who_was_replaced_meanwhile_is_not_kept(
    database: Database, genesys: Genesys, ana: Host
) -> None:
    with host(database.url("ben"), "ben", genesys) as ben:
        ana.poll()
        late = ana.source.poll()
        assert late is not None
        ana.lease.close()
        until(lambda: ben.lease.lease is not None)
        ben.poll()
        asyncio.run(ana.desk.observed(late, State.EMPTY))
        assert kept(ben) == [0, 2]
        assert ana.notices() == []


def test_a_fresh_host_shows_the_trends_and_curves_of_what_was_polled_before_it_and_nothing_twice(
    database: Database, genesys: Genesys, ana: Host
) -> None:
    ana.poll(20)
    with host(database.url("vic"), "vic", genesys) as vic:
        vic.poll()
        asyncio.run(vic.desk.recall_trends())
        asyncio.run(vic.desk.recall("g"))
        assert vic.trend() == pytest.approx([cpu(step) for step in range(12, 20)])
        assert vic.curve() == pytest.approx([cpu(step) for step in range(20)], abs=0.0001)
        assert vic.notices() == []


def test_a_store_that_is_away_is_worth_a_sentence_and_what_it_holds_is_shown_once_it_is_back(
    database: Database, genesys: Genesys, ana: Host
) -> None:
    ana.poll(10)
    with network(database.server.socket) as between:
        url = f"postgresql://ben@127.0.0.1:{between.port}/{database.name}?sslmode=disable&gssencmode=disable"
        with host(url, "ben", genesys) as ben:
            ben.poll()
            between.cut()
            asyncio.run(ben.desk.recall_trends())
            asyncio.run(ben.desk.recall("g"))
            assert ben.trend() == pytest.approx([cpu(9)])
            assert ben.curve() == pytest.approx([cpu(9)])
            assert len(ben.notices()) == 1
            assert ben.notices()[0].startswith("The history cannot be read: The store at 127.0.0.1/")
            between.mend()
            ana.poll()
            ben.poll()
            asyncio.run(ben.desk.recall("g"))
            assert ben.notices()[1:] == ["The history can be read again."]
            assert ben.trend() == pytest.approx([cpu(step) for step in range(3, 11)])
            assert ben.curve() == pytest.approx([cpu(step) for step in range(11)], abs=0.0001)


def test_a_poller_whose_store_goes_away_says_so_and_keeps_on_afterwards(database: Database, genesys: Genesys) -> None:
    with network(database.server.socket) as between:
        url = f"postgresql://ana@127.0.0.1:{between.port}/{database.name}?sslmode=disable&gssencmode=disable"
        with host(url, "ana", genesys) as ana:
            ana.poll(2)
            between.cut()
            ana.poll(3)
            assert len(ana.curve()) == 5, "what it asked Genesys for itself is shown"
            said = ana.notices()
            assert said[-1].startswith("The history is not being kept: The store at 127.0.0.1/")
            between.mend()
            ana.poll()
            assert ana.notices() == [*said, "The history is being kept again."]
            assert kept(ana) == [0, 1, 5]


def test_forecasts_are_made_of_the_loads_that_the_store_holds(ana: Host) -> None:
    ana.poll(100)
    now_s = at(100).timestamp()
    ((group_id, loads),) = recalled_loads(SharedHistory(ana.sessions), {"g"}, now_s)
    assert group_id == "g"
    indices, busy = loads[SignalName.CPU]
    assert [index * 300 for index in indices] == [at(0).timestamp() + 300 * bar for bar in range(3)]
    assert busy[0] == pytest.approx(4 * sum(cpu(step) for step in range(30)) / 30, abs=0.01)


def test_a_store_that_cannot_be_reached_is_no_empty_past(tmp_path: Path) -> None:
    away = SharedHistory(Sessions(f"postgresql://ana@/store?host={tmp_path}"))
    with pytest.raises(HistoryUnavailable):
        list(recalled_loads(away, {"g"}, 0.0))


@pytest.mark.parametrize("keep", [True, False])
def test_who_is_to_keep_no_history_has_none_in_a_team_either(
    database: Database, genesys: Genesys, tmp_path: Path, keep: bool
) -> None:
    settings: Settings = load_settings(Sources(environment={"NODESCALER_STATE_DIR": str(tmp_path)}))
    settings = replace(settings, store=StoreSettings(database.url("ana")), history=replace(settings.history, keep=keep))
    store = SharedStore(settings, genesys, "here", MACHINE_CLOCK)
    try:
        assert (store.history is not None) == keep
    finally:
        store.holder.close()
        store.close()
