"""The proposal card: what is proposed for the selected group, or in one sentence why nothing is."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from nodescaler_tui.outlook_words import approval_words, outlook_words, worst_outlook
from nodescaler_tui.show.inked import line, lines
from nodescaler_tui.show.widgets.steady import SteadyText, entitle
from nodescaler_tui.show.words import age, clock, countdown, ink, phase_ink
from nodescaler_tui.state import GateState, GroupState, OperationState, PlanState, State


class ProposalCard(SteadyText):
    """A framed card at the bottom of the dashboard."""

    def show(self, state: State, group: GroupState | None, now: datetime) -> None:
        """Draw it as of now."""
        title, content = proposal_content(state, group, now)
        entitle(self, title)
        self.put(content)


def proposal_content(state: State, group: GroupState | None, now: datetime) -> tuple[Content, Content]:
    """Title and body."""
    if group is None:
        return Content("Proposal"), line(("No node group is known yet.", "muted"))
    operation = state.operation(group.operation_id)
    if operation is not None and not operation.settled:
        return Content("Operation"), operation_summary(operation)
    if group.plan is None:
        sentence = line((str(group.sentence), ink(group.severity) if group.severity.value == "CRITICAL" else ""))
        paused = [] if group.paused_until is None else [line((_pause_words(group), "warning"))]
        title = "No proposal" if state.replay is None else "Decided then"
        return Content(title), lines(line((str(group.name), "bold")), sentence, *paused, *ahead_rows(group, now))
    return line(("Proposal", "accent")), plan_summary(group, group.plan, now, keys=not state.watched_only)


def _pause_words(group: GroupState) -> str:
    until = "" if group.paused_until is None else clock(group.paused_until)
    return f"Paused until {until} {group.pause}; p ends it."


def ahead_rows(group: GroupState, now: datetime) -> list[Content]:
    """What the next hour may bring, dimmed where forecasts were wrong lately; nothing while nothing is forecast."""
    signal = worst_outlook(group)
    if signal is None:
        return []
    colour = "warning" if signal.alert and not signal.doubt else "stale" if signal.doubt else ""
    doubt = f"  {signal.doubt}" if signal.doubt else ""
    return [line(("ahead  ", "muted"), (outlook_words(signal, now), colour), (doubt, "muted"))]


def plan_summary(group: GroupState, plan: PlanState, now: datetime, *, keys: bool) -> Content:
    """What changes, why, what it should bring, the gates, and the keys where they do something."""
    step = plan.requested_nodes - plan.current_nodes
    share = f", {step / plan.current_nodes * 100:+.0f} %" if plan.current_nodes else ""
    declared = "  nodes declared, not measured" if group.counts.declared else ""
    expected = approval_words(group, plan)
    return lines(
        line(
            (f"{group.name}   ", "bold"),
            (f"{plan.current_nodes} → {plan.requested_nodes} nodes", "accent"),
            (f"  ({step:+d}{share}, max {plan.max_nodes}){declared}", "muted"),
        ),
        line(
            ("why    ", "muted"),
            ("; ".join(plan.reasons), "critical"),
            (f"  when proposed {age(plan.created_at, now)} ago", "muted"),
        ),
        line(
            ("after  ", "muted"),
            (str(plan.projection).split("; ", maxsplit=1)[0], ""),
            (f"   if you approve: {expected}" if expected else "", ""),
        ),
        line(
            ("gates  ", "muted"),
            *gate_pieces(plan),
            (f"  expires {countdown(plan.expires_at, now)}   ", "muted"),
            *((("a", "accent"), (" approve  ", ""), ("x", "accent"), (" reject", "")) if keys else ()),
        ),
    )


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


def operation_summary(operation: OperationState) -> Content:
    """An operation under way: where it stands, and its last step."""
    done = [step for step in operation.steps if step.at is not None]
    last = done[-1] if done else None
    return lines(
        line(
            (f"{operation.group_name}   ", "bold"),
            (f"{operation.from_nodes} → {operation.requested_nodes} nodes  ", ""),
            (operation.phase.value, phase_ink(operation.phase)),
        ),
        line(("last   ", "muted"), (f"{last.title}: {last.detail}" if last else "", "")),
        line(("by     ", "muted"), (str(operation.operator), "")),
        line((str(operation.advice) or "o shows every step; it goes on without this window.", "muted")),
    )
