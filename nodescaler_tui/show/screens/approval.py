"""Approval: read the plan, confirm it as its tier demands, and watch in the same place what becomes of it.

In policy Cancel has the focus and one further key confirms; beyond policy something must be typed and a reason given.
What is sent names the hash of the plan that was shown, so that nothing else can be approved by it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import ClassVar, Final

import msgspec
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, VerticalScroll
from textual.content import Content
from textual.widgets import Button, Input, Static

from nodescaler_tui.engine.client import Update
from nodescaler_tui.intents import ApprovePlan, CancelOperation, ProposeInverse, Replan
from nodescaler_tui.show.actions import Place, bindings
from nodescaler_tui.show.inked import line, lines
from nodescaler_tui.show.presence_words import plan_company
from nodescaler_tui.show.questions import acted_question, close_question, resend_question
from nodescaler_tui.show.screens.asking import AskScreen, Question
from nodescaler_tui.show.screens.showing import Desk, StateScreen
from nodescaler_tui.show.type_ahead import TypeAheadApp
from nodescaler_tui.show.widgets.key_line import KeyLine
from nodescaler_tui.show.widgets.link_line import LinkLine
from nodescaler_tui.show.widgets.plan import fallen_words, plan_content
from nodescaler_tui.show.widgets.proposal import AHEAD_OF_A_BREACH
from nodescaler_tui.show.widgets.steady import entitle, entitle_below
from nodescaler_tui.show.widgets.steps import steps_content
from nodescaler_tui.show.widgets.two_person import approve_label
from nodescaler_tui.state import (
    ConfirmationKind,
    GroupState,
    InFront,
    OperationPhase,
    OperationState,
    PlanState,
    Sight,
)
from nodescaler_tui.views import Answer

ACTIONS_HERE: Final = ("confirm", "replan_here", "cancel_operation", "resend", "acted", "close_operation", "take_back")


class ApprovalScreen(StateScreen):
    """Shows one plan that does not change under the reader's eyes, then the operation that it became."""

    AUTO_FOCUS = ""
    BINDINGS: ClassVar[list[BindingType]] = [*bindings(Place.APPROVAL), *bindings(Place.OPERATION)]

    def __init__(self, desk: Desk, group: GroupState, plan: PlanState | None, operation_id: str = "") -> None:
        super().__init__(desk)
        self.group = group
        self.plan = plan
        self.operation_id = operation_id
        self._asked: int | None = None
        self._taking_back: int | None = None
        self._refused: Answer | None = None
        self._painted_at: float | None = None

    def compose(self) -> ComposeResult:
        """The plan or the operation, what must be typed, two buttons, keys."""
        yield LinkLine(id="link")
        with VerticalScroll(id="approval-box", can_focus=False):
            yield Static(id="approval-text")
        yield Input(id="typed")
        yield Input(id="reason", placeholder="why (kept in the journal)")
        with Horizontal(id="approval-buttons"):
            yield Button("Cancel", id="cancel")
            yield Button("Approve and send  y", id="approve")
        yield KeyLine(self.desk, Place.OPERATION, Place.APPROVAL)

    def on_mount(self) -> None:
        """Focus on Cancel, or where something must be typed: enter by habit does nothing."""
        super().on_mount()
        if self.plan is not None:
            self.query_one("#typed", Input).placeholder = self._typed_words(self.plan)
            in_policy = self.plan.confirmation is ConfirmationKind.KEY
            self.query_one("#cancel" if in_policy else "#typed").focus()
        self.call_after_refresh(self._be_painted)

    def _be_painted(self) -> None:
        self._painted_at = time.monotonic()

    def _typed_words(self, plan: PlanState) -> str:
        wanted = plan.requested_nodes if plan.confirmation is ConfirmationKind.TYPE_REQUESTED_NODES else self.group.name
        return f"{plan.confirmation.value}: {wanted}"

    @property
    def in_front(self) -> InFront:
        """The plan, which is being approved once something is typed or sent, or the operation that it became."""
        if self.operation_id:
            return InFront(Sight.OPERATION, self.group.id)
        typed = self.is_mounted and any(each.value for each in self.query(Input))
        return InFront(Sight.APPROVING if typed or self._asked is not None else Sight.PLAN, self.group.id)

    def draw(self) -> None:
        """The operation once there is one, the plan before that."""
        self.query_one(LinkLine).show(self.desk.state, self.desk.away, self.desk.operator, self.now)
        if self.is_current:
            self.desk.shows(self.in_front)
        confirming = self.plan is not None and not self.operation_id
        beyond = confirming and self.plan is not None and self.plan.confirmation is not ConfirmationKind.KEY
        self.query_one("#typed").display = self.query_one("#reason").display = beyond
        self.query_one("#approval-buttons").display = confirming
        self.query_one("#approve").display = not self.desk.state.watched_only
        self.query_one(KeyLine).hide(*(name for name in ACTIONS_HERE if not self._means_something(name)))
        if self.operation_id:
            self._draw_operation()
        elif self.plan is not None:
            self._draw_plan(self.plan)

    def _draw_plan(self, plan: PlanState) -> None:
        box = self.query_one("#approval-box")
        ahead = (f" {AHEAD_OF_A_BREACH}", "warning") if plan.on_forecast else ("", "")
        entitle(box, line((f"Plan for {self.group.name}", "accent"), ahead))
        entitle_below(box, line((plan_company(self.desk.state, self.group.id), "accent")))
        group, plan = self._as_it_stands(plan)
        button, label = self.query_one("#approve", Button), approve_label(plan)
        if str(button.label) != label:
            button.label = label
        content = plan_content(group, plan, self.now, self.size.width - 4)
        self.query_one("#approval-text", Static).update(lines(content, *self._warnings(plan)))

    def _as_it_stands(self, plan: PlanState) -> tuple[GroupState, PlanState]:
        """The very plan that is read, with what other people have said about it meanwhile."""
        current = self.desk.state.group(self.group.id)
        if current is None or current.plan is None or current.plan.hash != plan.hash:
            return self.group, plan
        group = msgspec.structs.replace(self.group, first_approval=current.first_approval)
        return group, msgspec.structs.replace(plan, two_person=current.plan.two_person)

    def _warnings(self, plan: PlanState) -> list[Content]:
        """What went wrong, or that the plan no longer stands while it is read."""
        if self._refused is not None:
            rows = [line(("", "")), line(("Refused: ", "critical"), (str(self._refused.sentence), "critical"))]
            return [*rows, *(line(("  changed  ", "muted"), (str(each), "warning")) for each in self._refused.changes)]
        current = self.desk.state.group(self.group.id)
        standing = current.plan if current is not None else None
        if standing is None or standing.hash != plan.hash:
            return [line(("", "")), line((fallen_words(self.desk.state, self.group.id), "warning"))]
        return []

    def _draw_operation(self) -> None:
        operation = self.desk.state.operation(self.operation_id)
        box, text = self.query_one("#approval-box"), self.query_one("#approval-text", Static)
        entitle(box, line((f"Scale-up of {self.group.name}", "accent")))
        entitle_below(box, line(("", "")))
        text.update(
            line(("Approved; waiting for the engine…", "muted"))
            if operation is None
            else steps_content(operation, self.now, self.size.width - 6)
        )

    def receive(self, update: Update) -> None:
        """The engine's word on the approval."""
        if not isinstance(update, Answer):
            return
        if update.request == self._asked:
            self._asked = None
            if update.done:
                self.operation_id = update.operation_id
                if not update.operation_id:
                    self.notify(str(update.sentence), markup=False)
            else:
                self._refused = update
        else:
            self.notify(str(update.sentence), markup=False)
            if update.request == self._taking_back and update.done:
                self.app.pop_screen()
                return
        self.draw()

    def on_button_pressed(self, event: Button.Pressed) -> None:
        """The mouse works too."""
        if event.button.id == "approve":
            self._confirm()
        else:
            self.action_back()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        """Enter in the first field goes on to the reason, in the second it confirms."""
        if event.input.id == "typed":
            self.query_one("#reason", Input).focus()
        else:
            self.action_confirm()

    def action_confirm(self) -> None:
        """Confirm by a key; one that was typed before the plan was painted is for none that anybody has read."""
        app = self.app
        typed_at = app.typed_at if isinstance(app, TypeAheadApp) else time.monotonic()
        if self._painted_at is not None and typed_at >= self._painted_at:
            self._confirm()

    def _confirm(self) -> None:
        """Send the approval of exactly this plan, once, while no answer is awaited; never before it was painted."""
        if self.plan is None or self.operation_id or self._asked is not None or self._painted_at is None:
            return
        self._refused = None
        typed, reason = self.query_one("#typed", Input).value, self.query_one("#reason", Input).value
        self.desk.shows(InFront(Sight.APPROVING, self.group.id))
        self._asked = self.desk.send(ApprovePlan(self.group.id, self.plan.hash, typed, reason))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Only the keys that mean something now: those of the plan, or those of the operation as it stands."""
        return bool(super().check_action(action, parameters)) and self._means_something(action)

    def _means_something(self, action: str) -> bool:
        operation = self.desk.state.operation(self.operation_id)
        if action in {"confirm", "replan_here"}:
            return not self.operation_id
        if action in ACTIONS_HERE and operation is None:
            return False
        in_doubt = operation is not None and operation.phase is OperationPhase.IN_DOUBT
        return {
            "cancel_operation": operation is not None and operation.can_cancel,
            "resend": in_doubt,
            "acted": in_doubt,
            "close_operation": operation is not None and operation.can_close,
            "take_back": operation is not None and operation.can_take_back and operation.nodes_now is not None,
        }.get(action, True)

    def action_replan_here(self) -> None:
        """Show the plan that stands now, or ask for a new one."""
        current = self.desk.state.group(self.group.id)
        if current is not None and current.plan is not None and not self.operation_id:
            self.group, self.plan, self._refused = current, current.plan, None
            self.draw()
            return
        self.desk.send(Replan(self.group.id))

    def action_cancel_operation(self) -> None:
        """Cancel before it is sent."""
        if self.operation_id:
            self.desk.send(CancelOperation(self.operation_id))

    def action_resend(self) -> None:
        """It never arrived, as far as the operator can see."""
        self._ask(resend_question)

    def action_acted(self) -> None:
        """The provider shows that it acted."""
        self._ask(acted_question)

    def action_close_operation(self) -> None:
        """Stop watching."""
        self._ask(close_question)

    def action_take_back(self) -> None:
        """Propose the inverse; the plan that comes of it is read and approved like any other."""
        self._taking_back = self.desk.send(ProposeInverse(self.operation_id))

    def _ask(self, question: Callable[[OperationState], Question]) -> None:
        operation = self.desk.state.operation(self.operation_id)
        if operation is not None:
            self.app.push_screen(AskScreen(self.desk, question(operation)))

    def action_back(self) -> None:
        """Leave; an operation goes on."""
        self.app.pop_screen()
