"""Gates: every precondition of sending, and which of them an operator may break the glass of.

An override is marked in the plan, so it is hashed, confirmed by more than a key, and kept in the journal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from nodescaler_tui.act.freeze import DeclaredFreeze
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.pause import Pause
from nodescaler_tui.act.receiver import WebhookReceiver
from nodescaler_tui.decide.clock_skew import ComparedClock, clock_gate
from nodescaler_tui.decide.decision import Situation, step
from nodescaler_tui.decide.freeze import Freeze, FreezeWindow, freeze_now
from nodescaler_tui.decide.plan import Gate, Override
from nodescaler_tui.decide.two_person import NO_RULE, TwoPersonRule
from nodescaler_tui.decide.wording import duration

HOUR: Final = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Caps:
    """The most nodes that one step may add, and the most that all groups together may add within an hour."""

    nodes_per_step: int
    nodes_per_hour: int


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What a plan depends on besides the group: the receiver, the house's rules, and whether anything may be sent.

    `clock` is this host's against a shared store's; None for an engine that is alone, with nothing to compare it with.
    `two_person` is this machine's own rule, on honour; that of a shared store is in its journal.
    """

    receiver: WebhookReceiver | None
    receiver_problem: str
    store_problem: str
    read_only: bool
    dry_run: bool
    caps: Caps
    freezes: tuple[FreezeWindow, ...] = ()
    clock: ComparedClock | None = None
    two_person: TwoPersonRule = NO_RULE


@dataclass(frozen=True, slots=True)
class Standing:
    """What the journal and the calendar say now about a group and the receiver."""

    pause: Pause | None
    freeze: Freeze | None
    nodes_last_hour: int
    circuit_opens_for_s: float
    journal_problem: str = ""
    declared_freeze: DeclaredFreeze | None = None


def standing_of(ledger: Ledger, group_id: str, circumstances: Circumstances, now: datetime) -> Standing:
    """How a group and the receiver stand now."""
    receiver = circumstances.receiver
    return Standing(
        pause=ledger.pause(group_id, now),
        freeze=freeze_now(circumstances.freezes, now),
        nodes_last_hour=ledger.nodes_asked_for_since(now - HOUR),
        circuit_opens_for_s=0.0 if receiver is None else ledger.breaker_opens_for_s(receiver.name, now),
        journal_problem=ledger.problem,
        declared_freeze=ledger.freeze(now),
    )


def requested_nodes(situation: Situation, count: int, caps: Caps, overrides: frozenset[Override]) -> int:
    """The decision's step, cut to the matrix's maximum and to the cap on one step unless these are overridden."""
    added = step(count)
    if Override.STEP_CAP not in overrides:
        added = min(added, caps.nodes_per_step)
    wanted = count + added
    return wanted if Override.MAXIMUM in overrides else max(count, min(wanted, situation.matrix.max_nodes))


def gates(
    situation: Situation,
    circumstances: Circumstances,
    standing: Standing,
    step_nodes: tuple[int, int],
    overrides: frozenset[Override],
) -> tuple[Gate, ...]:
    """Every precondition of sending, in the order in which an operator would ask; `step_nodes` is from and to."""
    receiver = Gate("receiver", circumstances.receiver is not None, circumstances.receiver_problem or "configured")
    held = tuple(
        _held(override, sentence, overridden=override in overrides)
        for override, sentence in _held_back(situation, circumstances, standing, step_nodes).items()
    )
    return (
        Gate("in flight", situation.pending_nodes == 0, "no other operation on this group"),
        *held,
        receiver,
        _circuit(standing),
        _journal(circumstances.store_problem or standing.journal_problem),
        *(() if circumstances.clock is None else (clock_gate(circumstances.clock),)),
        Gate("mode", not circumstances.read_only, _mode(circumstances)),
    )


def _held(override: Override, sentence: str, *, overridden: bool) -> Gate:
    if not sentence:
        return Gate(override.value, passed=True, sentence="holds nothing back")
    return Gate(override.value, passed=overridden, sentence=sentence, overridden=overridden)


def obstacles(
    situation: Situation, circumstances: Circumstances, standing: Standing, count: int
) -> frozenset[Override]:
    """What breaking the glass would override now."""
    step_nodes = (count, count + step(count))
    return frozenset(
        override
        for override, sentence in _held_back(situation, circumstances, standing, step_nodes).items()
        if sentence
    )


def _held_back(
    situation: Situation, circumstances: Circumstances, standing: Standing, step_nodes: tuple[int, int]
) -> dict[Override, str]:
    """Each gate that can be overridden, with why it is closed; empty when it is open."""
    caps, (count, requested) = circumstances.caps, step_nodes
    added, asked = requested - count, standing.nodes_last_hour
    cooling_s, most = situation.cooldown_remaining_s, situation.matrix.max_nodes
    pause = standing.pause
    return {
        Override.COOLDOWN: f"{duration(cooling_s)} left" if cooling_s > 0 else "",
        Override.PAUSE: "" if pause is None else f"by {pause.operator} until {_until(pause.until)}: {pause.reason}",
        Override.FREEZE: _frozen(standing),
        Override.HOURLY_CAP: (
            f"{asked} nodes were asked for within the hour, {added} more would pass {caps.nodes_per_hour}"
            if asked + added > caps.nodes_per_hour
            else ""
        ),
        Override.STEP_CAP: f"{added} nodes, at most {caps.nodes_per_step}" if added > caps.nodes_per_step else "",
        Override.MAXIMUM: f"{requested} nodes, at most {most}" if requested > most else "",
    }


def _frozen(standing: Standing) -> str:
    """Which freeze holds, and from where it comes: an operator's word for all, or this host's own file."""
    window, declared = standing.freeze, standing.declared_freeze
    by_word = "" if declared is None else f"by {declared.operator} until {_until(declared.until)}: {declared.reason}"
    by_file = "" if window is None else f"“{window.name}” until {_until(window.until)}, by this host's file"
    return "; ".join(sentence for sentence in (by_word, by_file) if sentence)


def _until(moment: datetime) -> str:
    return f"{moment.astimezone():%a %H:%M}"


def _circuit(standing: Standing) -> Gate:
    left_s = standing.circuit_opens_for_s
    sentence = f"the receiver failed again and again; it is asked again in {duration(left_s)}" if left_s else "closed"
    return Gate("circuit breaker", left_s == 0, sentence)


def _journal(problem: str) -> Gate:
    return Gate("journal", not problem, problem or "can be written")


def _mode(circumstances: Circumstances) -> str:
    if circumstances.read_only:
        return "read-only: nothing can be approved"
    return "dry run: nothing will be sent" if circumstances.dry_run else "may send"
