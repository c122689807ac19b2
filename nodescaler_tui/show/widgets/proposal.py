"""The proposal card: what is proposed for the selected group, or in one sentence why nothing is."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from textual.content import Content

from nodescaler_tui.outlook_words import approval_words, outlook_words, worst_outlook
from nodescaler_tui.show.inked import hanging, line, lines
from nodescaler_tui.show.presence_words import group_company, plan_company
from nodescaler_tui.show.widgets.steady import SteadyText, entitle, entitle_below
from nodescaler_tui.show.widgets.two_person import short_two_person_words
from nodescaler_tui.show.words import age, clock, countdown, ink, outlook_ink, phase_ink
from nodescaler_tui.state import GateState, GroupState, OperationState, PlanState, State

AHEAD_OF_A_BREACH: Final = "ahead of a breach: nothing is critical yet"
ROWS: Final = 4
ROWS_IF_TALL: Final = 5
FRAME: Final = 4


class ProposalCard(SteadyText):
    """A framed card at the bottom of the dashboard."""

    def show(self, state: State, group: GroupState | None, now: datetime, rows: int) -> None:
        """Draw it as of now, in so many rows."""
        width = self.size.width or self.app.size.width - FRAME
        title, content = proposal_content(state, group, now, width, rows)
        entitle(self, title)
        entitle_below(self, line((_company(state, group), "accent")))
        self.put(content)


def _company(state: State, group: GroupState | None) -> str:
    """Who else is at the plan that the card shows; where it shows none, at the group."""
    if group is None:
        return ""
    return group_company(state, group.id) if group.plan is None else plan_company(state, group.id)


def proposal_content(
    state: State, group: GroupState | None, now: datetime, width: int, rows: int = ROWS
) -> tuple[Content, Content]:
    """Title and body, for so many columns and rows."""
    if group is None:
        return Content("Proposal"), line(("No node group is known yet.", "muted"))
    operation = state.operation(group.operation_id)
    if operation is not None and not operation.settled:
        return Content("Operation"), operation_summary(operation, width, rows)
    if group.plan is None:
        sentence = line((str(group.sentence), ink(group.severity) if group.severity.value == "CRITICAL" else ""))
        paused = [] if group.paused_until is None else [line((_pause_words(group), "warning"))]
        title = "No proposal" if state.replay is None else "Decided then"
        said = [*paused, *_first_approval_rows(group, width, 2)]
        return Content(title), lines(line((str(group.name), "bold")), sentence, *said, *ahead_rows(group, now, width))
    ahead = (f" {AHEAD_OF_A_BREACH}", "warning") if group.plan.on_forecast else ("", "")
    proposed = line(("Proposal", "accent"), ahead)
    return proposed, plan_summary(group, group.plan, now, width, rows=rows, keys=not state.watched_only)


def _pause_words(group: GroupState) -> str:
    until = "" if group.paused_until is None else clock(group.paused_until)
    return f"Paused until {until} {group.pause}; p ends it."


def ahead_rows(group: GroupState, now: datetime, width: int) -> list[Content]:
    """What the next hour may bring; nothing while nothing is forecast."""
    signal = worst_outlook(group)
    if signal is None:
        return []
    return hanging(("ahead  ", "muted"), outlook_words(signal, now), outlook_ink(signal), width, 2)


def plan_summary(
    group: GroupState, plan: PlanState, now: datetime, width: int, *, rows: int = ROWS, keys: bool
) -> Content:
    """What changes, why, what it should bring, the gates, and the keys where they do something."""
    step = plan.requested_nodes - plan.current_nodes
    share = f", {step / plan.current_nodes * 100:+.0f} %" if plan.current_nodes else ""
    declared = "  nodes declared, not measured" if group.counts.declared else ""
    return lines(
        line(
            (f"{group.name}   ", "bold"),
            (f"{plan.current_nodes} → {plan.requested_nodes} nodes", "accent"),
            (f"  ({step:+d}{share}, max {plan.max_nodes}){declared}", "muted"),
        ),
        line(
            ("why    ", "muted"),
            *_why(plan, age(plan.created_at, now)),
        ),
        *(_two_people(group, plan, width) or _after(plan, approval_words(group, plan), width, rows)),
        line(
            ("gates  ", "muted"),
            *gate_pieces(plan),
            (f"  expires {countdown(plan.expires_at, now)}   ", "muted"),
            *((("a", "accent"), (" approve  ", ""), ("x", "accent"), (" reject", "")) if keys else ()),
        ),
    )


def _two_people(group: GroupState, plan: PlanState, width: int) -> list[Content]:
    """Who has approved and who is still needed, in the one row that the plan in full has room for as well."""
    if plan.two_person is not None and not (plan.two_person.first_at is None and group.first_approval):
        return hanging(("two    ", "muted"), short_two_person_words(plan, plan.two_person), "warning", width, 1)
    return _first_approval_rows(group, width, 1)


def _first_approval_rows(group: GroupState, width: int, most: int) -> list[Content]:
    """What became of a first approval that is not of the plan shown."""
    return (
        hanging(("two    ", "muted"), str(group.first_approval), "warning", width, most) if group.first_approval else []
    )


def _why(plan: PlanState, shown_age: str) -> tuple[tuple[str, str], tuple[str, str]]:
    """Every reason; of a plan on a forecast only what is expected and when, counted from when it was proposed.

    The title has said that nothing is critical yet; why it is expected is read in the plan.
    """
    if plan.on_forecast:
        return (plan.reasons[1].partition(":")[0], "warning"), (f" (said {shown_age} ago)", "muted")
    return ("; ".join(plan.reasons), "critical"), (f"  when proposed {shown_age} ago", "muted")


def _after(plan: PlanState, expected: str, width: int, rows: int) -> list[Content]:
    """The projection, and the forecast beside it or in a row under it; with room for neither the gates go before it."""
    head, projected = "after  ", str(plan.projection).split("; ", maxsplit=1)[0]
    forecast = f"if you approve: {expected}" if expected else ""
    beside = f"   {forecast}" if len(head) + len(projected) + 3 + len(forecast) <= width else ""
    under = [line((" " * len(head) + forecast, ""))] if forecast and not beside and rows > ROWS else []
    return [line((head, "muted"), (projected, ""), (beside if forecast else "", "")), *under]


def gate_pieces(plan: PlanState) -> list[tuple[str, str]]:
    """What is closed or overridden, or that everything is open."""
    closed = [closed_gate(gate) for gate in plan.gates if not gate.passed]
    overridden = [str(gate.name) for gate in plan.gates if gate.overridden]
    if closed:
        return closed
    if overridden:
        return [(f"overridden: {', '.join(overridden)}", "warning")]
    return [(f"✓ all {len(plan.gates)} open", "ok")]


def closed_gate(gate: GateState) -> tuple[str, str]:
    """A gate that is closed, and why."""
    return (f"✗ {gate.name}: {gate.sentence}  ", "critical")


def operation_summary(operation: OperationState, width: int, rows: int = ROWS) -> Content:
    """An operation under way: where it stands, its last step, what can be done, and who began it where that fits."""
    done = [step for step in operation.steps if step.at is not None]
    last = f"{done[-1].title}: {done[-1].detail}" if done else ""
    head = line(
        (f"{operation.group_name}   ", "bold"),
        (f"{operation.from_nodes} → {operation.requested_nodes} nodes  ", ""),
        (operation.phase.value, phase_ink(operation.phase)),
    )
    told = hanging(("last   ", "muted"), last, "", width, 2)
    advice = str(operation.advice) or "o shows every step; it goes on without this window."
    done_about_it = hanging(("", ""), advice, "muted", width, rows - 1 - len(told))
    by = line(("by     ", "muted"), (str(operation.operator), ""))
    room = rows - 1 - len(told) - len(done_about_it)
    return lines(head, *told, *([by] if room else []), *done_about_it)
