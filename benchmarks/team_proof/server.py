"""A real PostgreSQL of the proof's own, as it comes, its data on a disk; it can be crashed and its clock set."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from benchmarks.team_proof.processes import END_WITHIN_S, Keeper
from benchmarks.team_proof.server_clock import ServerClock
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.installation import init_store
from tests.postgresql.databases import TEMPLATE, Database
from tests.postgresql.server import AS_IT_COMES, INITDB, Server, as_nobody, programs, wait_for

CRASHES: Final = r" was terminated by signal (?:4|6|7|8|11)\b"

CONNECTIONS: Final = "200"
SETTINGS: Final = {**AS_IT_COMES, "max_connections": CONNECTIONS, "log_min_messages": "log"}


class ProofServer:
    """Runs until it is stopped, again and again on the same data."""

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._install = programs(18)
        self._data = keeper.folder / "data"
        self._log = keeper.folder / "postgresql.log"
        self._process: subprocess.Popen[Any] | None = None
        self.server = Server(self._data)
        self._initialise()

    def _initialise(self) -> None:
        self._keeper.folder.chmod(0o711)
        self._data.mkdir(mode=0o700)
        self.clock = ServerClock(self._keeper.folder)
        if os.geteuid() == 0:
            os.chown(self._data, *(2 * [as_nobody()["user"]]))
        subprocess.run(
            [self._install / "initdb", "-D", self._data, *INITDB],
            cwd="/",
            check=True,
            capture_output=True,
            **as_nobody(),
        )

    def start(self) -> None:
        """And wait until it answers."""
        settings = {**SETTINGS, "unix_socket_directories": str(self._data)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self._log.open("a") as log:
            self._process = self._keeper.start(
                [self._install / "postgres", "-D", self._data, *options],
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.clock.environment()},
                **as_nobody(),
            )
        wait_for(self.server, self._log)

    def crash(self) -> None:
        """`stop -m immediate`: nothing is written down any more, and the next start has to recover."""
        self._stop(signal.SIGQUIT)

    def _stop(self, how: signal.Signals) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.send_signal(how)
            try:
                process.wait(END_WITHIN_S)
            finally:
                self._keeper.kill(process)

    def crashes(self) -> int:
        """How often a process of the server ended as none should, other than when the whole server was crashed."""
        return len(re.findall(CRASHES, self._log.read_text()))

    def stop(self) -> None:
        """As an administrator does: whoever is connected is thrown out."""
        self._stop(signal.SIGINT)

    def make_stores(self, people: dict[str, str]) -> None:
        """The template that each store is copied from, and who may log in as a member of which role."""
        self.server.run(f"CREATE DATABASE {TEMPLATE}")
        sessions = Sessions(self.server.url(TEMPLATE))
        init_store(sessions)
        sessions.close()
        self.server.run(*(f"CREATE ROLE {name} LOGIN IN ROLE {role}" for name, role in people.items()))

    def new_store(self, name: str) -> Database:
        """An empty store."""
        self.server.run(f"CREATE DATABASE {name} TEMPLATE {TEMPLATE}")
        return Database(self.server, name)

    def version(self) -> str:
        """As the server says."""
        return str((Database(self.server, "postgres").ask("SHOW server_version") or [""])[0])


@contextmanager
def proof_server(keeper: Keeper, people: dict[str, str]) -> Iterator[ProofServer]:
    """A running server with its template; stopped at the end."""
    server = ProofServer(keeper)
    server.start()
    try:
        server.make_stores(people)
        yield server
    finally:
        server.stop()
