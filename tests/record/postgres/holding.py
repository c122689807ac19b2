"""A process that holds a lease and writes under it, until it is told to end.

Arguments: the store's URL, the lease's length in seconds, and by how many seconds this process's clocks are wrong.
It says "took TOKEN", then "wrote" or "lost" for each line that it reads.
"""

from __future__ import annotations

import os
import sys
import time

from nodescaler_tui.record.postgres import lease as leases
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.transaction import begin


def shift_clocks(wrong_by_s: float) -> None:
    """Whatever asks the time in this process gets a wrong one."""
    wall, steady = time.time, time.monotonic
    time.time = lambda: wall() + wrong_by_s
    time.monotonic = lambda: steady() + wrong_by_s


def write(sessions: Sessions, lease: leases.Lease) -> str:
    try:
        with sessions.session() as session:
            begin(session)
            leases.require(session, lease)
            session.execute("INSERT INTO written (token) VALUES (%s)", (lease.token,))
            session.execute("COMMIT")
    except leases.LeaseLost:
        return "lost"
    return "wrote"


def main(url: str, length_s: str, wrong_by_s: str) -> None:
    shift_clocks(float(wrong_by_s))
    sessions = Sessions(url)
    lease = leases.take(sessions, "poller", f"process {os.getpid()}", float(length_s))
    sys.stdout.write("nobody\n" if lease is None else f"took {lease.token}\n")
    sys.stdout.flush()
    for line in sys.stdin:
        if lease is not None:
            done = leases.renew(sessions, lease) if line == "renew\n" else write(sessions, lease) == "wrote"
            sys.stdout.write("done\n" if done else "lost\n")
            sys.stdout.flush()


if __name__ == "__main__":
    main(*sys.argv[1:])
