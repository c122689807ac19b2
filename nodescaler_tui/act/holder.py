"""The holder: which process carries an operation out, and whether that process is still alive.

A process holds a lock on a file of its own for as long as it lives; the kernel frees it the moment it dies, however it
dies. So another process can take an operation over at once, and never from one that is merely slow.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Self


def new_holder_id() -> str:
    """An id that no other process has, and none before this one had."""
    return f"{os.getpid()}-{secrets.token_hex(4)}"


class Holder:
    """This process's own lock. `id` goes into the events of the operations that it carries out."""

    def __init__(self, directory: Path, holder_id: str) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.id = holder_id
        self._path = directory / self.id
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    def is_alive(self, holder_id: str) -> bool:
        """Whether the process that holds this id still lives."""
        if holder_id == self.id:
            return True
        if not holder_id:
            return False
        path = self._path.with_name(holder_id)
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        except FileNotFoundError:
            return False
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return True
        else:
            path.unlink(missing_ok=True)
            return False
        finally:
            os.close(descriptor)

    def close(self) -> None:
        """Let go; what this process still carried out may be taken over."""
        self._path.unlink(missing_ok=True)
        os.close(self._descriptor)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.close()
