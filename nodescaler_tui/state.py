"""State: the one frozen value that every screen is a function of.

Only the engine makes one. `State.EMPTY` exists from the first frame. Everything textual in it is DisplayText, and every
number carries when it was sampled, so that a screen can tell its age without asking anyone. Nothing in it can refer to
what holds it, so the garbage collector need not walk through it (`gc=False`): with 1,000 groups that is felt at a key.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import ClassVar, Final

from msgspec import Struct

from nodescaler_tui.decide.decision import Verdict
from nodescaler_tui.decide.signals import Level, SignalName
from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.display_text import EMPTY, DisplayText
from nodescaler_tui.facts import GroupKind
from nodescaler_tui.outlook_state import OutlookState as OutlookState
from nodescaler_tui.presence_state import InFront as InFront
from nodescaler_tui.presence_state import PresentState as PresentState
from nodescaler_tui.presence_state import Sight as Sight
from nodescaler_tui.rules_state import NO_RULES as NO_RULES
from nodescaler_tui.rules_state import FreezeState as FreezeState
from nodescaler_tui.rules_state import LastChange as LastChange
from nodescaler_tui.rules_state import MatrixState as MatrixState
from nodescaler_tui.rules_state import RulesState as RulesState
from nodescaler_tui.scaling_state import ConfirmationKind as ConfirmationKind
from nodescaler_tui.scaling_state import GateState as GateState
from nodescaler_tui.scaling_state import OperationPhase as OperationPhase
from nodescaler_tui.scaling_state import OperationState as OperationState
from nodescaler_tui.scaling_state import PlanState as PlanState
from nodescaler_tui.scaling_state import ReceiverState as ReceiverState
from nodescaler_tui.scaling_state import StepState as StepState
from nodescaler_tui.scaling_state import TwoPersonState as TwoPersonState


class Severity(StrEnum):
    """How worried to be about a group. UNKNOWN ranks above OK: a breach cannot be ruled out."""

    CRITICAL = "CRITICAL"
    WARNING = "WARNING"
    UNKNOWN = "UNKNOWN"
    OK = "OK"


class LinkStatus(StrEnum):
    """Whether readings are coming in."""

    CONNECTING = "connecting"
    OK = "ok"
    PARTIAL = "partial"
    LOST = "lost"


class SignalState(Struct, frozen=True, gc=False):
    """One signal of one group. Values are fractions for CPU and memory, a count for sessions; None is unknown.

    `trend` holds the values of the last polls, oldest first, None for a gap: fractions for CPU and memory, for
    sessions the share of their limit.
    """

    name: SignalName
    level: Level
    value: int | float | None
    warning: int | float | None
    critical: int | float | None
    source: DisplayText
    sampled_at: datetime | None
    worst: float | None = None
    worst_node: DisplayText = EMPTY
    missing: DisplayText = EMPTY
    trend: tuple[float | None, ...] = ()


class NodeCounts(Struct, frozen=True, gc=False):
    """How many nodes a group has, by lifecycle. `in_service` is None when the count is unknown."""

    in_service: int | None
    booting: int
    draining: int
    offline: int
    fresh: int
    declared: bool


class GroupState(Struct, frozen=True, gc=False):
    """One node group as the fleet table and the proposal card show it.

    `sentence` says what is proposed, or in one sentence why nothing is. `outlook` is what the next hour may bring, None
    while nothing is forecast. `acknowledged` says who has seen that it is in trouble. `looks_ahead` is whether a plan
    may be made for it on a forecast alone. `matrix_by` and `matrix_at` say whose word its matrix is in a team and since
    when; they are empty where it is from a file or from this session. `first_approval` says what became of a first
    approval under the two-person rule, where it is not the plan that is shown.
    """

    id: str
    name: DisplayText
    site: DisplayText
    kind: GroupKind
    managed: bool
    severity: Severity
    counts: NodeCounts
    signals: tuple[SignalState, ...]
    verdict: Verdict
    sentence: DisplayText
    matrix: ThresholdMatrix
    matrix_origin: DisplayText
    read_at: datetime | None
    plan: PlanState | None = None
    operation_id: str = ""
    cooldown_until: datetime | None = None
    paused_until: datetime | None = None
    pause: DisplayText = EMPTY
    outlook: OutlookState | None = None
    acknowledged: DisplayText = EMPTY
    looks_ahead: bool = False
    matrix_by: DisplayText = EMPTY
    matrix_at: datetime | None = None
    first_approval: DisplayText = EMPTY

    @property
    def critical_at(self) -> datetime | None:
        """When it is expected to turn critical, None when it is not, or nothing is forecast."""
        soonest = None if self.outlook is None else self.outlook.soonest
        return None if soonest is None else soonest[0]

    def signal(self, name: SignalName) -> SignalState | None:
        """The named signal, or None where it is switched off."""
        return next((signal for signal in self.signals if signal.name is name), None)


NOBODY_POLLS: Final = DisplayText("nobody polls")


class LinkState(Struct, frozen=True, gc=False):
    """The connection to Genesys in one line: what fails, since when, and when the next try is.

    `poller` says who in a team asks Genesys for all, NOBODY_POLLS where nobody does; it is empty where each engine does
    so for itself.
    """

    status: LinkStatus
    since: datetime | None
    polled_at: datetime | None
    poll_every_s: float
    next_poll_at: datetime | None
    requests_per_poll: int
    limit_share: float | None
    problems: tuple[DisplayText, ...]
    poller: DisplayText = EMPTY

    @property
    def is_polled(self) -> bool:
        """Whether anybody asks Genesys: what was fine at the last poll is not known to be so now, where nobody does."""
        return self.poller != NOBODY_POLLS


class ContextState(Struct, frozen=True, gc=False):
    """What surrounds the groups: Genesys's own media gauges, the vendor's status page, the clock."""

    organization_calls: DisplayText = EMPTY
    organization_calls_at: datetime | None = None
    vendor_status: DisplayText = EMPTY
    vendor_status_at: datetime | None = None
    clock_skew_s: float | None = None


class StoreState(Struct, frozen=True, gc=False):
    """Whether the journal can be written; when it cannot, nothing may be approved, and `sentence` says why.

    `clock` says how far this host's clock is off a shared store's, empty while it is in step; `clock_closes` is whether
    nothing may be approved with it.
    """

    writable: bool
    sentence: DisplayText
    events: int
    head: str
    clock: DisplayText = EMPTY
    clock_closes: bool = False


class JournalEntry(Struct, frozen=True, gc=False):
    """One journal event in one line; `seq` is its position in the chain."""

    seq: int
    at: datetime
    kind: str
    group_id: str
    group_name: DisplayText
    operator: DisplayText
    operation_id: str
    sentence: DisplayText


class Notice(Struct, frozen=True, gc=False):
    """Something that happened and deserves a line on every screen once; `number` grows by one for each."""

    number: int
    at: datetime
    severity: Severity
    sentence: DisplayText


class Scope(Struct, frozen=True, gc=False):
    """What is being watched: region, organisation or simulator, and what this engine may do.

    `login` is who a team's store takes everybody for who acts here; empty where names are taken as they are given.
    """

    region: DisplayText = EMPTY
    source: DisplayText = EMPTY
    read_only: bool = False
    dry_run: bool = False
    demo: bool = False
    login: DisplayText = EMPTY


class ReplayState(Struct, frozen=True, gc=False):
    """Which moment of a recording is shown, between which two, and how fast it passes."""

    at: datetime
    begins: datetime
    ends: datetime
    speed: float
    playing: bool


class State(Struct, frozen=True, gc=False):
    """All that is known now. Groups are in the order of their ids; how they are sorted is the screen's business.

    `replay` is None while this is the present; `recording` names the file that is being written. `present` is who else
    of a team is here.
    """

    revision: int
    scope: Scope
    link: LinkState
    context: ContextState
    store: StoreState
    groups: tuple[GroupState, ...]
    operations: tuple[OperationState, ...]
    journal: tuple[JournalEntry, ...]
    notices: tuple[Notice, ...]
    replay: ReplayState | None = None
    recording: DisplayText = EMPTY
    present: tuple[PresentState, ...] = ()
    rules: RulesState = NO_RULES

    EMPTY: ClassVar[State]

    @property
    def in_team(self) -> bool:
        """Whether the store is shared with others, who may be here."""
        return bool(self.link.poller)

    @property
    def watched_only(self) -> bool:
        """Whether nothing can be changed from here: the window or the engine is read-only, or this is a recording."""
        return self.scope.read_only or self.replay is not None

    def group(self, group_id: str) -> GroupState | None:
        """The group with this id, or None."""
        return next((group for group in self.groups if group.id == group_id), None)

    def operation(self, operation_id: str) -> OperationState | None:
        """The operation with this id, or None."""
        return next((operation for operation in self.operations if operation.id == operation_id), None)


State.EMPTY = State(
    revision=0,
    scope=Scope(),
    link=LinkState(LinkStatus.CONNECTING, None, None, 0.0, None, 0, None, ()),
    context=ContextState(),
    store=StoreState(writable=False, sentence=DisplayText("The journal is not open yet."), events=0, head=""),
    groups=(),
    operations=(),
    journal=(),
    notices=(),
)
