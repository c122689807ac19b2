"""Text from outside never reaches the terminal as anything but characters: by filter, by type, and in a real pty."""

from __future__ import annotations

import asyncio
import os
import pty
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.segment import Segment
from textual.color import Color

from nodescaler_tui.display_text import display_text
from nodescaler_tui.show.control_guard import ControlGuard
from tests.show.conftest import grid, make_app
from tests.show.states import HOSTILE, HOSTILE_GROUP, fleet

RUN_IN_PTY = """
import fcntl, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
from nodescaler_tui.show.run import let_go_of_terminal, prepare
prepare()
from tests.show.conftest import make_app
from tests.show.states import BREACH, HOSTILE_GROUP, fleet
app, _ = make_app(fleet(HOSTILE_GROUP, *BREACH.groups))
app.run()
let_go_of_terminal()
sys.exit(app.return_code or 0)
"""
ROOT = Path(__file__).resolve().parents[2]


@given(st.text(max_size=600))
def test_display_text_is_one_printable_line_of_bounded_length(raw: str) -> None:
    shown = display_text(raw)
    assert shown.isprintable()
    assert len(shown) <= 256


@given(st.text())
def test_the_last_door_lets_no_control_character_through(raw: str) -> None:
    filtered = ControlGuard().apply([Segment(raw)], Color(0, 0, 0))
    assert all(segment.text.isprintable() for segment in filtered)


def test_markup_in_a_name_is_shown_and_not_obeyed() -> None:
    async def screen() -> str:
        app, _ = make_app(fleet(HOSTILE_GROUP))
        async with app.run_test(size=(120, 36)) as pilot:
            await pilot.pause()
            text = grid(app)
            await pilot.press("enter")
            await pilot.pause()
            return text + grid(app)

    text = asyncio.run(screen())
    assert "[/][@click=app" in text
    assert "\x1b" not in text
    assert "\u202e" not in text


class InPty:
    """The dashboard in a real terminal of its own."""

    def __init__(self, size: tuple[int, int] = (24, 80)) -> None:
        self.master, slave = pty.openpty()
        os.set_blocking(self.master, False)
        environment = {
            **os.environ,
            "TERM": "xterm-256color",
            "COLORTERM": "truecolor",
            "LINES": str(size[0]),
            "COLUMNS": str(size[1]),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-c", RUN_IN_PTY],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            env=environment,
            cwd=ROOT,
            start_new_session=True,
        )
        os.close(slave)
        self.output = b""

    def read_until(self, wanted: bytes, seconds: float = 60) -> bytes:
        deadline = time.monotonic() + seconds
        while wanted not in self.output and time.monotonic() < deadline:
            if select.select([self.master], [], [], 0.1)[0]:
                try:
                    self.output += os.read(self.master, 65536)
                except OSError:
                    break
        return self.output

    def end(self, seconds: float = 60) -> int:
        deadline = time.monotonic() + seconds
        while self.process.poll() is None and time.monotonic() < deadline:
            self.read_until(b"\0never\0", 0.1)
        self.read_until(b"\0never\0", 0.3)
        return self.process.wait(1)


def test_in_a_real_terminal_no_escape_sequence_of_the_data_comes_out() -> None:
    screen = InPty()
    screen.read_until(b"media-ap-prod-01")
    output = screen.read_until(b"PWNED")
    screen.process.send_signal(signal.SIGTERM)
    screen.end()
    assert b"media-ap-prod-01" in output
    assert b"PWNED\x07" not in output
    assert b"\x1b]0;" not in output.replace(b"\x1b]0;nodescaler", b"")
    assert "\u202e".encode() not in output
    assert "\u009b".encode() not in output
    assert b"PWNED" in output, "the harmless part of the name is still shown"


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_restores_the_terminal_and_says_so_in_the_exit_code(number: signal.Signals) -> None:
    screen = InPty()
    screen.read_until(b"media-ap-prod-01")
    screen.process.send_signal(number)
    assert screen.end() == 128 + number
    assert b"\x1b[?1049l" in screen.output


def test_a_closed_terminal_ends_the_dashboard_quickly() -> None:
    screen = InPty()
    screen.read_until(b"media-ap-prod-01")
    os.close(screen.master)
    assert screen.process.wait(10) == 128 + signal.SIGHUP


def test_the_hostile_text_is_really_hostile() -> None:
    assert not HOSTILE.isprintable()
