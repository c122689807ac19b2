"""The proposal card: what is proposed for the selected group, or in one sentence why nothing is."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content

from nodescaler_tui.show.inked import line, lines
from nodescaler_tui.show.widgets.steady import SteadyText
from nodescaler_tui.show.words import countdown, ink, phase_ink
from nodescaler_tui.state import GroupState, OperationState, PlanState


class ProposalCard(SteadyText):
    """A framed card at the bottom of the dashboard."""

    def show(self, group: GroupState | None, operation: OperationState | None, now: datetime) -> None:
        """Draw it as of now."""
        title, content = proposal_content(group, operation, now)
        if self.border_title != title.markup:
            self.border_title = title
        self.put(content)


def proposal_content(
    group: GroupState | None, operation: OperationState | None, now: datetime
) -> tuple[Content, Content]:
    """Title and body."""
    if group is None:
        return Content("Proposal"), line(("No node group is known yet.", "muted"))
    if operation is not None and not operation.settled:
        return Content("Operation"), operation_summary(operation)
    if group.plan is None:
        sentence = line((str(group.sentence), ink(group.severity) if group.severity.value == "CRITICAL" else ""))
        return Content("No proposal"), lines(line((str(group.name), "bold")), sentence)
    title = line((f"Proposal ─ expires in {countdown(group.plan.expires_at, now)}", "accent"))
    return title, plan_summary(group, group.plan)


def plan_summary(group: GroupState, plan: PlanState) -> Content:
    """What changes, why, what it should bring, the gates, and the keys."""
    step = plan.requested_nodes - plan.current_nodes
    share = f", +{step / plan.current_nodes * 100:.0f} %" if plan.current_nodes else ""
    declared = "  nodes declared, not measured" if group.counts.declared else ""
    return lines(
        line(
            (f"{group.name}   ", "bold"),
            (f"{plan.current_nodes} → {plan.requested_nodes} nodes", "accent"),
            (f"  (+{step}{share}, max {plan.max_nodes}){declared}", "muted"),
        ),
        line(("why    ", "muted"), ("; ".join(plan.reasons), "critical")),
        line(("after  ", "muted"), (str(plan.projection).split("; ", maxsplit=1)[0], "")),
        line(("gates  ", "muted"), *gate_pieces(plan)),
    )


def gate_pieces(plan: PlanState) -> list[tuple[str, str]]:
    """Each gate with a tick, or a cross and the reason."""
    return [
        (f"{gate.name} ✓  ", "ok") if gate.passed else (f"{gate.name} ✗ {gate.sentence}  ", "critical")
        for gate in plan.gates
    ]


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
