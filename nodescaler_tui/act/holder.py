"""The holder: which process carries an operation out, and whether that process is still alive.

On one machine a process holds a lock on a file of its own for as long as it lives; the kernel frees it the moment it
dies, however it dies. So another process can take an operation over at once, and never from one that is merely slow.
Among machines silence is all that tells, so there the store keeps a lease for each process.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self


def new_holder_id() -> str:
    """An id that no other process has, and none before this one had."""
    return f"{os.getpid()}-{secrets.token_hex(4)}"


class Liveness(Protocol):
    """Who carries operations out, and whether that process still lives. `id` goes into their events."""

    id: str

    def is_alive(self, holder_id: str) -> bool:
        """Whether the process that holds this id still lives, as far as can be told. May raise JournalUnavailable."""


class Holder(Liveness, Protocol):
    """This process as one that carries operations out, for as long as it lives."""

    @property
    def problem(self) -> str:
        """Why nothing can be carried out now, in words; empty when it can."""

    def close(self) -> None:
        """Let go; what this process still carried out may be taken over."""


class LockHolder:
    """This process's own lock. `id` goes into the events of the operations that it carries out."""

    def __init__(self, directory: Path, holder_id: str) -> None:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.id = holder_id
        self._path = directory / self.id
        self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX)

    @property
    def problem(self) -> str:
        """None: a lock is held for as long as this process lives."""
        return ""

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
