"""Panes: two real terminals side by side in tmux, keys typed into them, what they show, and a picture of both."""

from __future__ import annotations

import io
import os
import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from rich.ansi import AnsiDecoder
from rich.console import Console
from rich.text import Text

WIDTH, HEIGHT = 80, 24
FONTS_FROM_ELSEWHERE: Final = re.compile(r"\s*@font-face \{.*?\}\n", re.DOTALL)
COMMENT: Final = re.compile(r"\s*<!-- Generated with .*?-->")
LOOK_EVERY_S: Final = 0.1


class NeverShown(Exception):  # noqa: N818 - it says what happened
    """What was waited for did not come onto the screen."""


@dataclass(frozen=True, slots=True)
class Pane:
    """One terminal in tmux."""

    tmux: tuple[str, ...]
    name: str

    def type(self, *keys: str) -> None:
        """Press these keys, by their names in tmux."""
        _run(*self.tmux, "send-keys", "-t", self.name, *keys)

    def text(self) -> str:
        """What it shows, without colours."""
        return _run(*self.tmux, "capture-pane", "-p", "-t", self.name)

    def coloured(self) -> list[Text]:
        """The same with its colours, line by line: a colour holds until the next, also across lines."""
        lines = _run(*self.tmux, "capture-pane", "-e", "-N", "-p", "-t", self.name).removesuffix("\n")
        return [_as_wide(line) for line in AnsiDecoder().decode(lines)]

    def until(self, *words: str, within_s: float) -> str:
        """Wait until all of these words are on the screen. Raises NeverShown."""
        return self.when(lambda text: all(word in text for word in words), " and ".join(words), within_s)

    def when(self, holds: Callable[[str], bool], what: str, within_s: float) -> str:
        """Wait until this holds of the screen's text. Raises NeverShown."""
        give_up_at = time.monotonic() + within_s
        while not holds(text := self.text()):
            if time.monotonic() > give_up_at:
                raise NeverShown(f"{self.name} did not show {what} within {within_s:g} s but:\n{text}")
            time.sleep(LOOK_EVERY_S)
        return text


@contextmanager
def pane(folder: Path, name: str, program: Sequence[str], environment: Mapping[str, str]) -> Iterator[Pane]:
    """A terminal in which this program runs in exactly this environment, until the block ends."""
    tmux = ("tmux", "-S", str(folder / f"{name}.tmux"), "-f", os.devnull)
    settings = [f"{key}={value}" for key, value in environment.items()]
    command = shlex.join(["env", "-i", *settings, "TERM=tmux-256color", "COLORTERM=truecolor", *program])
    _run(*tmux, "new-session", "-d", "-s", name, "-x", str(WIDTH), "-y", str(HEIGHT), command)
    _run(*tmux, "set-option", "-t", name, "remain-on-exit", "on")
    _run(*tmux, "set-option", "-t", name, "status", "off")
    try:
        yield Pane(tmux, name)
    finally:
        subprocess.run([*tmux, "kill-server"], check=False, capture_output=True)


def side_by_side(left: Pane, right: Pane, title: str) -> str:
    """Both as one picture, with a line between them."""
    console = Console(record=True, width=2 * WIDTH + 3, file=io.StringIO(), force_terminal=True, legacy_windows=False)
    for ours, theirs in zip(left.coloured(), right.coloured(), strict=True):
        line = Text.assemble(ours, " │ ", theirs)
        console.print(line, no_wrap=True, overflow="crop", highlight=False)
    drawing = console.export_svg(title=title, unique_id="panes")
    return COMMENT.sub("", FONTS_FROM_ELSEWHERE.sub("", drawing))


def _as_wide(line: Text) -> Text:
    line.truncate(WIDTH, pad=True)
    return line


def _run(*command: str) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout
