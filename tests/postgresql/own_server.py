"""A server of a test's own, which can be stopped and started again on the same data."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.postgresql.databases import TEMPLATE, Database, prepare
from tests.postgresql.server import INITDB, SMALL_AND_QUICK, Server, as_nobody, data_folder, programs, wait_for


class OwnServer:
    """Runs from `start` to `stop`; `store` is made and not begun."""

    def __init__(self, folder: Path, data: Path, install: Path) -> None:
        self._log = folder / "log"
        self._data = data
        self._install = install
        self._process: subprocess.Popen[bytes] | None = None
        self.store = Database(Server(data), TEMPLATE)

    def start(self) -> None:
        settings = {**SMALL_AND_QUICK, "unix_socket_directories": str(self._data)}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with self._log.open("a") as log:
            self._process = subprocess.Popen(
                [self._install / "postgres", "-D", self._data, *options], cwd="/", stdout=log, stderr=log, **as_nobody()
            )
        wait_for(self.store.server, self._log)

    def stop(self) -> None:
        """As an administrator does: whoever is connected is thrown out."""
        if self._process is not None:
            self._process.send_signal(2)
            self._process.wait()


@contextmanager
def own_server(folder: Path) -> Iterator[OwnServer]:
    """A running server, taken away at the end."""
    folder.mkdir()
    install, data = programs(18), data_folder(in_memory=True)
    initdb = [str(install / "initdb"), "-D", str(data), *INITDB]
    subprocess.run(initdb, cwd="/", check=True, capture_output=True, **as_nobody())
    server = OwnServer(folder, data, install)
    server.start()
    try:
        prepare(server.store.server, folder)
        yield server
    finally:
        server.stop()
        shutil.rmtree(data)
