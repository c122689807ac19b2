"""Recording and replay: what was seen is seen again, nothing can be sent, and a torn file is read as far as it goes."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.assessment import Rules
from nodescaler_tui.engine.playhead import Playhead
from nodescaler_tui.engine.recording import (
    VERSION,
    Header,
    Recorder,
    Recording,
    UnusableRecording,
    read_recording,
)
from nodescaler_tui.engine.replaying import ReplayEngine
from nodescaler_tui.events import Event, EventKind
from nodescaler_tui.facts import (
    GroupKind,
    GroupReading,
    Lifecycle,
    NodeReading,
    Observation,
    Reading,
    RequestBudget,
    WorstNode,
)
from nodescaler_tui.intents import ApprovePlan, ReadJournal, ReplayControl, ReplayMove, WatchGroup
from nodescaler_tui.state import Scope, Severity, State
from nodescaler_tui.views import GroupDetail, JournalPage, PlotSize

BEGAN = datetime(2026, 3, 1, 3, 0, tzinfo=UTC)
HEADER = Header(VERSION, BEGAN, Scope(), Rules(90.0, 300.0), {"": ThresholdMatrix()}, 10.0)


def at(step: int) -> datetime:
    return BEGAN + timedelta(seconds=10 * step)


def observation(step: int, cpu: float) -> Observation:
    def reading(value: float) -> Reading:
        return Reading(value, "edge metrics", at(step))

    nodes = tuple(
        NodeReading(
            str(number), f"i-{number}", "g", Lifecycle.IN_SERVICE, reading(cpu), reading(0.5), reading(1), reading(3)
        )
        for number in range(4)
    )
    group = GroupReading(
        id="g",
        name="media-eu",
        site="Dublin",
        kind=GroupKind.EDGE,
        managed=False,
        current_nodes=reading(4),
        cpu=reading(cpu),
        memory=reading(0.5),
        sessions=reading(2),
        cpu_worst=WorstNode(cpu, "i-0"),
        memory_worst=WorstNode(0.5, "i-0"),
        fresh_nodes=4,
        nodes=nodes,
    )
    budget = RequestBudget(5, 300, limit_is_live=False)
    return Observation(at(step), 5, inventory_read=True, groups=(group,), problems=(), budget=budget)


CPUS = (0.4, 0.5, 0.95, 0.96, 0.5, 0.4, 0.97, 0.5)
CHANGED = Event(
    1,
    "aa",
    EventKind.THRESHOLDS_CHANGED,
    at(4) + timedelta(seconds=1),
    "jane",
    "",
    "",
    {"scope": "", "new": {"cpu_warning": "0.3", "cpu_critical": "0.99"}, "summary": "cpu"},
)


def recorded(path: Path, cpus: tuple[float, ...] = CPUS, *events: Event) -> Path:
    recorder = Recorder()
    recorder.start(path, HEADER, events[:1])
    for step, cpu in enumerate(cpus):
        recorder.observed(observation(step, cpu))
    recorder.happened(events)
    recorder.stop()
    return path


def played(recording: Recording, *moves: ReplayControl) -> State:
    async def story() -> State:
        engine = ReplayEngine(recording)
        await engine.ask(ReplayControl(ReplayMove.PLAY_OR_PAUSE), "")
        for move in moves:
            await engine.ask(move, "")
        return engine.state

    return asyncio.run(story())


def test_what_was_recorded_is_read_again_to_the_last_digit(tmp_path: Path) -> None:
    found = read_recording(recorded(tmp_path / "r.jsonl.gz", CPUS, CHANGED))
    assert found.observations == tuple(observation(step, cpu) for step, cpu in enumerate(CPUS))
    assert found.events == (CHANGED,)
    assert found.header == HEADER


@given(cut=st.integers(1, 2000))
def test_a_file_that_was_not_written_whole_is_read_as_far_as_it_goes(
    tmp_path_factory: pytest.TempPathFactory, cut: int
) -> None:
    path = recorded(tmp_path_factory.mktemp("torn") / "r.jsonl.gz")
    whole = path.read_bytes()
    path.write_bytes(whole[: max(len(whole) - cut, 0)])
    try:
        found = read_recording(path)
    except UnusableRecording:
        assert cut > len(whole) // 4, "while whole lines are left, they are shown"
    else:
        assert (
            found.observations
            == tuple(observation(step, cpu) for step, cpu in enumerate(CPUS))[: len(found.observations)]
        )


def test_what_is_no_recording_is_one_sentence(tmp_path: Path) -> None:
    path = tmp_path / "r.jsonl.gz"
    path.write_text("hello")
    with pytest.raises(UnusableRecording, match=r"r\.jsonl\.gz"):
        read_recording(path)


def test_a_replay_shows_the_severity_that_was(tmp_path: Path) -> None:
    recording = read_recording(recorded(tmp_path / "r.jsonl.gz"))
    severities = [played(recording, ReplayControl(ReplayMove.SEEK, 10 * step)).groups[0].severity for step in range(4)]
    assert severities == [Severity.OK, Severity.OK, Severity.CRITICAL, Severity.CRITICAL]


def test_the_next_alert_is_found_and_after_the_last_there_is_none(tmp_path: Path) -> None:
    recording = read_recording(recorded(tmp_path / "r.jsonl.gz"))
    alert = ReplayControl(ReplayMove.NEXT_ALERT)
    places = [played(recording, *[alert] * count).replay for count in (1, 2, 3)]
    assert [place.at for place in places if place is not None] == [at(2), at(6), at(6)]


def test_stepping_back_shows_the_observation_before(tmp_path: Path) -> None:
    recording = read_recording(recorded(tmp_path / "r.jsonl.gz"))
    forth, back = ReplayControl(ReplayMove.STEP, 1), ReplayControl(ReplayMove.STEP, -1)
    state = played(recording, forth, forth, forth, back)
    assert state.replay is not None
    assert state.replay.at == at(2)
    assert state.link.polled_at == at(2)


def test_a_threshold_that_was_edited_meanwhile_holds_from_then_on(tmp_path: Path) -> None:
    recording = read_recording(recorded(tmp_path / "r.jsonl.gz", CPUS, CHANGED))
    before = played(recording, ReplayControl(ReplayMove.SEEK, 20)).groups[0]
    after = played(recording, ReplayControl(ReplayMove.SEEK, 60)).groups[0]
    assert (before.severity, after.severity) == (Severity.CRITICAL, Severity.WARNING)


def test_a_threshold_change_that_no_engine_could_use_changes_nothing_in_a_replay_either(tmp_path: Path) -> None:
    unusable = dataclasses.replace(CHANGED, fields={"scope": "", "new": {"cpu_warning": "9"}, "for_all": True})
    recording = read_recording(recorded(tmp_path / "r.jsonl.gz", CPUS, unusable))
    assert played(recording, ReplayControl(ReplayMove.SEEK, 60)).groups[0].severity is Severity.CRITICAL


def test_a_freeze_is_shown_from_when_it_was_declared_until_it_was_lifted(tmp_path: Path) -> None:
    until = {"until": at(100).isoformat(), "reason": "move"}
    declared = Event(1, "aa", EventKind.FREEZE_DECLARED, at(2) + timedelta(seconds=1), "ben", "", "", until)
    lifted = Event(2, "bb", EventKind.FREEZE_LIFTED, at(5) + timedelta(seconds=1), "ana", "", "", {"declared": 1})
    recording = read_recording(recorded(tmp_path / "r.jsonl.gz", CPUS, declared, lifted))
    shown = [played(recording, ReplayControl(ReplayMove.SEEK, seconds)).rules.freeze for seconds in (20, 40, 60)]
    assert [None if freeze is None else freeze.by for freeze in shown] == [None, "ben", None]


def test_nothing_can_be_approved_and_every_other_intent_is_refused(tmp_path: Path) -> None:
    recording = read_recording(recorded(tmp_path / "r.jsonl.gz"))
    answer = asyncio.run(ReplayEngine(recording).ask(ApprovePlan("g", "a" * 64), "jane"))
    assert not answer.done
    assert "nothing can be sent" in answer.sentence


def test_nodes_plots_and_journal_are_those_of_the_moment(tmp_path: Path) -> None:
    recording = read_recording(recorded(tmp_path / "r.jsonl.gz", CPUS, CHANGED))

    async def looked(seconds: float) -> tuple[GroupDetail, JournalPage]:
        engine = ReplayEngine(recording)
        await engine.ask(ReplayControl(ReplayMove.SEEK, seconds), "")
        detail = await engine.look(WatchGroup("g", 900, (PlotSize(SignalName.CPU, 60, 10),)), "")
        page = await engine.look(ReadJournal(), "")
        assert isinstance(detail, GroupDetail)
        assert isinstance(page, JournalPage)
        return detail, page

    early, late = asyncio.run(looked(20)), asyncio.run(looked(70))
    assert early[0].nodes[0].cpu == 0.95
    assert len(early[0].nodes) == 4
    assert early[1].entries == ()
    assert len(late[1].entries) == 1
    assert any(value is not None and abs(value - 0.97) < 1e-6 for value in late[0].plots[0].means)


SECONDS = st.floats(-1e4, 1e4)
MOVES: st.SearchStrategy[Callable[[Playhead], Playhead]] = st.one_of(
    SECONDS.map(lambda seconds: lambda head: head.sought(head.at + timedelta(seconds=seconds))),
    st.floats(0, 100).map(lambda elapsed: lambda head: head.advanced(elapsed)),
    st.integers(-3, 3).map(lambda steps: lambda head: head.at_speed(steps)),
    st.just(lambda head: head.toggled()),
)


@given(st.lists(MOVES, max_size=20))
def test_the_playhead_never_leaves_what_was_recorded(moves: list[Callable[[Playhead], Playhead]]) -> None:
    head = Playhead(BEGAN, at(10), BEGAN)
    for move in moves:
        head = move(head)
        assert head.begins <= head.at <= head.ends
        assert not (head.playing and head.at >= head.ends)
