"""The forecast desk: a stored past is enough to look ahead at once, groups take turns, and nothing is invented."""

from __future__ import annotations

import asyncio
import dataclasses
import math
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from nodescaler_tui.decide.forecast.outlook import NotEnoughHistory, SignalForecast
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine import forecasting
from nodescaler_tui.engine.forecast_desk import LEAST_AT_ONCE, ForecastDesk
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.outlook_book import GroupOutlook
from nodescaler_tui.engine.outlook_measured import NOT_KNOWN_NOW
from nodescaler_tui.engine.picture import Pace
from nodescaler_tui.facts import GroupReading, Observation, Reading, RequestBudget
from nodescaler_tui.record.forecast_memory import remembered
from nodescaler_tui.record.history.figures import GroupFigures, Poll
from nodescaler_tui.record.history.file import HistoryFile
from nodescaler_tui.state import GroupState, Severity, State
from tests.engine.test_kept_state import mind
from tests.engine.test_recording import observation
from tests.record.history.measured import figures, store

NOW = datetime(2026, 3, 8, 15, 0, tzinfo=UTC)
DAYS = 7


class Desk:
    """A desk with its mind, and a clock that polls move on."""

    def __init__(self, path: Path | None, *, budget_a_day: float = 1.0) -> None:
        self.now = NOW
        self.mind: Mind = mind()
        stored = None if path is None else HistoryFile(path)
        self.memory = None if path is None else path.with_name("forecast-memory")
        self.desk = ForecastDesk(
            self.mind, stored, self.memory, poll_every_s=10.0, budget_a_day=budget_a_day, clock=lambda: self.now
        )

    def poll(self, *groups: GroupReading) -> bool:
        """One poll of these groups; whether any was forecast."""
        return asyncio.run(self.polled(*groups))

    async def polled(self, *groups: GroupReading) -> bool:
        """The same on a loop that runs already."""
        self.now += timedelta(seconds=10)
        budget = RequestBudget(5, 300, limit_is_live=False)
        seen = Observation(self.now, 5, inventory_read=True, groups=groups, problems=(), budget=budget)
        self.mind.observe(seen)
        return await self.desk.observed(seen, self.state)

    @property
    def state(self) -> State:
        return self.mind.state(self.now, Pace(10.0, None))

    def group(self, group_id: str = "g") -> GroupState:
        found = self.state.group(group_id)
        assert found is not None
        return found

    def signal(self, name: SignalName = SignalName.CPU) -> SignalForecast | NotEnoughHistory | None:
        outlook = self.mind.outlooks.of("g", self.now)
        assert outlook is not None
        return outlook.forecast.signal(name)


def reading(now: datetime, cpu: float, group_id: str = "g", nodes: int = 4) -> GroupReading:
    template = observation(0, cpu).groups[0]

    def measured(value: float) -> Reading:
        return Reading(value, "edge metrics", now)

    return dataclasses.replace(
        template,
        id=group_id,
        current_nodes=measured(nodes),
        cpu=measured(cpu),
        memory=measured(0.4),
        sessions=measured(3),
    )


def daily(now: datetime) -> float:
    """A load that climbs over 90 % a quarter past three each afternoon, and is low for the rest of the day."""
    minutes = now.hour * 60 + now.minute + now.second / 60
    return 0.35 + 0.64 / (1 + math.exp(-(minutes - 908) / 6)) - 0.64 / (1 + math.exp(-(minutes - 1080) / 10))


