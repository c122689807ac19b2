"""Keeps watch over the proof: when it has ended, however it did, nothing of what it started goes on.

Told on standard input, line by line: `+PID` begins a process group, `-PID` ends one, `folder PATH` is taken away in the
end. When that input ends so has the proof, and every group that is left is killed, also one that is stopped.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys


def main() -> None:
    """Until standard input ends."""
    groups: set[int] = set()
    folders: list[str] = []
    for line in sys.stdin:
        said = line.strip()
        if said.startswith("+"):
            groups.add(int(said[1:]))
        elif said.startswith("-"):
            groups.discard(int(said[1:]))
        else:
            folders.append(said.removeprefix("folder "))
    for group in groups:
        try:
            os.killpg(group, signal.SIGKILL)
        except ProcessLookupError:
            continue
    for folder in folders:
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    main()
