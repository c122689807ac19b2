"""Quiet groups: whatever happens and however long it takes, they look as they would if they were pictured anew."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodescaler_tui.act.pause import pause_draft
from nodescaler_tui.decide.forecast.outlook import GroupForecast
from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.assessment import Rules
from nodescaler_tui.engine.gates import Caps, Circumstances
from nodescaler_tui.engine.mind import Mind
from nodescaler_tui.engine.outlook_book import GroupOutlook
from nodescaler_tui.engine.picture import Pace
from nodescaler_tui.engine.quiet_groups import QuietGroups
from nodescaler_tui.engine.threshold_book import ThresholdBook
from nodescaler_tui.facts import GroupKind, GroupReading, Observation, Reading, RequestBudget
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.state import GroupState, Scope, Severity
from tests.decide.forecasts import dated_forecast

NOON = datetime(2026, 3, 4, 12, tzinfo=UTC)
GROUPS = ("g-1", "g-2", "g-3")
STALE_S = 90.0


class Watched:
    """A mind with three groups and a journal of its own, and the time that has passed."""

    def __init__(self, folder: Path) -> None:
        self.now = NOON
        self.journal = SqliteJournal.open(folder / "journal.db", version="test")
        self.mind = Mind(
            scope=Scope(),
            rules=Rules(STALE_S, 300.0),
            book=ThresholdBook({"": ThresholdMatrix()}),
            circumstances=Circumstances(
                receiver=None, receiver_problem="", store_problem="", read_only=False, dry_run=False, caps=Caps(50, 200)
            ),
        )
        self.poll(GROUPS, 0.4)

    def poll(self, groups: tuple[str, ...], cpu: float) -> None:
        def read(value: float) -> Reading:
            return Reading(value, "edge", self.now)

        readings = tuple(
            GroupReading(
                id=group_id,
                name=group_id,
                site="",
                kind=GroupKind.EDGE,
                managed=False,
                current_nodes=read(10),
                cpu=read(cpu),
                memory=read(0.3),
                sessions=read(3),
                cpu_worst=None,
                memory_worst=None,
                fresh_nodes=10,
                nodes=(),
            )
            for group_id in groups
        )
        budget = RequestBudget(1, 300, limit_is_live=True)
        self.mind.observe(Observation(self.now, 1, inventory_read=False, groups=readings, problems=(), budget=budget))

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    def pause(self, group_id: str) -> None:
        draft = pause_draft(group_id, self.now, "ana@desk", minutes=1, reason="database move")
        with self.journal.transaction() as transaction:
            transaction.append(draft)
        self.mind.remember(list(self.journal.read(after=self.mind.remembered)))

    def warn_from(self, cpu_warning: float) -> None:
        self.mind.book = self.mind.book.changed("g-2", ThresholdMatrix(cpu_warning=cpu_warning))

    def forecast(self, group_id: str) -> None:
        foreseen = GroupForecast(group_id, dated_forecast(cpu=(0.1,) * 12).forecast.signals)
        self.mind.outlooks.put([GroupOutlook(self.now, foreseen)])

    def groups(self) -> dict[str, GroupState]:
        return {group.id: group for group in self.mind.state(self.now, Pace(10.0, None)).groups}

    def anew(self) -> dict[str, GroupState]:
        """What is shown when nothing is reused."""
        self.mind.pictures._quiet = QuietGroups(STALE_S)
        return self.groups()


Happening = Callable[[Watched], None]
HAPPENINGS: tuple[Happening, ...] = (
    lambda watched: watched.poll(GROUPS, 0.4),
    lambda watched: watched.poll(("g-2",), 0.8),
    lambda watched: watched.poll(("g-1", "g-2"), 0.95),
    lambda watched: watched.pause("g-1"),
    lambda watched: watched.warn_from(0.2),
    lambda watched: watched.warn_from(0.75),
    lambda watched: watched.forecast("g-3"),
    lambda watched: watched.mind.ahead.switch("g-3", on=True),
    lambda watched: watched.mind.ahead.switch("g-3", on=False),
    lambda watched: watched.pass_by(20),
    lambda watched: watched.pass_by(STALE_S),
)


@settings(max_examples=60)
@given(st.lists(st.sampled_from(HAPPENINGS), max_size=12))
def test_a_group_looks_as_if_it_were_pictured_anew(happenings: list[Happening]) -> None:
    with TemporaryDirectory() as folder:
        watched = Watched(Path(folder))
        for happening in happenings:
            watched.groups()
            happening(watched)
            assert watched.groups() == watched.anew()


def test_a_group_of_which_there_is_nothing_new_is_the_very_same(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    before = watched.groups()
    watched.pass_by(20)
    watched.pause("g-1")
    now = watched.groups()
    assert now["g-2"] is before["g-2"]
    assert now["g-1"].paused_until is not None


def test_a_sample_that_becomes_too_old_is_seen_at_that_moment(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    assert watched.groups()["g-1"].severity is Severity.OK
    watched.pass_by(STALE_S - 1)
    assert watched.groups()["g-1"].severity is Severity.OK
    watched.pass_by(2)
    assert watched.groups()["g-1"].severity is Severity.UNKNOWN


@pytest.mark.parametrize("cpu", [0.8, 0.95])
def test_only_a_group_that_is_well_is_kept(tmp_path: Path, cpu: float) -> None:
    watched = Watched(tmp_path)
    watched.poll(GROUPS, cpu)
    assert watched.groups()["g-1"] is not watched.groups()["g-1"]


def test_a_forecast_of_a_quiet_group_is_seen_at_once(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.groups()
    watched.forecast("g-1")
    outlook = watched.groups()["g-1"].outlook
    assert outlook is not None
    assert outlook.signal(SignalName.CPU) is not None
