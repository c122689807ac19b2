"""Processes of the proof: each in a group of its own, and none that outlives it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Final

ROOT: Final = Path(__file__).parents[2]
END_WITHIN_S: Final = 15.0


class Keeper:
    """A process that ends the others when this one has ended."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-S", str(Path(__file__).with_name("keeping.py"))],
            stdin=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )
        self._say(f"folder {folder}")

    def _say(self, line: str) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def start(self, command: Sequence[str | Path], **how: Any) -> subprocess.Popen[Any]:  # noqa: ANN401 - Popen's own
        """A process that leads a group of its own."""
        process = subprocess.Popen(command, start_new_session=True, **how)
        self._say(f"+{process.pid}")
        return process

    def ended(self, process: subprocess.Popen[Any]) -> None:
        """It has been waited for; its number may be another one's from now on."""
        self._say(f"-{process.pid}")

    def kill(self, process: subprocess.Popen[Any]) -> None:
        """SIGKILL to the whole group, also when it is stopped."""
        if process.poll() is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait(END_WITHIN_S)
        self.ended(process)

    def close(self) -> None:
        """End whatever is left, and take the folder away."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(END_WITHIN_S)


@contextmanager
def keeper() -> Iterator[Keeper]:
    """A folder and a watch over what runs in it. The name is short, as that of a socket in it must be."""
    folder = Path(tempfile.mkdtemp(prefix="team-", dir="/tmp"))
    keeping = Keeper(folder)
    try:
        yield keeping
    finally:
        keeping.close()


def environment(**more: str) -> Mapping[str, str]:
    """This process's own, with our modules within reach."""
    return {**os.environ, "PYTHONPATH": str(ROOT), **more}
