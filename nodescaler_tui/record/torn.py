"""Whether a crash has left a write half done in a journal's file. SQLite undoes it by itself when it is next opened."""

from __future__ import annotations

import fcntl
import os
from pathlib import Path
from typing import Final

_RESERVED_BYTE: Final = 0x4000_0001
"""The byte of the file on which SQLite's writer holds its lock (sqlite.org/fileformat2, section on locking)."""


def interrupted_write(path: Path) -> bool:
    """True when there is a rollback journal with something in it, and no writer that is just using it.

    To be asked before the journal is opened in this process: closing a file gives up SQLite's locks on it.
    """
    try:
        if path.with_name(f"{path.name}-journal").stat().st_size == 0:
            return False
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        fcntl.lockf(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, _RESERVED_BYTE)
    except OSError:
        return False
    finally:
        os.close(descriptor)
    return True
