"""Intents: everything a person can ask of the engine. Hiding a key is courtesy; the engine's gate is the law."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.presence_state import InFront
from nodescaler_tui.views import PlotSize


class WatchGroup(Struct, frozen=True, tag=True):
    """Send me this group's nodes and plots from now on, for these canvases, over the last `span_s` seconds.

    With `similar_hours` the plots show what came next in the past hours that began like this one.
    """

    group_id: str
    span_s: int
    plots: tuple[PlotSize, ...]
    similar_hours: bool = False


class ShowsNow(Struct, frozen=True, tag=True):
    """This is in front of me from now on: others of a team may know. It is never journaled, and never answered."""

    in_front: InFront


class RefreshNow(Struct, frozen=True, tag=True):
    """Poll now, within the request budget."""


class ForecastNow(Struct, frozen=True, tag=True):
    """Forecast every group whose turn has not come yet, from what is known; it asks nothing of Genesys."""


class ApprovePlan(Struct, frozen=True, tag=True):
    """Carry out exactly this plan. `typed` is what the confirmation asked for; `reason` is why."""

    group_id: str
    plan_hash: str
    typed: str = ""
    reason: str = ""


class RejectPlan(Struct, frozen=True, tag=True):
    """Do not carry out this plan, and do not propose the same again until the readings change."""

    group_id: str
    plan_hash: str
    reason: str = ""


class Replan(Struct, frozen=True, tag=True):
    """Make a new plan for this group from what is known now."""

    group_id: str


class BreakGlass(Struct, frozen=True, tag=True):
    """Propose despite what holds a plan for this group back now; approving it then takes more than a key."""

    group_id: str


class ProposeInverse(Struct, frozen=True, tag=True):
    """Propose to take back what this operation added."""

    operation_id: str


class PauseGroup(Struct, frozen=True, tag=True):
    """Approve nothing for this group for so many minutes."""

    group_id: str
    minutes: int
    reason: str


class EndPause(Struct, frozen=True, tag=True):
    """End the pause of this group early."""

    group_id: str
    reason: str = ""


class DeclareFreeze(Struct, frozen=True, tag=True):
    """Approve nothing for any group until then (aware), on every host that shares the journal."""

    until: datetime
    reason: str


class LiftFreeze(Struct, frozen=True, tag=True):
    """End the freeze early that the event at position `declared` began."""

    declared: int
    reason: str


class ProposeAhead(Struct, frozen=True, tag=True):
    """From now on, in this session, propose for this group on a forecast alone, or stop that."""

    group_id: str
    on: bool
    reason: str = ""


class Acknowledge(Struct, frozen=True, tag=True):
    """I have seen that this group is in trouble: ring for it no more until it gets worse."""

    group_id: str


class AnswerDoubt(Struct, frozen=True, tag=True):
    """What became of an attempt whose outcome nobody knows: `answer` is resend, acted or close."""

    operation_id: str
    attempt: int
    answer: str
    typed: str = ""
    reason: str = ""


class CancelOperation(Struct, frozen=True, tag=True):
    """Stop an operation that has not been sent, or whose next attempt is still to come."""

    operation_id: str
    reason: str = ""


class PreviewThresholds(Struct, frozen=True, tag=True):
    """What would these values, as typed, do now? `scope` is a group id, or empty for the default of all groups."""

    scope: str
    values: dict[str, str]
    plots: tuple[PlotSize, ...] = ()
    span_s: int = 3600


class SaveThresholds(Struct, frozen=True, tag=True):
    """Use these values, as typed, from now on: in this session, in a team on every host.

    With `keep` write them to the configuration file too. `shown` is the matrix that was on screen when they were typed;
    where the thresholds are a team's and others stand by now, nothing is saved.
    """

    scope: str
    values: dict[str, str]
    reason: str = ""
    keep: bool = False
    shown: ThresholdMatrix | None = None


class UndoThresholds(Struct, frozen=True, tag=True):
    """Take the last threshold change back: this session's, in a team whoever made it.

    `last` is the position of the change that was on screen as the team's last; another one is not taken back.
    """

    last: int | None = None


class ReadJournal(Struct, frozen=True, tag=True):
    """Send me journal entries, newest first, below `before_seq` where one is given.

    A filter that is not empty must be part of what it is about, in any case: of the group's name or id, the operator,
    the kind, and for `words` of anything in the line.
    """

    limit: int = 200
    before_seq: int | None = None
    group: str = ""
    operator: str = ""
    kind: str = ""
    words: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether anything is filtered out."""
        return any((self.group, self.operator, self.kind, self.words))


class ReadStory(Struct, frozen=True, tag=True):
    """Send me every event of one operation, or the one event `seq` when no operation is named."""

    operation_id: str
    seq: int | None = None


class VerifyJournal(Struct, frozen=True, tag=True):
    """Verify the hash chain and say what that proved."""


class ExportJournal(Struct, frozen=True, tag=True):
    """Write the whole journal into a file in this format: jsonl, csv, cloudevents or ocsf."""

    format: str


class ReplayMove(StrEnum):
    """What the playhead of a replay can be told."""

    PLAY_OR_PAUSE = "play or pause"
    SPEED = "speed"
    SEEK = "seek"
    STEP = "step"
    NEXT_ALERT = "next alert"


class ReplayControl(Struct, frozen=True, tag=True):
    """Move the playhead: `amount` is steps of speed, seconds to seek, or observations to step; negative goes back."""

    move: ReplayMove
    amount: float = 0.0


class StartRecording(Struct, frozen=True, tag=True):
    """Record what is observed and done from now on into a file."""


class StopRecording(Struct, frozen=True, tag=True):
    """End the recording."""


class StopEngine(Struct, frozen=True, tag=True):
    """End the engine once no operation is open."""


Intent = (
    WatchGroup
    | ShowsNow
    | RefreshNow
    | ForecastNow
    | ApprovePlan
    | RejectPlan
    | Replan
    | BreakGlass
    | ProposeInverse
    | PauseGroup
    | EndPause
    | DeclareFreeze
    | LiftFreeze
    | ProposeAhead
    | Acknowledge
    | AnswerDoubt
    | CancelOperation
    | PreviewThresholds
    | SaveThresholds
    | UndoThresholds
    | ReadJournal
    | ReadStory
    | VerifyJournal
    | ExportJournal
    | ReplayControl
    | StartRecording
    | StopRecording
    | StopEngine
)
