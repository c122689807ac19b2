"""The trial: `nodescaler-tui check` in a process of its own, with what was typed in its environment.

Neither the SDK nor an HTTP client is imported here, and nothing secret is in an argument. What the check prints is
taken for text from outside.
"""

from __future__ import annotations

import asyncio
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Mapping, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Final

from nodescaler_tui.display_text import display_text
from nodescaler_tui.show.setup import Finding, Mark

WITHIN_S: Final = 90.0
MOST_LINES: Final = 200
LONGEST_LINE_BYTES: Final = 64 * 1024
LONGEST_SENTENCE: Final = 600
CHECK: Final = ("-m", "nodescaler_tui", "check")
TRIAL: Final = display_text("trial")
FAILED: Final = frozenset({1, 2})
_MARKS: Final = {"ok": Mark.OK, "note": Mark.NOTE, "FAIL": Mark.WRONG}
_MARK_WIDTH: Final = 6
_NAME_WIDTH: Final = 17


async def try_out(
    environment: Mapping[str, str],
    config_file: Path | None,
    secrets: Sequence[str] = (),
    *,
    command: Sequence[str] = CHECK,
    within_s: float = WITHIN_S,
) -> AsyncGenerator[Finding, None]:
    """Each line of the check as it is printed, then one about the whole. The process ends with this at the latest."""
    where = () if config_file is None else ("--config", str(config_file))
    try:
        process = await _start([*command, *where], environment)
    except OSError as error:
        yield _about(f"It cannot be started: {error.strerror}.")
        return
    give_up_at = time.monotonic() + within_s
    try:
        async with aclosing(_lines(process, give_up_at)) as lines:
            async for line in lines:
                yield _finding(_without(secrets, line))
        yield _conclusion(await asyncio.wait_for(process.wait(), max(give_up_at - time.monotonic(), 0.1)))
    except TimeoutError:
        yield _about(f"Given up after {within_s:g} s.")
    except ValueError:
        yield _about("It printed what no check prints.")
    finally:
        await _end(process)


async def _start(arguments: Sequence[str], environment: Mapping[str, str]) -> Process:
    return await asyncio.create_subprocess_exec(
        sys.executable,
        *arguments,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL,
        env=dict(environment),
        limit=LONGEST_LINE_BYTES,
        start_new_session=True,
    )


async def _lines(process: Process, give_up_at: float) -> AsyncGenerator[str, None]:
    assert process.stdout is not None  # noqa: S101 - it was asked for
    for _ in range(MOST_LINES):
        line = await asyncio.wait_for(process.stdout.readline(), max(give_up_at - time.monotonic(), 0.0))
        if not line:
            return
        yield line.decode(errors="replace").rstrip("\n")
    raise ValueError("more lines than a check prints")


def _without(secrets: Sequence[str], line: str) -> str:
    for secret in secrets:
        line = line.replace(secret, "[secret]")
    return line


def _finding(line: str) -> Finding:
    """A line of the check; one of another form is a note."""
    mark = _MARKS.get(line[:_MARK_WIDTH].strip())
    if mark is None:
        return Finding(Mark.NOTE, display_text(""), display_text(line.strip(), LONGEST_SENTENCE))
    name, _, sentence = line[_MARK_WIDTH:].partition("  ")
    if not sentence:
        name, sentence = line[_MARK_WIDTH:][:_NAME_WIDTH], line[_MARK_WIDTH + _NAME_WIDTH :]
    return Finding(mark, display_text(name.strip(), 40), display_text(sentence.strip(), LONGEST_SENTENCE))


def _conclusion(code: int) -> Finding:
    if code in FAILED:
        return _about("Not yet: see the lines marked ✗.")
    if code != 0:
        return _about(f"It ended unexpectedly, with {code}.")
    return Finding(Mark.OK, TRIAL, display_text("Everything that is needed is there."))


def _about(sentence: str) -> Finding:
    """What went wrong with the trial itself."""
    return Finding(Mark.WRONG, TRIAL, display_text(sentence))


async def _end(process: Process) -> None:
    if process.returncode is None:
        process.kill()
    await process.wait()
