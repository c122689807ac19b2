"""`nodescaler-tui record`: write what is observed and done into a file, until it is interrupted or for so long."""

from __future__ import annotations

import argparse
import asyncio
import signal
import sys
from contextlib import aclosing, suppress

from nodescaler_tui.engine.attached import AttachedEngine
from nodescaler_tui.headless.attaching import attached, settings_to_watch
from nodescaler_tui.intents import StartRecording, StopRecording
from nodescaler_tui.settings import SettingsError
from nodescaler_tui.state import LinkStatus, State
from nodescaler_tui.terminal import MISCONFIGURED, add_settings_options
from nodescaler_tui.views import Answer

FAILED = 1
ANSWER_WITHIN_S = 10.0


def main(arguments: list[str]) -> int:
    """Exit code 0 when something was recorded."""
    options = _parser().parse_args(arguments)
    try:
        settings = settings_to_watch(options)
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return MISCONFIGURED
    return MISCONFIGURED if settings is None else asyncio.run(_record(attached(settings), options.seconds))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="nodescaler-tui record",
        description="Record what is observed and done, for `nodescaler-tui replay`. ctrl-c ends it.",
    )
    add_settings_options(parser)
    parser.add_argument("--seconds", type=float, help="stop after so long")
    return parser


async def _record(engine: AttachedEngine, seconds: float | None) -> int:
    stop, answers, ready = asyncio.Event(), asyncio.Queue[Answer](), asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    listening = asyncio.create_task(_listen(engine, answers, ready))
    try:
        await ready.wait()
        engine.send(StartRecording())
        begun = await answers.get()
        sys.stderr.write(f"{begun.sentence}\n")
        if not begun.done:
            return FAILED
        with suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), seconds)
        engine.send(StopRecording())
        ended = await asyncio.wait_for(answers.get(), ANSWER_WITHIN_S)
        sys.stdout.write(f"{ended.sentence}\n")
        return 0 if ended.done else FAILED
    finally:
        listening.cancel()


async def _listen(engine: AttachedEngine, answers: asyncio.Queue[Answer], ready: asyncio.Event) -> None:
    async with aclosing(engine.updates()) as updates:
        async for update in updates:
            if isinstance(update, State) and update.link.status is not LinkStatus.CONNECTING:
                ready.set()
            elif isinstance(update, Answer) and ready.is_set():
                await answers.put(update)
