"""A program on a terminal of its own, measured from outside: what it writes and when, and what that costs it."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import psutil

QUERIES = {b"\x1b[c": b"\x1b[?62;22c", b"\x1b[6n": b"\x1b[1;1R", b"\x1b[?2026$p": b"\x1b[?2026;2$y"}


@dataclass(frozen=True, slots=True)
class Quiet:
    """What a program did while nobody touched it: its share of one core, and the bytes it wrote in a second."""

    cpu_percent: float
    bytes_per_s: float


class OnTerminal:
    """Runs a command in a pty. Times are in milliseconds; CPU is that of the program itself, without its children."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], size: tuple[int, int]) -> None:
        self._ours, theirs = pty.openpty()
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        plain = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            list(command),
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**os.environ, **plain, **environment},
            start_new_session=True,
        )
        os.close(theirs)
        self._watched = psutil.Process(self._process.pid)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._process.poll() is None:
            self._process.send_signal(signal.SIGKILL)
        self._process.wait()
        os.close(self._ours)

    def read(self, seconds: float) -> bytes:
        """What it writes within this time, as soon as there is something; empty when there is nothing."""
        ready, _, _ = select.select([self._ours], [], [], max(seconds, 0))
        if not ready:
            return b""
        try:
            data = os.read(self._ours, 1 << 16)
        except OSError:
            return b""
        for query, answer in QUERIES.items():
            if query in data:
                os.write(self._ours, answer)
        return data

    def until(self, token: str, within_s: float = 60.0) -> float:
        """How long from now until it has written this; raises TimeoutError."""
        begun, written, wanted = time.perf_counter(), b"", token.encode()
        while wanted not in written:
            if time.perf_counter() - begun > within_s:
                raise TimeoutError(f"{token!r} was not written within {within_s} s")
            written = (written + self.read(0.5))[-(1 << 18) :]
        return (time.perf_counter() - begun) * 1000

    def press(self, key: str) -> None:
        """Type this."""
        os.write(self._ours, key.encode())

    def key_to_paint(self, key: str, token: str) -> float:
        """From a key to the token that its frame paints."""
        self.press(key)
        return self.until(token, 10)

    def drain(self, seconds: float) -> int:
        """Read for so long; how many bytes came."""
        ends, count = time.perf_counter() + seconds, 0
        while (left := ends - time.perf_counter()) > 0:
            count += len(self.read(left))
        return count

    def quiet(self, seconds: float) -> Quiet:
        """What it does and costs while nobody touches it."""
        before = self.cpu_ms()
        count = self.drain(seconds)
        return Quiet((self.cpu_ms() - before) / seconds / 10, count / seconds)

    def cpu_ms(self) -> float:
        """CPU time so far."""
        times = self._watched.cpu_times()
        return float(times.user + times.system) * 1000

    def rss_mb(self) -> float:
        """Resident memory."""
        return float(self._watched.memory_info().rss) / 2**20

    def leave(self, key: str) -> float:
        """From the key that quits to the end of the program."""
        self.press(key)
        begun = time.perf_counter()
        while self._process.poll() is None:
            self.read(0.005)
            if time.perf_counter() - begun > 20:
                raise TimeoutError("it does not end")
        return (time.perf_counter() - begun) * 1000