@pytest.fixture(scope="module")
def stored(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A week of it, a poll every five minutes."""
    path = tmp_path_factory.mktemp("history") / "history.db"
    moments = (NOW - timedelta(minutes=5 * step) for step in range(DAYS * 288, 0, -1))
    store(
        path,
        (
            Poll(
                at.timestamp(),
                (GroupFigures("g", "media-eu", figures(cpu=daily(at), memory=0.4, sessions=3, nodes=4)),),
            )
            for at in moments
        ),
    )
    return path


@pytest.fixture
def desk(stored: Path, tmp_path: Path) -> Desk:
    own = tmp_path / "history.db"
    own.write_bytes(stored.read_bytes())
    return Desk(own)


def test_the_first_poll_is_left_alone(desk: Desk) -> None:
    assert not desk.poll(reading(desk.now, daily(desk.now)))
    assert desk.group().outlook is None


def test_a_stored_week_is_enough_to_see_a_daily_breach_coming(desk: Desk) -> None:
    for _ in range(2):
        desk.poll(reading(desk.now, daily(desk.now)))
    found = desk.group()
    assert found.severity is Severity.OK
    assert found.critical_at is not None
    quarters = (NOW + timedelta(seconds=15 * step) for step in range(400))
    crossing = next(moment for moment in quarters if daily(moment) >= 0.9)
    assert NOW < found.critical_at < NOW + timedelta(minutes=45)
    while desk.now < crossing - timedelta(minutes=5):
        desk.poll(reading(desk.now, daily(desk.now)))
    nearer = desk.group()
    assert nearer.severity is not Severity.CRITICAL
    assert nearer.critical_at is not None
    assert abs((nearer.critical_at - crossing).total_seconds()) <= 6 * 60


def test_what_is_seen_coming_is_announced_once(desk: Desk) -> None:
    for _ in range(60):
        desk.poll(reading(desk.now, daily(desk.now)))
    notices = [notice for notice in desk.state.notices if "critical" in notice.sentence]
    assert [notice.severity for notice in notices] == [Severity.WARNING]
    assert "similar hours crossed 90 %" in notices[0].sentence


def test_nodes_that_come_move_the_breach_away(desk: Desk) -> None:
    for _ in range(2):
        desk.poll(reading(desk.now, daily(desk.now)))
    assert desk.group().critical_at is not None
    desk.poll(reading(desk.now, daily(desk.now) / 2, nodes=8))
    assert desk.group().critical_at is None


def test_without_a_past_it_says_how_much_is_missing() -> None:
    desk = Desk(None)
    for _ in range(2):
        desk.poll(reading(desk.now, 0.5))
    for step in range(40):
        desk.poll(reading(desk.now, 0.5 + step / 100))
    found = desk.signal()
    assert isinstance(found, NotEnoughHistory)
    assert found.known_s <= 600
    outlook = desk.group().outlook
    assert outlook is not None
    assert outlook.soonest is None
    assert "not enough history" in outlook.signals[0].why


def test_a_group_is_forecast_anew_after_five_minutes_and_not_before(desk: Desk) -> None:
    made = [desk.poll(reading(desk.now, daily(desk.now))) for _ in range(64)]
    assert [step for step, forecast in enumerate(made) if forecast] == [1, 31, 61]


def test_a_forecast_of_a_group_that_is_not_read_any_more_is_not_believed_for_long(desk: Desk) -> None:
    for _ in range(2):
        desk.poll(reading(desk.now, daily(desk.now)))
    desk.now += timedelta(minutes=16)
    assert desk.group().outlook is None


def test_whoever_waits_for_the_forecasts_has_them_after_the_first_poll(desk: Desk) -> None:
    many = [reading(desk.now, daily(desk.now), f"g{number}" if number else "g") for number in range(LEAST_AT_ONCE + 1)]
    desk.poll(*many)

    async def gone_on() -> list[bool]:
        return [await desk.desk.go_on() for _ in range(4)]

    assert asyncio.run(gone_on()) == [True, True, False, False]
    assert isinstance(desk.signal(), SignalForecast)
    assert all(desk.mind.outlooks.of(each.id, desk.now) is not None for each in many)
    assert not desk.poll(*many), "nobody's turn came since"


def test_it_goes_on_only_once_the_first_poll_is_taken_in(desk: Desk) -> None:
    async def asked_before() -> tuple[bool, bool]:
        going_on = asyncio.create_task(desk.desk.go_on())
        await asyncio.sleep(0)
        waited = not going_on.done()
        await desk.polled(reading(desk.now, daily(desk.now)))
        return waited, await going_on

    assert asyncio.run(asked_before()) == (True, True)


def test_without_a_history_there_is_nothing_to_go_on_with() -> None:
    desk = Desk(None)
    desk.poll(reading(desk.now, 0.5))
    assert not asyncio.run(desk.desk.go_on())
    assert desk.group().outlook is None


def test_many_groups_take_turns(desk: Desk) -> None:
    many = [reading(desk.now, 0.5, f"g{number}") for number in range(3 * LEAST_AT_ONCE)]
    counted = []
    for _ in range(5):
        desk.poll(*(dataclasses.replace(each, cpu=Reading(0.5, "edge metrics", desk.now)) for each in many))
        counted.append(sum(desk.mind.outlooks.of(each.id, desk.now) is not None for each in many))
    assert counted == [0, LEAST_AT_ONCE, 2 * LEAST_AT_ONCE, 3 * LEAST_AT_ONCE, 3 * LEAST_AT_ONCE]


def test_what_genesys_scales_itself_is_forecast_and_never_announced(desk: Desk) -> None:
    for _ in range(2):
        desk.poll(dataclasses.replace(reading(desk.now, daily(desk.now)), managed=True))
    assert desk.group().critical_at is not None
    assert not [notice for notice in desk.state.notices if "similar hours" in notice.sentence]


def test_of_a_signal_that_is_unknown_now_nothing_is_announced_and_nothing_shown(desk: Desk) -> None:
    for _ in range(60):
        current = reading(desk.now, daily(desk.now))
        stale = Reading(daily(desk.now), "edge metrics", desk.now - timedelta(minutes=10))
        desk.poll(dataclasses.replace(current, cpu=stale))
    outlook = desk.group().outlook
    assert outlook is not None
    cpu = outlook.signal(SignalName.CPU)
    assert cpu is not None
    assert (cpu.critical, cpu.why) == (None, NOT_KNOWN_NOW)
    assert not [notice for notice in desk.state.notices if "critical" in notice.sentence]


def test_a_past_that_arrives_later_is_read_then(stored: Path, tmp_path: Path) -> None:
    path = tmp_path / "history.db"
    desk = Desk(path)
    for _ in range(2):
        desk.poll(reading(desk.now, daily(desk.now)))
    assert isinstance(desk.signal(), NotEnoughHistory)
    path.write_bytes(stored.read_bytes())
    desk.desk.past_arrived()
    desk.poll(reading(desk.now, daily(desk.now)))
    assert isinstance(desk.signal(), SignalForecast)


def test_what_was_learned_is_kept_when_it_closes(desk: Desk, tmp_path: Path) -> None:
    for _ in range(2):
        desk.poll(reading(desk.now, daily(desk.now)))
    desk.desk.close()
    again = Desk(tmp_path / "history.db")
    for _ in range(2):
        again.poll(reading(again.now, daily(again.now)))
    assert not [notice for notice in again.state.notices if "similar hours" in notice.sentence]


def announced_and_then(desk: Desk, hour: Callable[[datetime], tuple[float, int]]) -> float:
    """The fleet's bar once an announced breach had its hour, with this CPU and so many nodes after two minutes."""
    for _ in range(12):
        desk.poll(reading(desk.now, daily(desk.now)))
    while desk.now < NOW + timedelta(minutes=66):
        cpu, nodes = hour(desk.now)
        desk.poll(reading(desk.now, cpu, nodes=nodes))
    desk.desk.close()
    assert desk.memory is not None
    return remembered(desk.memory).bar


def test_a_breach_that_was_announced_and_never_came_raises_the_bar_of_the_fleet(desk: Desk) -> None:
    assert announced_and_then(desk, lambda _: (0.4, 4)) > 0.2


def test_a_breach_that_new_nodes_prevented_does_not(desk: Desk) -> None:
    assert announced_and_then(desk, lambda now: (daily(now) / 2, 8)) < 0.0
    assert desk.group().severity is Severity.OK


def test_a_breach_that_came_does_not(desk: Desk) -> None:
    assert announced_and_then(desk, lambda now: (daily(now), 4)) < 0.0


def test_a_memory_that_cannot_be_kept_is_worth_a_line(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "forecast-memory").mkdir()
    desk.desk.close()
    assert [str(notice.sentence) for notice in desk.state.notices] == [
        "What the forecasts learned cannot be kept: Is a directory."
    ]


def test_a_forecast_that_fails_is_told_once_and_stops_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(_: object) -> list[GroupOutlook]:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(forecasting, "outlooks_of", fails)
        for _ in range(40):
            desk.poll(reading(desk.now, daily(desk.now)))
    assert desk.group().read_at == desk.now
    for _ in range(40):
        desk.poll(reading(desk.now, daily(desk.now)))
    told = [str(notice.sentence) for notice in desk.state.notices if "orecast" in notice.sentence]
    assert told == ["Nothing is forecast: ZeroDivisionError. Watching goes on.", "Forecasts are made again."]
