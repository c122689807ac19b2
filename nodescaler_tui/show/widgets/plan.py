"""A plan in full: everything that an operator should have seen before approving, down to the exact bytes."""

from __future__ import annotations

import re
import textwrap
from datetime import datetime
from typing import Final

from textual.content import Content

from nodescaler_tui.outlook_words import approval_words
from nodescaler_tui.show.inked import Piece, line, lines
from nodescaler_tui.show.widgets.proposal import closed_gate
from nodescaler_tui.show.widgets.two_person import ON_HONOUR, two_person_words
from nodescaler_tui.show.words import age, clock, countdown
from nodescaler_tui.state import GroupState, PlanState, State

_TOKEN: Final = re.compile(r'("[^"]*")(?=:)|("[^"]*")|(\btrue\b|\bfalse\b|-?\d+(?:\.\d+)?)')


def plan_content(group: GroupState, plan: PlanState, now: datetime, width: int) -> Content:
    """What changes, why, projection, gates, receiver, bytes with their SHA-256, and the time that is left."""
    step = plan.requested_nodes - plan.current_nodes
    receiver = plan.receiver
    left = countdown(plan.expires_at, now)
    rows = [
        line(
            (f"{plan.current_nodes} → {plan.requested_nodes} nodes", "accent"),
            (f"   {step:+d}, max {plan.max_nodes}", "muted"),
            ("   declared, not measured" if group.counts.declared else "", "warning"),
            (
                f"   proposed {age(plan.created_at, now)} ago, expires in {left}",
                "warning" if left == "0:00" else "muted",
            ),
        ),
        *_listed("why", plan.reasons, "warning" if plan.on_forecast else "critical"),
        *_listed("after", (*str(plan.projection).split("; "), *_expected(group, plan)), ""),
        *_gates(plan, max(width - 12, 20)),
        line(("receiver  ", "muted"), (f"{receiver.name} at {receiver.host}", "bold")),
        line(("          ", ""), (f"authentication: {receiver.authentication}", "muted")),
        line(("          ", ""), (str(receiver.repeats), "muted")),
        line(("sends     ", "muted"), ("POST, application/json, exactly these bytes:", "muted")),
        *(line(("          ", ""), *_coloured(row)) for row in _wrapped(str(plan.body), max(width - 12, 20))),
        line(("SHA-256   ", "muted"), *_digest(plan.body_sha256, width)),
    ]
    if plan.body_sha256 != plan.payload_sha256:
        rows.append(line(("payload   ", "muted"), *_digest(plan.payload_sha256, width), (" in the audit", "muted")))
    rows[1:1] = _two_people(group, plan, max(width - 12, 20))
    if plan.confirmation_why:
        rows.insert(1, line(("beyond    ", "muted"), (f"policy: {plan.confirmation_why}", "warning")))
    return lines(*rows)


def _two_people(group: GroupState, plan: PlanState, width: int) -> list[Content]:
    """The two-person rule on this plan, and what became of a first approval that is not of this plan."""
    two = plan.two_person
    told = [] if two is None else [two_person_words(plan, two), *([f"two-person rule, {ON_HONOUR}"] * two.on_honour)]
    told += [str(group.first_approval)] if group.first_approval else []
    return _listed("people", tuple(row for words in told for row in textwrap.wrap(words, width)), "warning")


def _expected(group: GroupState, plan: PlanState) -> list[str]:
    words = approval_words(group, plan)
    return [f"if you approve: {words}"] if words else []


def _gates(plan: PlanState, width: int) -> list[Content]:
    """Gates that are closed or overridden on lines of their own, the others on one."""
    told = [gate for gate in plan.gates if not gate.passed or gate.overridden]
    pieces = [
        (f"{gate.name} overridden: {gate.sentence}", "warning") if gate.overridden else closed_gate(gate)
        for gate in told
    ]
    rows = [(row, ink) for words, ink in pieces for row in textwrap.wrap(words, width)]
    open_ones = ", ".join(str(gate.name) for gate in plan.gates if gate not in told)
    rows += [(words, "ok") for words in textwrap.wrap(f"✓ {open_ones}", width)] if open_ones else []
    heads = ["gates     ", *[" " * 10] * len(rows)]
    return [line((head, "muted"), piece) for head, piece in zip(heads, rows, strict=False)]


def _listed(name: str, entries: tuple[str, ...], ink: str) -> list[Content]:
    heads = [f"{name:<10}", *[" " * 10] * len(entries)]
    return [line((head, "muted"), (str(entry), ink)) for head, entry in zip(heads, entries, strict=False)]


def _wrapped(payload: str, width: int) -> list[str]:
    """The bytes broken at commas only for the eye; nothing is added or left out."""
    rows, current = [], ""
    for piece in re.split(r"(?<=,)", payload):
        if current and len(current) + len(piece) > width:
            rows.append(current)
            current = ""
        current += piece
    return [*rows, current]


def _coloured(row: str) -> list[Piece]:
    """JSON in the theme's colours: names, texts, and numbers or truth values."""
    pieces: list[Piece] = []
    position = 0
    for token in _TOKEN.finditer(row):
        pieces.append((row[position : token.start()], "muted"))
        pieces.append((token.group(), "accent" if token.group(1) else "ok" if token.group(2) else "warning"))
        position = token.end()
    return [*pieces, (row[position:], "muted")]


def _digest(digest: str, width: int) -> list[Piece]:
    return [(digest if width >= 80 else f"{digest[:12]}…{digest[-12:]}", "")]


def fallen_words(state: State, group_id: str) -> str:
    """Why a plan that is being read cannot be approved any more: somebody was first, or it changed."""
    group = state.group(group_id)
    operation = None if group is None else state.operation(group.operation_id)
    if operation is None:
        return "This plan no longer stands; r makes a new one."
    return f"{operation.operator} was first, at {clock(operation.approved_at)}; esc and o show the operation."
