"""A server of a test's own, which can be stopped and started again on the same data."""

from __future__ import annotations

import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.postgresql.databases import TEMPLATE, Database, prepare
from tests.postgresql.server import INITDB, SMALL_AND_QUICK, Server, as_nobody, data_folder, programs, wait_for

NOTHING_ELSE: Final[Mapping[str, str]] = {}


class OwnServer:
    """Runs from `start` to `stop`; `store` is made and not begun."""

    def __init__(self, folder: Path, data: Path, install: Path, settings: Mapping[str, str]) -> None:
        self._log = folder / "log"
        self.data = data
        self.install = install
        self._settings = {**SMALL_AND_QUICK, **settings, "unix_socket_directories": str(data)}
        self._process: subprocess.Popen[bytes] | None = None
        self.store = Database(Server(data), TEMPLATE)

    def start(self) -> None:
        options = [word for name, value in self._settings.items() for word in ("-c", f"{name}={value}")]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [self.install / "postgres", "-D", self.data, *options], cwd="/", stdout=log, stderr=log, **as_nobody()
            )
        wait_for(self.store.server, self._log)

    def stop(self) -> None:
        """As an administrator does: whoever is connected is thrown out."""
        self._end(signal.SIGINT)

    def crash(self) -> None:
        """As `pg_ctl stop -m immediate`: nothing is said to anybody, and nothing is written."""
        self._end(signal.SIGQUIT)

    def _end(self, number: signal.Signals) -> None:
        if self._process is not None:
            self._process.send_signal(number)
            self._process.wait()
            self._process = None


@contextmanager
def own_server(folder: Path, settings: Mapping[str, str] = NOTHING_ELSE) -> Iterator[OwnServer]:
    """A running server, taken away at the end."""
    folder.mkdir()
    install, data = programs(18), data_folder(in_memory=True)
    initdb = [str(install / "initdb"), "-D", str(data), *INITDB]
    subprocess.run(initdb, cwd="/", check=True, capture_output=True, **as_nobody())
    server = OwnServer(folder, data, install, settings)
    server.start()
    try:
        prepare(server.store.server, folder)
        yield server
    finally:
        server.stop()
        shutil.rmtree(data)
