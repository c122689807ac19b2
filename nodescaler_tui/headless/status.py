"""`nodescaler-tui status`: the fleet in a few lines or as JSON, with an exit code for cron and monitoring.

The codes are those that monitoring plugins have agreed on: 0 ok, 1 warning, 2 critical, 3 unknown.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import math
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, suppress
from datetime import UTC, datetime
from enum import IntEnum
from typing import Any, Final

from nodescaler_tui.decide.forecast.outlook import HORIZONS_S
from nodescaler_tui.engine.attached import AttachedEngine
from nodescaler_tui.engine.client import Update
from nodescaler_tui.headless.attaching import attached, settings_to_watch
from nodescaler_tui.headless.report import group_lines, two_person_document
from nodescaler_tui.intents import ForecastNow
from nodescaler_tui.outlook_state import CrossingState
from nodescaler_tui.settings import SettingsError
from nodescaler_tui.state import GroupState, LinkStatus, OperationState, OutlookState, Severity, State
from nodescaler_tui.terminal import add_settings_options
from nodescaler_tui.views import Answer

ANSWER_WITHIN_S: Final = 60.0

FORECASTS_WITHIN_S: Final = 20.0
"""For so long the forecasts are waited for once the fleet was read; what is not there by then is left out."""


class StatusCode(IntEnum):
    """What monitoring is told."""

    OK = 0
    WARNING = 1
    CRITICAL = 2
    UNKNOWN = 3


_CODES: Final = {
    Severity.CRITICAL: StatusCode.CRITICAL,
    Severity.WARNING: StatusCode.WARNING,
    Severity.UNKNOWN: StatusCode.UNKNOWN,
    Severity.OK: StatusCode.OK,
}
_WORST_FIRST: Final = (Severity.CRITICAL, Severity.WARNING, Severity.UNKNOWN, Severity.OK)


def main(arguments: list[str]) -> int:
    """One look at the fleet; the exit code is its worst severity."""
    options = _parser().parse_args(arguments)
    try:
        settings = settings_to_watch(options)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return StatusCode.UNKNOWN
    if settings is None:
        return StatusCode.UNKNOWN
    try:
        state = asyncio.run(_one_look(attached(settings), options.within))
    except TimeoutError:
        sys.stderr.write(f"Nothing could be read within {options.within:g} s.\n")
        return StatusCode.UNKNOWN
    sys.stdout.write(as_json(state) if options.json else as_text(state))
    return status_code(state)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nodescaler-tui status",
        description="One look at the fleet.",
        epilog="exit codes: 0 ok, 1 warning, 2 critical, 3 unknown",
    )
    add_settings_options(parser)
    parser.add_argument("--json", action="store_true", help="one JSON document")
    parser.add_argument("--within", type=float, default=ANSWER_WITHIN_S, help="seconds to wait for the first readings")
    return parser


async def _one_look(engine: AttachedEngine, within_s: float) -> State:
    """The fleet as it is read first, with what is expected of it. Raises TimeoutError when nothing can be read.

    An engine that has just begun forecasts nothing by itself until it has read again; then it is asked to.
    """
    give_up_at = asyncio.get_running_loop().time() + within_s
    async with aclosing(engine.updates()) as updates:
        async with asyncio.timeout_at(give_up_at):
            state = await _first_read(updates)
        if all(group.outlook is not None for group in state.groups):
            return state
        return await _looked_ahead(engine.send(ForecastNow()), updates, state, give_up_at)


async def _first_read(updates: AsyncIterator[Update]) -> State:
    """The first State that says whether Genesys answers."""
    async for update in updates:
        if isinstance(update, State) and update.link.status is not LinkStatus.CONNECTING:
            return update
    raise TimeoutError


async def _looked_ahead(request: int, updates: AsyncIterator[Update], read: State, give_up_at: float) -> State:
    """The State that shows what came of this request, or the newest that there is when that takes too long."""
    newest, wanted = read, math.inf
    soonest = min(give_up_at, asyncio.get_running_loop().time() + FORECASTS_WITHIN_S)
    with suppress(TimeoutError):
        async with asyncio.timeout_at(soonest):
            async for update in updates:
                if isinstance(update, State):
                    newest = update
                elif isinstance(update, Answer) and update.request == request:
                    wanted = update.revision
                if newest.revision >= wanted:
                    break
    return newest


def status_code(state: State) -> StatusCode:
    """The worst severity; a link that is lost, or a fleet without groups, is unknown and never ok."""
    severities = {group.severity for group in state.groups}
    if state.link.status is LinkStatus.LOST:
        severities.add(Severity.UNKNOWN)
    worst = next((severity for severity in _WORST_FIRST if severity in severities), Severity.UNKNOWN)
    return _CODES[worst]


def as_text(state: State) -> str:
    """The worst first; a first line that monitoring can show by itself."""
    counts = {severity: sum(1 for group in state.groups if group.severity is severity) for severity in _WORST_FIRST}
    words = ", ".join(f"{count} {severity.value.lower()}" for severity, count in counts.items() if count)
    head = f"{status_code(state).name}: {words or 'no node group is known'}; Genesys: {state.link.status.value}\n"
    problems = "".join(f"! {problem}\n" for problem in state.link.problems)
    now = datetime.now(UTC)
    ordered = sorted(state.groups, key=lambda group: (_WORST_FIRST.index(group.severity), str(group.name)))
    return head + problems + "".join(group_lines(group, group.read_at or now) for group in ordered)


def as_json(state: State) -> str:
    """The same for a program; null is unknown, never zero."""
    document = {
        "status": status_code(state).name.lower(),
        "link": state.link.status.value,
        "polled_at": None if state.link.polled_at is None else state.link.polled_at.isoformat(),
        "problems": [str(problem) for problem in state.link.problems],
        "groups": [_group(group) for group in state.groups],
        "operations": [_operation(operation) for operation in state.operations if not operation.settled],
        "team": _team(state) if state.in_team else None,
    }
    return json.dumps(document, indent=2, ensure_ascii=False) + "\n"


def _team(state: State) -> dict[str, Any]:
    """Who polls, how our own clock is off, and who else is here; clocks in whole seconds ahead of the store's."""
    return {
        "poller": str(state.link.poller),
        "clock": str(state.store.clock) or None,
        "present": [
            {
                "who": each.who,
                "clock_off_s": each.clock_off_s,
                "in_front": [{"sight": shown.sight.value, "group": shown.group_id or None} for shown in each.in_front],
            }
            for each in state.present
        ],
    }


