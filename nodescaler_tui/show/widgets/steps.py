"""An operation step by step: what happened and when, what is still to come, and what can be done."""

from __future__ import annotations

import textwrap
from datetime import datetime
from typing import Final

from textual.content import Content

from nodescaler_tui.show.inked import line, lines
from nodescaler_tui.show.words import clock, countdown, phase_ink
from nodescaler_tui.state import OperationState, StepState

WORDS_BEGIN: Final = 30


def steps_content(operation: OperationState, now: datetime, width: int) -> Content:
    """The whole way, from approved to recorded."""
    happened = [step for step in operation.steps if step.at is not None]
    going_on = happened[-1] if happened and not operation.settled else None
    counted = "" if operation.nodes_now is None else f", {operation.nodes_now} now"
    head = line(
        (f"{operation.from_nodes} → {operation.requested_nodes} nodes{counted}   ", "accent"),
        (operation.phase.value, phase_ink(operation.phase)),
        (f"   by {operation.operator}", "muted"),
    )
    rows = [
        head,
        Content(""),
        *(row for step in operation.steps for row in _step(step, width, goes_on=step is going_on)),
    ]
    if operation.next_step_at is not None:
        rows += [Content(""), line((f"next attempt in {countdown(operation.next_step_at, now)}", "warning"))]
    if operation.advice:
        rows += [Content(""), line((str(operation.advice), "warning"))]
    if operation.decidable_at is not None:
        rows += [line((_decision(operation.decidable_at, now), "warning"))]
    if not operation.settled:
        cancel = "c cancels it before it is sent; " if operation.can_cancel else ""
        rows += [Content(""), line((f"{cancel}esc leaves, it goes on without this window.", "muted"))]
    return lines(*rows)


def _decision(decidable_at: datetime, now: datetime) -> str:
    """When a decision counts, because before that the request may still be under way."""
    if decidable_at > now:
        return f"The request may still be under way; you can decide in {countdown(decidable_at, now)}."
    return "s sends the same again   a it acted   x closes it"


def _step(step: StepState, width: int, *, goes_on: bool) -> list[Content]:
    """One line, and where the words are long more lines under them; the newest is not ticked off while it goes on."""
    if step.at is None:
        return [line(("  ·          ", "muted"), (str(step.title), "muted"))]
    mark, ink = ("✗", "critical") if step.failed else ("▸", "accent") if goes_on else ("✓", "ok")
    first, *others = textwrap.wrap(str(step.detail), max(width - WORDS_BEGIN, 20)) or [""]
    head = line(
        (f"  {mark} ", ink),
        (f"{clock(step.at)} ", "muted"),
        (f"{step.title:<17}", ink if step.failed else "bold"),
        (first, ""),
    )
    return [head, *(line((f"{'':{WORDS_BEGIN}}{row}", "")) for row in others)]
