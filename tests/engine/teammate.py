"""An engine of a team in a process of its own, told by lines on standard input and answering on standard output.

Arguments: a simulation's addresses as JSON, the store's URL, the folder for its own files, and the operator's name. It
says what it sees whenever that changes, one JSON object a line. `approve` approves the first plan that is proposed,
`second` one that somebody else has approved first, and `reject` rejects the first plan. `look` says when the curve of
the first group was measured, as Unix times. `shows plan g` says that a window shows the plan for the group g, `shows
nothing` that it was closed. `ask` is followed by any intent as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

import msgspec
from msgspec.structs import astuple

from nodescaler_tui.decide.signals import SignalName
from nodescaler_tui.engine.assembly import assemble
from nodescaler_tui.engine.core import Engine
from nodescaler_tui.intents import ApprovePlan, Intent, RejectPlan, WatchGroup
from nodescaler_tui.presence_state import InFront, Sight
from nodescaler_tui.state import PlanState
from nodescaler_tui.views import GroupDetail, PlotSize
from tests.engine.teams import team_settings


def say(**what: object) -> None:
    sys.stdout.write(json.dumps({"at": time.time(), **what}, default=str) + "\n")
    sys.stdout.flush()


def seen(engine: Engine) -> dict[str, Any]:
    state = engine.state
    plans = [group.plan for group in state.groups if group.plan is not None]
    return {
        "poller": state.link.poller,
        "polled_at": state.link.polled_at,
        "polls": engine.polls,
        "groups": len(state.groups),
        "plans": sum(group.plan is not None for group in state.groups),
        "writable": state.store.writable,
        "why": state.store.sentence,
        "seq": state.store.events,
        "operations": {operation.id: operation.phase for operation in state.operations},
        "carries": engine.busy,
        "login": str(state.scope.login),
        "present": {each.who: [astuple(shown) for shown in each.in_front] for each in state.present},
        "cpu_critical": None if state.rules.default is None else state.rules.default.matrix.cpu_critical,
        "thresholds_by": None if state.rules.default is None else state.rules.default.by,
        "frozen_by": None if state.rules.freeze is None else state.rules.freeze.by,
        "operators": [operation.operator for operation in state.operations],
        "firsts": [
            plan.two_person.first_operator for plan in plans if plan.two_person is not None and approved_first(plan)
        ],
        "hashes": [plan.hash for plan in plans],
        "told": [group.first_approval for group in state.groups if group.first_approval],
    }


async def tell(engine: Engine) -> None:
    changed, before = engine.listen(), None
    while True:
        await changed.wait()
        changed.clear()
        now = seen(engine)
        if now != before:
            say(**now)
            before = now


async def planned(engine: Engine, enough: Callable[[PlanState], bool]) -> tuple[str, str]:
    """The first group with such a plan, and the plan's hash, once there is one."""
    changed = engine.listen()
    while True:
        for group in engine.state.groups:
            if group.plan is not None and enough(group.plan):
                return group.id, group.plan.hash
        await changed.wait()
        changed.clear()


async def ask(engine: Engine, intent: Intent, operator: str) -> None:
    answer = await engine.ask(intent, operator)
    say(answer=answer.sentence, done=answer.done)


async def look(engine: Engine) -> None:
    group = engine.state.groups[0]
    detail = await engine.look(WatchGroup(group.id, 240, (PlotSize(SignalName.CPU, 80, 12),)), group.id)
    assert isinstance(detail, GroupDetail)
    plot = detail.plots[0]
    begins_s = plot.starts_at.timestamp() if plot.starts_at is not None else 0.0
    say(curve=[begins_s + place * plot.column_s for place, value in enumerate(plot.means) if value is not None])


def shows(engine: Engine, sight: str, group_id: str = "") -> None:
    if sight == "nothing":
        engine.windows.left("window")
    else:
        engine.windows.shows("window", InFront(Sight(sight), group_id))


def approved_first(plan: PlanState) -> bool:
    return plan.two_person is not None and plan.two_person.first_at is not None


async def obey(engine: Engine, operator: str) -> None:
    while line := await asyncio.to_thread(sys.stdin.readline):
        if line in {"approve\n", "second\n"}:
            enough = approved_first if line == "second\n" else lambda _: True
            await ask(engine, ApprovePlan(*await planned(engine, enough)), operator)
        elif line == "reject\n":
            await ask(engine, RejectPlan(*await planned(engine, lambda _: True)), operator)
        elif line == "look\n":
            await look(engine)
        elif line.startswith("shows "):
            shows(engine, *line.split()[1:])
        elif line.startswith("ask "):
            await ask(engine, msgspec.json.decode(line.removeprefix("ask "), type=Intent), operator)
        elif line == "end\n":
            return


async def main(addresses: str, url: str, folder: str, operator: str) -> None:
    engine = await asyncio.to_thread(assemble, team_settings(json.loads(addresses), url, folder))
    tasks = [asyncio.create_task(engine.run()), asyncio.create_task(tell(engine))]
    try:
        await obey(engine, operator)
    finally:
        for task in tasks:
            task.cancel()
        await engine.close()
        sys.stdout.flush()
        os._exit(0)


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
