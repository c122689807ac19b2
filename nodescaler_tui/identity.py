"""Who sits at this terminal: the name that goes into the journal. On one machine this is on honour."""

from __future__ import annotations

import getpass
import os
import socket
import sys


def operator_name() -> str:
    """The operator as user@host; numeric where the user has no name."""
    try:
        user = getpass.getuser()
    except (KeyError, OSError):
        user = str(os.getuid())
    return f"{user}@{socket.gethostname()}"


def terminal_name() -> str:
    """The terminal device, empty when there is none."""
    try:
        return os.ttyname(sys.stdin.fileno())
    except (OSError, ValueError):
        return ""
