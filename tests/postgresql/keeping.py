"""Keeps a PostgreSQL server for as long as anybody holds a lock on a file, then stops it; however they ended.

Arguments: the file that its users lock, the folder of its data, its user (-1 for our own), its program and arguments.
It belongs to nobody, so that it outlives whoever started it, and needs nothing but the standard library.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path


def main(users: str, data: str, user: str, *command: str) -> int:
    """Stop and take the data away once nobody is left; the server's exit code."""
    with Path(users).open("a") as lock:
        if user == "-1":
            server = subprocess.Popen(command, cwd="/", stdin=subprocess.DEVNULL)
        else:
            server = subprocess.Popen(
                command, cwd="/", stdin=subprocess.DEVNULL, user=int(user), group=int(user), extra_groups=[]
            )
        fcntl.flock(lock, fcntl.LOCK_EX)
        server.send_signal(signal.SIGINT)
        code = server.wait()
        shutil.rmtree(data)
        return code


if __name__ == "__main__":
    if os.fork() == 0:
        sys.exit(main(*sys.argv[1:]))
