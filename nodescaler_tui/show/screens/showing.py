"""What every screen of ours is: a function of State that sends back only intents."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar, Protocol

from textual.binding import BindingType
from textual.events import Resize
from textual.screen import Screen
from textual.widgets import Input

from nodescaler_tui.engine.client import EngineAway, Update
from nodescaler_tui.intents import (
    BreakGlass,
    Intent,
    RefreshNow,
    RejectPlan,
    Replan,
    ReplayControl,
    ReplayMove,
    ShowsNow,
)
from nodescaler_tui.show.actions import Place, bindings
from nodescaler_tui.show.sparing import SparingCompositor
from nodescaler_tui.state import GroupState, InFront, Sight, State


@dataclass(slots=True)
class Desk:
    """What the screens share: the newest State, whether the engine is away, the clock, and the way back."""

    send: Callable[[Intent], int]
    clock: Callable[[], datetime]
    operator: str
    state: State = field(default_factory=lambda: State.EMPTY)
    away: EngineAway | None = None
    keymap: Mapping[str, str] = field(default_factory=dict)
    span_s: int = 3600
    similar_hours: bool = False
    in_front: InFront | None = None

    @property
    def now(self) -> datetime:
        """The time that ages are told by: the clock's, in a replay the moment that is shown."""
        return self.clock() if self.state.replay is None else self.state.replay.at

    def shows(self, in_front: InFront) -> None:
        """Tell the engine what this window shows, when that is something else."""
        if in_front != self.in_front:
            self.in_front = in_front
            self.send(ShowsNow(in_front))


class Travel(Protocol):
    """The ways from one screen to another."""

    def approve(self) -> None:
        """To the plan of the group."""

    def operation(self) -> None:
        """To the newest operation on the group."""

    def open(self) -> None:
        """To the group in full."""

    def thresholds(self, *, of_all: bool = False) -> None:
        """To the threshold editor."""

    def journal(self) -> None:
        """To the journal."""

    def pause(self) -> None:
        """To the question for how long to pause the group."""

    def who(self) -> None:
        """To the list of who else is here."""

    def freeze(self) -> None:
        """To the question until when all sending is frozen."""

    def ahead(self) -> None:
        """To the question whether plans may be made for the group on a forecast alone."""


class StateScreen(Screen[None]):
    """A screen that is drawn anew whenever State or the second changes."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.REPLAY), *bindings(Place.TEAM)]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._compositor = SparingCompositor()
        self.desk = desk

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:  # noqa: ARG002 - Textual's own
        """The keys of a replay mean something only in one, and who else is here only in a team."""
        if action == "who":
            return self.desk.state.in_team
        return self.desk.state.replay is not None if action.startswith("replay_") else True

    def action_replay_play(self) -> None:
        """Play, or pause."""
        self.desk.send(ReplayControl(ReplayMove.PLAY_OR_PAUSE))

    def action_replay_next_alert(self) -> None:
        """To the next moment at which a group turned critical."""
        self.desk.send(ReplayControl(ReplayMove.NEXT_ALERT))

    def action_replay_step(self) -> None:
        """One observation later."""
        self.desk.send(ReplayControl(ReplayMove.STEP, 1))

    def action_replay_back(self) -> None:
        """One observation earlier."""
        self.desk.send(ReplayControl(ReplayMove.STEP, -1))

    def action_replay_later(self) -> None:
        """One minute later."""
        self.desk.send(ReplayControl(ReplayMove.SEEK, 60))

    def action_replay_earlier(self) -> None:
        """One minute earlier."""
        self.desk.send(ReplayControl(ReplayMove.SEEK, -60))

    def action_replay_faster(self) -> None:
        """Faster."""
        self.desk.send(ReplayControl(ReplayMove.SPEED, 1))

    def action_replay_slower(self) -> None:
        """Slower."""
        self.desk.send(ReplayControl(ReplayMove.SPEED, -1))

    def on_mount(self) -> None:
        """Draw at once from what is known. No cursor blinks: over ssh that alone is half a kilobyte a second."""
        for typed in self.query(Input):
            typed.cursor_blink = False
        self.draw()
        self.set_interval(1.0, self.draw)

    def on_resize(self, _: Resize) -> None:
        """What fits is known once everything has its place: draw again then, and not at the next second."""
        self.call_after_refresh(self.draw)

    def on_screen_resume(self) -> None:
        """Somebody came back to this screen: draw what has changed meanwhile."""
        self.desk.shows(self.in_front)
        if self.is_mounted:
            self.draw()
            self.watch_again()

    def draw(self) -> None:
        """Draw everything from the desk, as of now."""

    def watch_again(self) -> None:
        """Ask anew for what only this screen looks at."""

    def receive(self, update: Update) -> None:
        """Take in the answer to something that this screen asked for."""

    @property
    def now(self) -> datetime:
        """The time that ages are told by."""
        return self.desk.now

    @property
    def _travel(self) -> Travel:
        travel: Travel = self.app.travel  # type: ignore[attr-defined]  # our app has one; Textual's type does not
        return travel

    @property
    def shown_group(self) -> GroupState | None:
        """The group that this screen is about, as it is now; None on a screen about none."""
        return None

    @property
    def in_front(self) -> InFront:
        """What is in front of the operator while this screen is, as others of a team may know it."""
        return InFront(Sight.DASHBOARD)

    def action_reject(self) -> None:
        """Reject the plan that is shown."""
        group = self.shown_group
        if group is not None and group.plan is not None:
            self.desk.send(RejectPlan(group.id, group.plan.hash))

    def action_replan(self) -> None:
        """Poll now, and propose again what was rejected."""
        self.desk.send(RefreshNow())
        group = self.shown_group
        if group is not None and group.plan is None and "Rejected" in group.sentence:
            self.desk.send(Replan(group.id))

    def action_break_glass(self) -> None:
        """Propose despite what holds it back; approving it then asks for more."""
        if self.shown_group is not None:
            self.desk.send(BreakGlass(self.shown_group.id))

    def action_pause(self) -> None:
        """To the question for how long to pause the group, or whether to end its pause."""
        self._travel.pause()

    def action_freeze(self) -> None:
        """To the question until when all sending is frozen, or whether to lift that."""
        self._travel.freeze()

    def action_ahead(self) -> None:
        """To the question whether plans may be made for the group on a forecast alone."""
        self._travel.ahead()

    def action_who(self) -> None:
        """To the list of who else is here."""
        self._travel.who()

    def action_approve(self) -> None:
        """To the plan of the group; nothing is sent by this."""
        self._travel.approve()

    def action_operation(self) -> None:
        """To the newest operation on the group."""
        self._travel.operation()

    def action_open(self) -> None:
        """To the group in full."""
        self._travel.open()

    def action_thresholds(self) -> None:
        """To the thresholds of the group."""
        self._travel.thresholds()

    def action_thresholds_of_all(self) -> None:
        """To the default thresholds."""
        self._travel.thresholds(of_all=True)

    def action_journal(self) -> None:
        """To the journal."""
        self._travel.journal()
