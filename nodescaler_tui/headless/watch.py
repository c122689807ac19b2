"""`nodescaler-tui watch --plain`: one line for each change, for pipes, logs and screen readers."""

from __future__ import annotations

import argparse
import asyncio
import json
import sys
from contextlib import aclosing
from datetime import UTC, datetime

from nodescaler_tui.engine.attached import AttachedEngine
from nodescaler_tui.engine.client import EngineAway
from nodescaler_tui.headless.attaching import attached, settings_to_watch
from nodescaler_tui.headless.changes import changes
from nodescaler_tui.settings import SettingsError
from nodescaler_tui.state import State
from nodescaler_tui.terminal import MISCONFIGURED, add_metrics_option, add_settings_options
from nodescaler_tui.terminal import main as dashboard
from nodescaler_tui.views import Answer


def main(arguments: list[str]) -> int:
    """Until it is interrupted, or for so many seconds; without `--plain` it is the dashboard."""
    options = _parser().parse_args(arguments)
    if not options.plain:
        return dashboard([argument for argument in arguments if argument != "--json"])
    try:
        settings = settings_to_watch(options)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return MISCONFIGURED
    if settings is None:
        return MISCONFIGURED
    try:
        asyncio.run(_watch(attached(settings), options))
    except TimeoutError:
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="nodescaler-tui watch", description="Watch; with --plain a line a change.")
    add_settings_options(parser)
    add_metrics_option(parser)
    parser.add_argument("--plain", action="store_true", help="one line for each change, on standard output")
    parser.add_argument("--json", action="store_true", help="with --plain: one JSON object for each change")
    parser.add_argument("--seconds", type=float, help="with --plain: stop after so long")
    return parser


async def _watch(engine: AttachedEngine, options: argparse.Namespace) -> None:
    shown, away = State.EMPTY, ""
    async with asyncio.timeout(options.seconds), aclosing(engine.updates()) as updates:
        async for update in updates:
            if isinstance(update, State):
                away = ""
                for words in changes(shown, update):
                    _say(words, as_json=options.json)
                shown = update
            elif isinstance(update, EngineAway) and str(update.sentence) != away:
                away = str(update.sentence)
                _say(away, as_json=options.json)
            elif isinstance(update, Answer) and not update.done:
                sys.stderr.write(f"{update.sentence}\n")


def _say(words: str, *, as_json: bool) -> None:
    """One line, at once: whoever reads it through a pipe waits for it."""
    now = datetime.now(UTC)
    document = {"at": now.isoformat(), "change": words}
    sys.stdout.write((json.dumps(document, ensure_ascii=False) if as_json else f"{_clock(now)}  {words}") + "\n")
    sys.stdout.flush()


def _clock(now: datetime) -> str:
    return f"{now.astimezone():%Y-%m-%d %H:%M:%S}"