def _group(group: GroupState) -> dict[str, Any]:
    return {
        "id": group.id,
        "name": str(group.name),
        "severity": group.severity.value.lower(),
        "sentence": str(group.sentence),
        "nodes": group.counts.in_service,
        "max_nodes": group.matrix.max_nodes,
        "signals": {
            signal.name.value: {
                "value": signal.value,
                "level": signal.level.value.lower(),
                "sampled_at": None if signal.sampled_at is None else signal.sampled_at.isoformat(),
            }
            for signal in group.signals
        },
        "proposed_nodes": None if group.plan is None else group.plan.requested_nodes,
        "two_person": two_person_document(group.plan),
        "first_approval": str(group.first_approval) or None,
        "outlook": None if group.outlook is None else _outlook(group.outlook),
    }


def _operation(operation: OperationState) -> dict[str, Any]:
    """One that is open; `operator` names everybody whose approval it took."""
    return {
        "id": operation.id,
        "group_id": operation.group_id,
        "phase": operation.phase.value,
        "operator": str(operation.operator),
        "approved_at": operation.approved_at.isoformat(),
    }


def _outlook(outlook: OutlookState) -> dict[str, Any]:
    """The next hour; a signal without enough history has nothing but the reason."""
    return {
        "made_at": outlook.made_at.isoformat(),
        "seconds_ahead": list(HORIZONS_S),
        "signals": {
            signal.signal.value: {
                "why": str(signal.why),
                "doubt": str(signal.doubt) or None,
                "alert": signal.alert,
                "expected": signal.expected or None,
                "lowest": signal.lowest or None,
                "highest": signal.highest or None,
                "warning": _crossing(signal.warning),
                "critical": _crossing(signal.critical),
            }
            for signal in outlook.signals
        },
    }


def _crossing(crossing: CrossingState | None) -> dict[str, Any] | None:
    if crossing is None:
        return None
    moments = {
        "earliest_at": crossing.earliest_at,
        "expected_at": crossing.expected_at,
        "latest_at": crossing.latest_at,
    }
    return {
        "limit": crossing.limit,
        "reached": crossing.reached,
        "probability": crossing.within,
        **{name: None if moment is None else moment.isoformat() for name, moment in moments.items()},
    }
