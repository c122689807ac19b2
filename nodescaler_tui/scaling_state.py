"""The part of State that a scale-up is: its gates, its plan, its steps, and the operation that it became."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from nodescaler_tui.decide.approval import ConfirmationKind as ConfirmationKind
from nodescaler_tui.display_text import EMPTY, DisplayText
from nodescaler_tui.events import SETTLED_PHASES
from nodescaler_tui.events import OperationPhase as OperationPhase


class GateState(Struct, frozen=True, gc=False):
    """One precondition of sending, and whether it holds now, be it only because it is overridden."""

    name: DisplayText
    passed: bool
    sentence: DisplayText
    overridden: bool = False


class ReceiverState(Struct, frozen=True, gc=False):
    """Where a plan would be sent: never the URL's secrets, only what an operator must recognise."""

    name: DisplayText
    host: DisplayText
    authentication: DisplayText
    repeats: DisplayText


class TwoPersonState(Struct, frozen=True, gc=False):
    """That two people must approve a plan, and who did so first and when; empty and None while nobody has.

    `on_honour` says that nobody but this machine vouches for the names.
    """

    on_honour: bool
    first_operator: DisplayText = EMPTY
    first_at: datetime | None = None


class PlanState(Struct, frozen=True, gc=False):
    """A plan as it is shown: what changes, why, what it should bring, and the exact bytes with their SHA-256.

    `on_forecast` says that nothing is critical yet, and that a forecast is what calls for it. `two_person` is None
    where one person's approval is enough.
    """

    hash: str
    current_nodes: int
    requested_nodes: int
    max_nodes: int
    reasons: tuple[DisplayText, ...]
    projection: DisplayText
    gates: tuple[GateState, ...]
    receiver: ReceiverState
    payload: DisplayText
    payload_sha256: str
    body: DisplayText
    body_sha256: str
    confirmation: ConfirmationKind
    confirmation_why: DisplayText
    created_at: datetime
    expires_at: datetime
    on_forecast: bool = False
    two_person: TwoPersonState | None = None


class StepState(Struct, frozen=True, gc=False):
    """One step of an operation: when it happened (None: still to come), and whether it went wrong."""

    at: datetime | None
    title: DisplayText
    detail: DisplayText = EMPTY
    failed: bool = False


class OperationState(Struct, frozen=True, gc=False):
    """An approved scale-up as the journal tells it. `advice` says what can be done when something went wrong.

    `operator` names everybody whose approval it took.
    """

    id: str
    group_id: str
    group_name: DisplayText
    phase: OperationPhase
    from_nodes: int
    requested_nodes: int
    nodes_now: int | None
    operator: DisplayText
    reason: DisplayText
    steps: tuple[StepState, ...]
    approved_at: datetime
    next_step_at: datetime | None
    advice: DisplayText
    can_cancel: bool
    can_close: bool = False
    can_take_back: bool = False
    attempt: int = 0
    decidable_at: datetime | None = None

    @property
    def settled(self) -> bool:
        """Whether nothing more will happen on its own."""
        return self.phase in SETTLED_PHASES
