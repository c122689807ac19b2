"""The stories: one night on the simulator, four times, so that every screen has something to show."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from nodescaler_tui.engine.recording import read_recording
from nodescaler_tui.engine.replaying import ReplayEngine
from nodescaler_tui.intents import ReplayControl, ReplayMove, StartRecording, StopRecording
from nodescaler_tui.state import OperationPhase, Severity, State
from screenshots.camera import Camera
from screenshots.client import OPERATOR
from screenshots.looks import EVERY_LOOK, NO_COLOR, SIZES
from screenshots.stage import Stage, stage

SUBJECT: Final = "media-eu-prod-01"
BUSY: Final = "media-us-prod-02"
SILENT: Final = "media-uk-stage"
HOUR_S: Final = 3300.0
SHORT_S: Final = 600.0
SURGE_S: Final = 120.0
BOOTS_S: Final = 18.0
"""From an approval to the first of its new nodes, by the simulator's physics."""


def critical(state: State) -> bool:
    """Whether a group with a plan is critical."""
    return any(group.severity is Severity.CRITICAL and group.plan is not None for group in state.groups)


def verified(state: State) -> bool:
    """Whether the scale-up is done."""
    return any(operation.phase is OperationPhase.VERIFIED for operation in state.operations)


def foreseen(state: State) -> bool:
    """Whether a group that is not critical is expected to be."""
    return any(group.severity is not Severity.CRITICAL and group.critical_at is not None for group in state.groups)


def in_doubt(state: State) -> bool:
    """Whether nobody knows what became of the scale-up."""
    return any(operation.phase is OperationPhase.IN_DOUBT for operation in state.operations)


async def breach(play: Stage, before_s: float = HOUR_S) -> None:
    """A quiet time in which one group fills slowly and one falls silent; then a surge makes a third one critical."""
    fleet = play.simulation.fleet
    fleet.surge(play.group_id(BUSY), 1.78, rise_s=before_s + 600, hold_s=3600)
    await play.let_pass(before_s - 2 * SURGE_S, step_s=15)
    fleet.groups[play.group_id(SILENT)].silent_after_s = fleet.now_s
    await play.let_pass(SURGE_S)
    fleet.surge(play.group_id(SUBJECT), 1.76, rise_s=80, hold_s=3600)
    await play.until(critical, step_s=10)
    await play.let_pass(20)
    await play.look_up()


async def scaling(camera: Camera) -> None:
    """Breach, plan, approval, operation and record, and everything that can be looked at on the way."""
    async with stage(camera, before_s=HOUR_S) as play:
        await breach(play)
        await play.take("dashboard", looks=(*EVERY_LOOK, NO_COLOR))
        await play.take("help", "question_mark", looks=SIZES)
        await play.take("commands", "ctrl+p", *"thresh", looks=SIZES)
        await play.take("filter", "slash", *"prod", looks=SIZES)
        await play.take("group", "enter", looks=SIZES)
        await play.take("thresholds", "t", "tab", *("backspace",) * 4, *"0.95", looks=EVERY_LOOK)
        await play.take("plan", "a", looks=EVERY_LOOK)
        await play.do("a", "y")
        await play.let_pass(BOOTS_S, step_s=2)
        await play.take("operation", "o", looks=SIZES)
        await play.until(verified)
        await play.look_up()
        await play.take("verified", "o", looks=SIZES)
        await play.take("journal", "l", looks=SIZES)
        await play.take("journal-story", "l", "enter", looks=SIZES)
        play.simulation.faults.switch_on({"fault": "http-503"})
        await play.let_pass(45)
        await play.look_up()
        await play.take("lost-link", looks=SIZES)


async def doubting(camera: Camera) -> None:
    """A pause, the glass that is broken in spite of it, an attempt whose outcome nobody knows, and the question."""
    async with stage(camera, before_s=HOUR_S, repeats="fires") as play:
        play.simulation.faults.switch_on({"fault": "fail-5xx", "status": 500, "count": 1})
        await breach(play)
        await play.take("pause", "p", *"30", "tab", *"provider maintenance", looks=SIZES)
        await play.do("p", *"30", "tab", *"provider maintenance", "enter")
        await play.let_pass(10)
        await play.do("R")
        await play.look_up()
        await play.take("break-glass", "a", looks=SIZES)
        await play.do("a", *SUBJECT, "tab", *"calls drop", "enter")
        await play.until(in_doubt, step_s=1)
        await play.let_pass(40)
        await play.look_up()
        await play.take("doubt", "o", looks=SIZES)
        await play.take("send-again", "o", "s", looks=SIZES)


async def foreseeing(camera: Camera) -> None:
    """A climb that comes every day: it is seen coming before anything is critical."""
    async with stage(camera, before_s=SHORT_S, scenario="surge", past=True) as play:
        await play.until(foreseen)
        await play.look_up()
        await play.take("foreseen", looks=SIZES)
        await play.take("foreseen-group", "enter", looks=SIZES)


async def replaying(camera: Camera) -> None:
    """A session that is recorded, and then played again up to its first alert."""
    async with stage(camera, before_s=SHORT_S) as play:
        await play.engine.ask(StartRecording(), OPERATOR)
        await breach(play, SHORT_S)
        await play.let_pass(60)
        await play.engine.ask(StopRecording(), OPERATOR)
        (file,) = play.folder.rglob("*.jsonl.gz")
        again = ReplayEngine(read_recording(file))
        await again.ask(ReplayControl(ReplayMove.NEXT_ALERT), OPERATOR)
        await camera.take(again, play.clock.now, "replay", (), SIZES)


STORIES: Final[Mapping[str, Callable[[Camera], Awaitable[None]]]] = {
    "scaling": scaling,
    "doubting": doubting,
    "foreseeing": foreseeing,
    "replaying": replaying,
}
