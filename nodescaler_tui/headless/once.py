"""`nodescaler-tui once`: one iteration from the command line, for a person at a prompt or for a script."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from datetime import UTC, datetime

from nodescaler_tui.engine.assembly import assemble
from nodescaler_tui.engine.journal_opening import journal_to_read
from nodescaler_tui.events import Event, JournalUnavailable
from nodescaler_tui.headless.iteration import ExitCode, Iteration, Result, Word
from nodescaler_tui.headless.report import document, group_lines, operation_lines, plan_lines
from nodescaler_tui.identity import operator_name
from nodescaler_tui.observe.connection import UnusableAddress
from nodescaler_tui.settings import Settings, SettingsError, load_settings
from nodescaler_tui.settings.places import make_private
from nodescaler_tui.state import ConfirmationKind, GroupState, PlanState
from nodescaler_tui.terminal import add_settings_options, sources_from


def main(arguments: list[str]) -> int:
    """Run one iteration; the exit code says what it came to."""
    options = _parser().parse_args(arguments)
    try:
        settings = load_settings(sources_from(options))
        missing = settings.missing()
        if missing:
            wanted = "".join(f"  {name}  {purpose}\n" for name, purpose in missing)
            sys.stderr.write(f"Still needed:\n{wanted}`nodescaler-tui check` tells more.\n")
            return ExitCode.CONFIGURATION
        make_private(settings.paths.state_dir)
        return run(settings, options)
    except (SettingsError, UnusableAddress) as error:
        sys.stderr.write(f"{error}\n")
        return ExitCode.CONFIGURATION


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nodescaler-tui once",
        description="Watch, decide, plan, ask, scale, verify, record: once, without a screen.",
        epilog="exit codes: 0 nothing to do or verified, 2 configuration, 3 proposed and not approved, "
        "4 in doubt, 5 failed, 6 Genesys Cloud cannot be reached",
    )
    add_settings_options(parser)
    parser.add_argument("--group", default="", help="only this node group, by id or name")
    parser.add_argument("--approve", action="store_true", help="approve, without asking, what a breach calls for")
    parser.add_argument("--reason", default="", help="why, for the journal; needed with --approve")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    return parser


def run(settings: Settings, options: argparse.Namespace) -> int:
    """One iteration with these settings."""
    if options.approve and not options.reason.strip():
        sys.stderr.write("--approve needs --reason: what a script approves must say why.\n")
        return ExitCode.CONFIGURATION
    prompt = _Prompt(options)
    result = asyncio.run(_iterate(settings, options, prompt))
    now = datetime.now(UTC)
    if options.json:
        json.dump(document(result, _events(settings), now), sys.stdout, indent=2, ensure_ascii=False)
        sys.stdout.write("\n")
    else:
        sys.stdout.write(_words(result, now, shown=prompt.asked))
    return int(result.code)


async def _iterate(settings: Settings, options: argparse.Namespace, prompt: _Prompt) -> Result:
    engine = await asyncio.to_thread(assemble, settings)
    try:
        return await Iteration(engine, options.group, ask=prompt, operator=operator_name()).run()
    finally:
        await engine.close()


def _events(settings: Settings) -> list[Event]:
    try:
        return list(journal_to_read(settings).read())
    except JournalUnavailable as error:
        sys.stderr.write(f"{error}\n")
        return []


class _Prompt:
    """Asks on the terminal, or answers as the command line said. Narration goes to standard error."""

    def __init__(self, options: argparse.Namespace) -> None:
        self._options = options
        self.asked = False

    def __call__(self, group: GroupState) -> Word:
        plan = group.plan
        if plan is None:
            return Word(approves=False)
        if self._options.approve and plan.on_forecast:
            sys.stderr.write("A plan on a forecast is not approved without asking: nothing is critical yet.\n")
            return Word(approves=False)
        if self._options.approve:
            return Word(approves=True, typed=expected_typing(group, plan), reason=self._options.reason)
        if not sys.stdin.isatty():
            return Word(approves=False)
        self.asked = True
        sys.stderr.write(group_lines(group, datetime.now(UTC)) + plan_lines(group, plan))
        return _ask(group, plan)


def expected_typing(group: GroupState, plan: PlanState) -> str:
    """What the plan's confirmation wants typed; the script's reason stands for the attention."""
    return {
        ConfirmationKind.KEY: "",
        ConfirmationKind.TYPE_REQUESTED_NODES: str(plan.requested_nodes),
        ConfirmationKind.TYPE_GROUP_NAME: str(group.name),
    }[plan.confirmation]


def _ask(group: GroupState, plan: PlanState) -> Word:
    """`yes` in policy; beyond it the number or the name, and a reason."""
    if plan.confirmation is ConfirmationKind.KEY:
        return Word(approves=_line("\nApprove exactly this? Type yes: ") == "yes")
    sys.stderr.write(f"\nBeyond policy: {plan.confirmation_why}.\n")
    typed = _line(f"To approve, {plan.confirmation.value} ({expected_typing(group, plan)}): ")
    return Word(approves=bool(typed), typed=typed, reason=_line("Why: ") if typed else "")


def _line(question: str) -> str:
    sys.stderr.write(question)
    sys.stderr.flush()
    return sys.stdin.readline().strip()


def _words(result: Result, now: datetime, *, shown: bool) -> str:
    groups = [result.group] if result.group is not None else list(result.state.groups)
    text = "" if shown else "".join(group_lines(group, group.read_at or now) for group in groups)
    text += "".join(f"! {problem}\n" for problem in result.state.link.problems)
    if result.group is not None and result.group.plan is not None and not shown:
        text += plan_lines(result.group, result.group.plan)
    if result.answer is not None and not result.answer.done:
        text += f"\nNot approved: {result.answer.sentence}\n" + "".join(f"  {c}\n" for c in result.answer.changes)
    if result.answer is not None and result.answer.done and result.operation is None:
        text += f"\n{result.answer.sentence}\n"
    if result.operation is not None:
        text += operation_lines(result.operation)
    endings = {
        ExitCode.NOT_APPROVED: "\nProposed and not approved; nothing was sent.\n",
        ExitCode.UNREACHABLE: "\nGenesys Cloud cannot be reached; nothing was decided.\n",
    }
    return text + endings.get(result.code, "")
