"""The history desk: what one engine stored the next one shows, and no trouble with the file stops anything."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.core import Engine
from nodescaler_tui.engine.history import BINS, SPANS_S, Series
from nodescaler_tui.engine.history_desk import HistoryDesk
from nodescaler_tui.engine.kept_history import kept_in_file
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.picture import Pace
from nodescaler_tui.engine.recording import Recording
from nodescaler_tui.engine.replaying import ReplayEngine
from nodescaler_tui.facts import Observation
from nodescaler_tui.intents import WatchGroup
from nodescaler_tui.record.history.contents import contents
from nodescaler_tui.record.history.reader import reading_history
from nodescaler_tui.record.history.tiers import Retention
from nodescaler_tui.settings import Settings
from nodescaler_tui.simulator.simulation import running_simulation
from nodescaler_tui.state import GroupState, LinkStatus, Notice, State
from nodescaler_tui.views import GroupDetail, PlotSize
from tests.engine.test_kept_state import mind
from tests.engine.test_recording import CPUS, HEADER, observation
from tests.engine.test_whole_engine import play, settings_at, until

SPAN_S = 900
MEAN = Series.CPU


class Clock:
    """A clock that stands until it is moved."""

    def __init__(self, now: datetime) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now


def desk_on(path: Path | None, clock: Clock) -> tuple[HistoryDesk, Mind]:
    knowing = mind()
    kept = None if path is None else kept_in_file(path, Retention(), clock)
    return HistoryDesk(knowing, kept, poll_every_s=10.0, clock=clock), knowing


async def observed(desk: HistoryDesk, knowing: Mind, clock: Clock, polls: list[Observation]) -> None:
    for entry in polls:
        clock.now = entry.taken_at
        knowing.observe(entry)
        await desk.observed(entry, State.EMPTY)
    desk.close()


def kept_by_an_earlier_engine(path: Path, polls: list[Observation]) -> Clock:
    clock = Clock(polls[-1].taken_at)
    asyncio.run(observed(*desk_on(path, clock), clock, polls))
    clock.now += timedelta(seconds=10)
    return clock


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "history.db"


POLLS = [observation(step, CPUS[step % len(CPUS)]) for step in range(60)]


def test_a_new_engine_shows_the_curves_and_trends_of_the_one_before(path: Path) -> None:
    clock = kept_by_an_earlier_engine(path, POLLS)
    desk, knowing = desk_on(path, clock)
    asyncio.run(desk.recall_trends())
    asyncio.run(desk.recall("g"))
    history = knowing.history.of("g")
    assert history.trend(SignalName.CPU, ThresholdMatrix()) == pytest.approx([CPUS[step % 8] for step in range(52, 60)])
    bins = list(history.tier_for(SPAN_S).bins(MEAN, 0))
    assert max(entry.high or 0 for entry in bins) == pytest.approx(max(CPUS))
    assert len(bins) == len(POLLS)
    assert history.began_s == pytest.approx(POLLS[0].taken_at.timestamp(), abs=2)


def test_what_is_polled_meanwhile_and_what_was_stored_become_one_curve(path: Path) -> None:
    clock = kept_by_an_earlier_engine(path, POLLS[:30])
    desk, knowing = desk_on(path, clock)

    async def looked_at_late() -> None:
        await observed(desk, knowing, clock, POLLS[30:])
        await desk.recall("g")
        await desk.recall("g")

    asyncio.run(looked_at_late())
    bins = list(knowing.history.of("g").tier_for(SPAN_S).bins(MEAN, 0))
    assert [entry.high for entry in bins] == pytest.approx([CPUS[step % 8] for step in range(60)], abs=0.0001)


@pytest.mark.parametrize("minutes", [1, 10, 45, 300, 1300, 4000])
def test_when_the_stored_curves_begin_is_known_as_exactly_as_any_span_that_reaches_back_tells(
    path: Path, minutes: int
) -> None:
    began = POLLS[0].taken_at
    clock = kept_by_an_earlier_engine(path, [*POLLS[:3], observation(6 * minutes, 0.5)])
    desk, knowing = desk_on(path, clock)
    asyncio.run(desk.recall("g"))
    span_s = next(span for span in SPANS_S if span > (clock.now - began).total_seconds())
    began_s = knowing.history.of("g").began_s
    assert began_s == pytest.approx(began.timestamp(), abs=1.5 * max(span_s / BINS, 10))


def test_a_trend_of_long_ago_is_not_the_trend(path: Path) -> None:
    clock = kept_by_an_earlier_engine(path, POLLS)
    clock.now += timedelta(hours=2)
    desk, knowing = desk_on(path, clock)
    asyncio.run(desk.recall_trends())
    assert knowing.history.of("g").trend(SignalName.CPU, ThresholdMatrix()) == ()


def test_a_pause_between_two_engines_is_a_gap_in_the_trend(path: Path) -> None:
    clock = kept_by_an_earlier_engine(path, POLLS)
    clock.now += timedelta(seconds=60)
    desk, knowing = desk_on(path, clock)
    asyncio.run(desk.recall_trends())
    assert knowing.history.of("g").trend(SignalName.CPU, ThresholdMatrix())[-1] is None


def test_a_history_that_cannot_be_kept_is_said_once_and_again_when_it_can(tmp_path: Path) -> None:
    blocked = tmp_path / "blocked"
    blocked.write_text("a file where a folder should be")
    clock = Clock(POLLS[0].taken_at)
    desk, knowing = desk_on(blocked / "history.db", clock)
    asyncio.run(observed(desk, knowing, clock, POLLS[:3]))
    assert [str(notice.sentence) for notice in notices(knowing)] == [
        f"The history is not being kept: {blocked}/history.db.lock cannot be opened: Not a directory."
    ]
    blocked.unlink()
    blocked.mkdir()
    asyncio.run(observed(desk, knowing, clock, POLLS[3:6]))
    assert str(notices(knowing)[-1].sentence) == "The history is being kept again."
    assert contents(blocked / "history.db").tiers[0].rows == 3


def test_a_damaged_history_is_moved_aside_with_a_word_and_kept_anew(path: Path) -> None:
    path.write_bytes(b"\x00garbage" * 1000)
    clock = Clock(POLLS[0].taken_at)
    desk, knowing = desk_on(path, clock)
    asyncio.run(desk.recall_trends())
    asyncio.run(desk.recall("g"))
    asyncio.run(observed(desk, knowing, clock, POLLS[:3]))
    (notice,) = notices(knowing)
    assert "was damaged and begins anew" in notice.sentence
    assert contents(path).tiers[0].rows == 3


def test_the_nodes_of_a_group_are_kept_for_an_hour_after_its_trouble(path: Path) -> None:
    clock = Clock(POLLS[0].taken_at)
    desk, knowing = desk_on(path, clock)
    steps = (observation(0, 0.5), observation(1, 0.97), observation(2, 0.5), observation(500, 0.5))

    async def run() -> None:
        for entry in steps:
            knowing.observe(entry)
            await desk.observed(entry, knowing.state(entry.taken_at, Pace(10.0, None)))
        desk.close()

    asyncio.run(run())
    with reading_history(path) as reader:
        times = {at_s for at_s, _ in reader.node_readings(0, 1e12)}
    assert times == {entry.taken_at.timestamp() for entry in steps[1:3]}


def test_without_a_path_nothing_is_kept_and_nothing_fails(tmp_path: Path) -> None:
    clock = Clock(POLLS[0].taken_at)
    desk, knowing = desk_on(None, clock)
    asyncio.run(observed(desk, knowing, clock, POLLS[:2]))
    asyncio.run(desk.recall_trends())
    asyncio.run(desk.recall("g"))
    assert list(tmp_path.rglob("history*")) == []
    assert notices(knowing) == ()


def notices(knowing: Mind) -> tuple[Notice, ...]:
    return knowing.state(datetime.now(UTC), Pace(10.0, None)).notices


def test_a_replay_neither_reads_nor_writes_a_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)

    async def played() -> None:
        engine = ReplayEngine(Recording(HEADER, tuple(POLLS), ()))
        running = asyncio.create_task(engine.run())
        changed = engine.listen()
        await changed.wait()
        assert isinstance(await engine.look(WatchGroup("g", SPAN_S, ()), "g"), GroupDetail)
        running.cancel()

    asyncio.run(played())
    assert list(tmp_path.rglob("history*")) == []


@pytest.fixture(scope="module")
def kept_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Settings]:
    folder = tmp_path_factory.mktemp("store")
    with running_simulation("calm") as simulation, pytest.MonkeyPatch.context() as patch:
        for name in ("STATE", "CONFIG", "RUNTIME"):
            patch.setenv(f"NODESCALER_{name}_DIR", str(folder / name.lower()))
        yield dataclasses.replace(settings_at(simulation), demo=False)


def test_a_whole_engine_keeps_its_history_and_the_next_one_draws_it_at_once(kept_settings: Settings) -> None:
    drawn: list[GroupDetail] = []

    async def measure(engine: Engine) -> None:
        await until(engine, lambda: engine.polls >= 6)

    async def look(engine: Engine) -> None:
        await until(engine, lambda: engine.state.link.status is LinkStatus.OK)
        group = engine.state.groups[0]
        assert trend_length(group) >= 4
        seen = await engine.look(WatchGroup(group.id, SPAN_S, (PlotSize(SignalName.CPU, 60, 12),)), group.id)
        assert isinstance(seen, GroupDetail)
        drawn.append(seen)

    play(kept_settings, measure)
    path = kept_settings.paths.history
    assert path.stat().st_mode & 0o777 == 0o600
    stored = contents(path).tiers[0]
    assert stored.rows >= 5
    play(kept_settings, look)
    known = [value for value in drawn[0].plots[0].means if value is not None]
    assert len(known) >= 2, "what was measured before the restart is on the plot"


def trend_length(group: GroupState) -> int:
    cpu = group.signal(SignalName.CPU)
    return 0 if cpu is None else len([value for value in cpu.trend if value is not None])


def test_a_demo_never_writes_into_the_history_of_a_real_engine(kept_settings: Settings) -> None:
    demo, own = dataclasses.replace(kept_settings, demo=True), kept_settings.paths.history
    before = own.read_bytes() if own.exists() else b""

    async def once(engine: Engine) -> None:
        await until(engine, lambda: engine.polls >= 2)

    play(demo, once)
    assert (own.read_bytes() if own.exists() else b"") == before
    assert contents(own.with_name("demo-history.db")).tiers[0].rows >= 1
