"""The first frame: painted before anything heavy is imported, with its age, and taken away before anything is said."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest
from platformdirs import user_state_path

from nodescaler_tui.engine.frame_text import frame_text
from nodescaler_tui.first_frame import FILE, frame_file, framed
from nodescaler_tui.state import State
from tests.show.states import BREACH, HOSTILE, NOW

HEAVY = ("typing", "json", "argparse", "pathlib", "asyncio", "msgspec", "textual", "httpx", "pydantic")


def test_it_lies_where_the_settings_keep_the_state(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("NODESCALER_STATE_DIR", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    assert frame_file(demo=False) == str(user_state_path("nodescaler-tui") / FILE)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    assert frame_file(demo=False) == str(user_state_path("nodescaler-tui") / FILE)
    monkeypatch.setenv("NODESCALER_STATE_DIR", str(tmp_path / "mine"))
    assert frame_file(demo=True) == str(tmp_path / "mine" / "demo" / FILE)


def test_its_rows_say_what_was_known_and_unknown_is_a_dash() -> None:
    rows = frame_text(BREACH).splitlines()
    assert rows[1] == " eu-west-1 · ● 1 critical · ◐ 1 warning · ? 2 unknown · ○ 1 ok"
    assert rows[3] == " ● media-eu-prod-01           CRITICAL  10 nodes  cpu  93 %  mem  71 %"
    assert any("media-sa-stage" in row and "cpu     –" in row and "  ? nodes" in row for row in rows)
    assert frame_text(State.EMPTY) == ""


def test_its_age_is_said_and_nothing_is_wider_or_taller_than_the_terminal() -> None:
    taken_at = NOW.timestamp()
    text = framed(taken_at, ["row"] * 50 + ["x" * 200], 30, 10, taken_at + 125)
    assert "2 m ago" in framed(taken_at, [], 200, 10, taken_at + 125)
    assert len(text.split("\r\n")) == 9
    assert max(len(row) for row in text.split("\r\n")) <= 30


def test_a_row_that_the_terminal_would_obey_is_left_out() -> None:
    assert "\x1b" not in framed(0.0, [HOSTILE, "fine"], 80, 24, 1.0)


def test_before_it_nothing_heavy_is_imported() -> None:
    code = "import sys; before = set(sys.modules); import nodescaler_tui.cli; print(*(set(sys.modules) - before))"
    result = subprocess.run([sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True)
    assert not {*HEAVY} & {name.partition(".")[0] for name in result.stdout.split()}


def kept_frame(folder: Path) -> Path:
    (folder / FILE).write_text(f"{time.time() - 65:.0f}\n eu-west-1 · ● 1 critical\n\n ● media-eu-prod-01\n")
    return folder


def on_a_terminal(arguments: list[str], environment: dict[str, str], *, typed: bytes = b"") -> tuple[str, list[object]]:
    """What a command wrote to its terminal, and the terminal's modes after it."""
    ours, theirs = pty.openpty()
    os.set_blocking(ours, False)
    command = [sys.executable, "-m", "nodescaler_tui", *arguments]
    process = subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs, env={**os.environ, **environment})
    os.write(ours, typed)
    written = b""
    while process.poll() is None or written[-1:] not in {b"\n", b"h", b"l"}:
        try:
            written += os.read(ours, 65536)
        except BlockingIOError:
            if process.poll() is not None:
                break
            time.sleep(0.01)
    modes = termios.tcgetattr(theirs)
    os.close(ours)
    os.close(theirs)
    return written.decode(errors="replace"), list(modes)


def test_a_start_that_fails_takes_it_away_before_it_says_why(tmp_path: Path) -> None:
    kept_frame(tmp_path)
    config = tmp_path / "config.toml"
    config.write_text("[limits]\ncooldwon_s = 1\n")
    environment = {"NODESCALER_STATE_DIR": str(tmp_path), "TERM": "xterm-256color"}
    written, modes = on_a_terminal(["--config", str(config)], environment, typed=b"jjj")
    painted, gone, said = (written.find(text) for text in ("● media-eu-prod-01", "\x1b[?1049l", "cooldown_s"))
    assert -1 < painted < gone < said
    assert "1 m ago" in written
    assert isinstance(modes[3], int)
    assert modes[3] & termios.ECHO
    assert modes[3] & termios.ICANON


def test_what_only_prints_paints_nothing(tmp_path: Path) -> None:
    environment = {"NODESCALER_STATE_DIR": str(kept_frame(tmp_path)), "TERM": "xterm-256color"}
    for arguments in (["--version"], ["where"], ["--no-such-option"]):
        assert "\x1b" not in on_a_terminal(arguments, environment)[0]
