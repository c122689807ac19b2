"""The whole first run in a real terminal: typed, tried on a simulated Genesys Cloud, kept, and on to the dashboard."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import psutil
import pyte
import pytest

from nodescaler_tui.simulator.addresses import described
from nodescaler_tui.simulator.simulation import running_simulation

ROOT = Path(__file__).resolve().parents[2]
CRASHING = """
import os, sys
from pathlib import Path
from nodescaler_tui.first_run.setup import FirstRunSetup
from nodescaler_tui.settings import Sources, load_settings
from nodescaler_tui.show.preferences import Preferences
from nodescaler_tui.show.run import run_first

class Crashing(FirstRunSetup):
    def judge(self, typed):
        if typed.get("genesys.client_secret"):
            raise RuntimeError("a crash with a secret among its values: " + str(typed))
        return super().judge(typed)

setup = Crashing(Sources, load_settings())
sys.exit(run_first(setup, preferences=Preferences(theme="dark"), crash_file=Path("crash.txt"))[1])
"""


class Terminal:
    """A process in a pseudo terminal of 80 by 24, with a home of its own."""

    def __init__(self, home: Path, arguments: list[str], **environment: str) -> None:
        self.screen = pyte.Screen(80, 24)
        self._stream = pyte.ByteStream(self.screen)
        self.written = b""
        self.master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        self.process = subprocess.Popen(
            [sys.executable, *arguments],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=home,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(home),
                "TMPDIR": str(home),
                "TERM": "xterm-256color",
                "PYTHONPATH": str(ROOT),
                **environment,
            },
            start_new_session=True,
        )
        os.close(slave)

    def type(self, text: str) -> None:
        os.write(self.master, text.encode())

    def until(self, words: str, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while words not in "\n".join(self.screen.display):
            assert time.monotonic() < deadline, "\n".join(self.screen.display)
            self._read()

    def read_to_the_end(self, seconds: float = 20) -> int:
        deadline = time.monotonic() + seconds
        while self._read() and time.monotonic() < deadline:
            continue
        return self.process.wait(seconds)

    def _read(self) -> bool:
        if select.select([self.master], [], [], 0.1)[0]:
            try:
                data = os.read(self.master, 65536)
            except OSError:
                return False
            self.written += data
            self._stream.feed(data)
        return True

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        os.close(self.master)


@pytest.fixture
def home() -> Iterator[Path]:
    """A folder whose path is short enough for the engine's socket."""
    with TemporaryDirectory(prefix="ns-") as name:
        folder = Path(name)
        (folder / ".config" / "nodescaler-tui").mkdir(parents=True)
        (folder / ".config" / "nodescaler-tui" / "config.toml").write_text('# ours\n[genesys]\nstatus_page = ""\n')
        yield folder
        end_engines_of(folder)


def end_engines_of(home: Path) -> None:
    """An engine outlives its terminal by some seconds; it must not outlive its folder."""
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            if "nodescaler_tui.engine.process" in process.cmdline() and process.environ().get("HOME") == str(home):
                process.terminate()
                process.wait(10)


@pytest.fixture
def genesys() -> Iterator[dict[str, Any]]:
    with running_simulation() as running:
        yield described(running.addresses)


def files_with(secret: str, folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file() and secret.encode() in path.read_bytes()]


def arguments_with(secret: str, home: Path) -> list[str]:
    """Of whatever runs with this home; other tests may pass on what is no secret to them."""
    found = []
    for process in psutil.process_iter():
        with suppress(psutil.Error):
            line = " ".join(process.cmdline())
            found += [line] if secret in line and process.environ().get("HOME") == str(home) else []
    return found


def test_from_nothing_to_the_dashboard_and_the_secret_is_on_no_disk_and_in_no_argument(
    home: Path, genesys: dict[str, Any]
) -> None:
    secret = genesys["client_secret"]
    terminal = Terminal(home, ["-m", "nodescaler_tui"], GENESYS_GATEWAY=genesys["gateway"])
    try:
        terminal.until("Needed: the OAuth client's secret")
        terminal.type(f"{genesys['client_id']}\t{secret}\r{genesys['webhook']}\x14")
        terminal.until("trying, without acting")
        assert not arguments_with(secret, home)
        terminal.until("Everything that is needed is there.")
        terminal.type("\x13")
        terminal.until("ends with")
        terminal.type("\r")
        terminal.until("media-eu-prod-01")
        assert not arguments_with(secret, home)
        assert not files_with(secret, home)
        terminal.process.send_signal(signal.SIGTERM)
        assert terminal.read_to_the_end() == 128 + signal.SIGTERM
    finally:
        terminal.close()
    assert not files_with(secret, home)
    assert secret.encode() not in terminal.written
    kept = (home / ".config" / "nodescaler-tui" / "config.toml").read_text()
    assert kept.startswith("# ours\n")
    assert genesys["client_id"] in kept


def test_a_crash_prints_and_keeps_none_of_what_was_typed(home: Path) -> None:
    terminal = Terminal(home, ["-c", CRASHING])
    try:
        terminal.until("Needed: the OAuth client's secret")
        terminal.type("client\tkW3-very-secret-indeed")
        assert terminal.read_to_the_end() == 70
    finally:
        terminal.close()
    assert b"crashed (RuntimeError)" in terminal.written
    assert b"Traceback" not in terminal.written
    assert b"kW3" not in terminal.written
    assert "judge" in (home / "crash.txt").read_text()
    assert not files_with("kW3", home)
