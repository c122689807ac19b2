"""The table of the proof: what was done, what came of it, and whether that is what was promised."""

from __future__ import annotations

import argparse
import os
import platform
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from benchmarks.team_proof.chaos import POLLS_MEASURED, Plan, Survived
from benchmarks.team_proof.checker import Promise
from benchmarks.team_proof.cuts import BrokenOff
from benchmarks.team_proof.evidence import Evidence
from benchmarks.team_proof.measures import Spans
from benchmarks.team_proof.races import Raced
from benchmarks.team_proof.trouble import Kind
from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.act.receiver import Repeats

HEADER: Final = "| what | found | promised | held |\n| --- | --- | --- | --- |"
MARKS: Final = {True: "yes", False: "**no**", None: "–"}
LEASE_GOAL_S: Final = 6.0
SCREEN_GOAL_S: Final = 1.0
A_POLL_IN_PART: Final = 1 + 1 / POLLS_MEASURED
"""A poll that had begun when they were counted is counted with them."""

MOST_TOLD: Final = 20


@dataclass(frozen=True, slots=True)
class Row:
    """One line; `held` is None where nothing was promised. `problems` are told below the table."""

    what: str
    found: str
    promised: str = "–"
    held: bool | None = None
    problems: tuple[str, ...] = ()

    def __str__(self) -> str:
        return f"| {self.what} | {self.found} | {self.promised} | {MARKS[self.held]} |"


def rows_of_races(raced: Raced) -> list[Row]:
    """Who approved at the same instant."""
    problems = tuple(raced.problems)
    sends = raced.sends[1]
    more = sum(count for times, count in raced.sends.items() if times > 1)
    sent = f"{sends:,} plans once, {more:,} more than once, {raced.plans - sends - more:,} never"
    what = (
        "approval races: each plan by 2 to 8 of eight processes with the engine's own gate, ledger, lease and "
        "sessions; half of the plans the same one for all, half each one's own for the same group"
    )
    return [
        Row(
            what,
            f"{raced.plans:,} plans, {raced.one_winner:,} with one winner ({raced.seconds:.0f} s)",
            "one winner each",
            raced.one_winner == raced.plans,
            problems,
        ),
        Row("what the receiver got of them", sent, "each once", sends == raced.plans),
        Row(
            "whoever was second is told who was first",
            f"{raced.told_who:,} of {raced.losers:,}",
            "all",
            raced.told_who == raced.losers,
        ),
        Row("first and last began to approve apart", str(raced.apart)),
        Row("one approval or refusal, confirmed, with all the others", str(raced.took)),
    ]


def rows_of_cuts(cuts: BrokenOff) -> list[Row]:
    """Where connections were cut one after the other."""
    found = (
        f"{cuts.cuts} cuts: {cuts.approved} approvals in the chain, {cuts.told_approved} of them told at once; "
        f"{len(cuts.problems)} broken promises"
    )
    what = "an approval and its send, cut at each protocol message, both ways, before and after it was passed on"
    return [Row(what, found, "0 broken promises", not cuts.problems, tuple(cuts.problems))]


def rows_of_chaos(survived: Survived, plan: Plan, *, server_has_a_clock: bool) -> list[Row]:
    """What the team was put through, what it kept, and what was measured."""
    return [
        _work(survived.evidence),
        *_troubles(survived, plan, server_has_a_clock=server_has_a_clock),
        *_promises(survived),
        *_measured(survived, plan),
    ]


def _work(evidence: Evidence) -> Row:
    operations = Ledger(evidence.events).operations()
    kinds = {
        words: sum(each.acted for each in evidence.delivered if each.repeats == repeats.value)
        for words, repeats in (("recognises repeats", Repeats.DEDUPLICATES), ("acts on every call", Repeats.FIRES))
    }
    effects = ", ".join(f"{count:,} effects where the receiver {words}" for words, count in kinds.items())
    found = (
        f"{len(operations):,} operations, {len(evidence.events):,} events, {len(evidence.delivered):,} requests to the "
        f"receivers; {effects}"
    )
    return Row("work that was done meanwhile", found)


