"""Two operators on one PostgreSQL, each in a terminal of their own: the story of docs/team.md, walked and pictured.

    .venv/bin/python -m benchmarks.two_operators [--to docs/pictures]

Real terminals, real engines, a real server and the simulator, on the real clock: each step waits until the screen says
what the story says, and the walk fails where it does not. The pictures are of what was there at that moment, so no two
runs give the same bytes.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import psutil

from benchmarks.panes import Pane, pane, side_by_side
from tests.postgresql.own_server import OwnServer, own_server

ROOT: Final = Path(__file__).resolve().parents[1]
POLL_EVERY_S: Final = 2.0
SOON_S: Final = 30.0
BREACH_S: Final = 120.0
VERIFIED_S: Final = 180.0


class Walk:
    """The story, step by step. `keep` takes a picture of both terminals."""

    def __init__(self, ana: Pane, ben: Pane, server: OwnServer, pictures: Path) -> None:
        self._ana = ana
        self._ben = ben
        self._server = server
        self._pictures = pictures

    def keep(self, name: str, said: str) -> None:
        """A picture of now."""
        drawing = side_by_side(self._ana, self._ben, said)
        (self._pictures / f"team-{name}.svg").write_text(drawing, encoding="utf-8")
        sys.stdout.write(f"{name}: {said}\n")
        sys.stdout.flush()

    def one_polls_for_both(self) -> None:
        """Whoever came first polls, and the other one sees the same."""
        self._ana.until("you poll", within_s=SOON_S)
        self._ben.until("ana@", "polls", within_s=SOON_S)
        for operator in (self._ana, self._ben):
            operator.until("CRITICAL", "a approve", within_s=BREACH_S)
        self.keep("breach", "ana polls for both, and a breach is on both screens")

    def both_read_the_plan(self) -> None:
        """The same plan, at the same time."""
        for operator in (self._ana, self._ben):
            operator.type("a")
        self._ana.until("SHA-256", "ben is reading this plan", within_s=SOON_S)
        self._ben.until("SHA-256", "ana is reading this plan", within_s=SOON_S)
        self.keep("plan", "both read the plan, and each sees that the other one does")

    def one_approves(self) -> None:
        """One send; the other is told."""
        self._ana.type("y")
        self._ana.until("verifying", within_s=SOON_S)
        self._ben.until("ana@", "was first", within_s=SOON_S)
        self._ben.type("y")
        self._ben.until("Refused: ana@", within_s=SOON_S)
        self.keep("approved", "ana approved; ben came second and is told so")

    def the_host_dies(self, folder: Path) -> None:
        """Its engine and its terminal are killed in the middle of the operation; the other host carries on."""
        kill_host(folder)
        self._ben.type("Escape")
        self._ben.until("you poll", "picked up", within_s=SOON_S)
        self.keep("killed", "ana's host is gone; ben's polls, and has picked the operation up")
        self._ben.type("o")
        self._ben.until("VERIFIED", within_s=VERIFIED_S)
        self.keep("finished", "ben's host has verified what ana approved")

    def the_server_is_away(self) -> None:
        """Everything known stays, nothing can be approved, and it comes back by itself."""
        self._ben.type("Escape")
        self._server.stop()
        self._ben.until("nobody polls", "Nothing can be approved", within_s=SOON_S)
        self.keep("away", "the server is stopped: what is known stays, and nothing can be approved")
        self._server.start()
        self._ben.until("you poll", within_s=SOON_S)
        self.keep("back", "the server is back, and so is ben")


def kill_host(folder: Path) -> None:
    """Kill every program of the host whose files are here, as a power cut would."""
    for process in psutil.process_iter():
        try:
            ours = str(folder) in process.environ().get("NODESCALER_STATE_DIR", "")
        except psutil.Error:
            continue
        if ours:
            process.kill()


@contextmanager
def simulated() -> Iterator[dict[str, Any]]:
    """A simulated Genesys Cloud and provider, in a process of their own."""
    command = [sys.executable, "-m", "nodescaler_tui.simulator.command", "--exit-with-parent", "--scenario", "surge"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=ROOT) as process:
        assert process.stdout is not None
        try:
            yield json.loads(process.stdout.readline())
        finally:
            process.terminate()


def host(folder: Path, login: str, server: OwnServer, addresses: dict[str, Any]) -> dict[str, str]:
    """One host's environment: its own files and login, the team's store, and what everybody watches."""
    places = {f"NODESCALER_{name}_DIR": str(folder / login / name.lower()) for name in ("STATE", "CONFIG", "RUNTIME")}
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / login),
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        "PYTHONPATH": str(ROOT),
        "GENESYS_GATEWAY": addresses["gateway"],
        "GENESYS_CLIENT_ID": addresses["client_id"],
        "GENESYS_CLIENT_SECRET": addresses["client_secret"],
        "EXTERNAL_SCALER_WEBHOOK": addresses["webhook"],
        "NODESCALER_POLL_EVERY": f"{POLL_EVERY_S:g}",
        "NODESCALER_STORE_URL": server.store.url(login),
        **places,
    }


def walk(pictures: Path) -> None:
    """From the first poll to the server that came back."""
    program = [sys.executable, "-m", "nodescaler_tui"]
    with tempfile.TemporaryDirectory() as name, simulated() as addresses, own_server(Path(name) / "server") as server:
        folder = Path(name)
        environments = {login: host(folder, login, server, addresses) for login in ("ana", "ben")}
        with pane(folder, "ana", program, environments["ana"]) as ana:
            ana.until("you poll", within_s=SOON_S)
            with pane(folder, "ben", program, environments["ben"]) as ben:
                story = Walk(ana, ben, server, pictures)
                try:
                    story.one_polls_for_both()
                    story.both_read_the_plan()
                    story.one_approves()
                    story.the_host_dies(folder / "ana")
                    story.the_server_is_away()
                finally:
                    kill_host(folder)


def main() -> None:
    """Walk, and keep the pictures."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--to", type=Path, default=ROOT / "docs" / "pictures", help="the pictures' folder")
    options = parser.parse_args()
    options.to.mkdir(parents=True, exist_ok=True)
    walk(options.to)


if __name__ == "__main__":
    main()