def _troubles(survived: Survived, plan: Plan, *, server_has_a_clock: bool) -> list[Row]:
    told = ", ".join(f"{survived.troubles[kind]} × {kind}" for kind in Kind if survived.troubles[kind])
    rows = [Row(f"trouble for {plan.instances} engines in {plan.minutes:g} minutes", told or "none")]
    if not server_has_a_clock:
        rows.append(Row("clock of the server ±1 h", "not done: there is no C compiler (`cc`)"))
    return rows


def _promises(survived: Survived) -> list[Row]:
    evidence = survived.evidence
    out_of = {
        Promise.DOUBLE_SEND: f" of {len(evidence.delivered):,} requests",
        Promise.LOST_EVENT: f" of {len(evidence.confirmed):,} confirmed commits",
        Promise.LOST_APPROVAL: f" of {len(evidence.told):,} that operators were told of",
        Promise.OLD_TOKEN: f" of {sum(entry.is_observation for entry in evidence.record):,} observations",
        Promise.TOKEN_FELL: f" of {sum(not entry.is_observation for entry in evidence.record):,} changes of hands",
        Promise.NOT_SETTLED: f" of {len(Ledger(evidence.events).operations()):,} operations",
    }
    rows = []
    for promise in Promise:
        broken = tuple(each for each in survived.problems if each.startswith(f"{promise}: "))
        rows.append(Row(promise.value, f"{len(broken)}{out_of.get(promise, '')}", "0", not broken, broken))
    others = tuple(each for each in survived.problems if not each.startswith(tuple(f"{name}: " for name in Promise)))
    found = f"after {survived.recovered_s:.0f} s; {survived.checks} checks on the way, {len(others)} other problems"
    return [
        *rows,
        Row("`audit verify` at the end", "intact" if survived.verified else "not intact", "intact", survived.verified),
        Row("all settled, and each screen follows, once nothing is in the way", found, "all", not others, others),
    ]


def _measured(survived: Survived, plan: Plan) -> list[Row]:
    alone, together = survived.alone, survived.together
    return [
        _within("takeover of polling, until another one holds the lease", survived.lease, LEASE_GOAL_S),
        Row("until its first observation is in the store", str(survived.reading)),
        _within("takeover of operations, until another one has written so", survived.operations, LEASE_GOAL_S),
        _within(
            "an observation on the other screens, after the poller's own, in quiet",
            survived.observations,
            SCREEN_GOAL_S,
        ),
        _within("an event on the other screens, after its commit, in quiet", survived.events, SCREEN_GOAL_S),
        Row(
            "requests to Genesys in a minute",
            f"{alone.a_minute:.0f} with 1 instance ({alone.a_poll:.1f} a poll), {together.a_minute:.0f} with "
            f"{plan.instances} ({together.a_poll:.1f} a poll)",
            "no more a poll",
            together.a_poll <= alone.a_poll * A_POLL_IN_PART,
        ),
    ]


def _within(what: str, spans: Spans, goal_s: float) -> Row:
    held = max(spans.seconds) <= goal_s if spans.seconds else None
    return Row(what, str(spans), f"≤ {goal_s:g} s", held)


def table(rows: Sequence[Row], options: argparse.Namespace, load: float, server: str) -> str:
    """Everything as Markdown."""
    head = (
        f"Measured on {time.strftime('%Y-%m-%d')}: {options.groups:,} groups polled every {options.poll:g} s, seed "
        f"{options.seed}. {os.cpu_count()} cores, Python {platform.python_version()}, PostgreSQL {server} on the same "
        f"machine with its default settings; niceness {os.nice(0)}, load {load:.1f} before and "
        f"{os.getloadavg()[0]:.1f} after."
    )
    problems = [problem for row in rows for problem in row.problems]
    told = ["", "What was broken:", *(f"- {problem}" for problem in problems[:MOST_TOLD])] if problems else []
    return "\n".join([head, "", HEADER, *map(str, rows), *told]) + "\n"
