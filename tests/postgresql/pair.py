"""A primary and a standby that follows it, made by `pg_basebackup`; either can crash, the standby be promoted."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.postgresql.own_server import OwnServer, own_server
from tests.postgresql.server import as_nobody, data_folder

FOLLOWED: Final = {"wal_level": "replica", "max_wal_senders": "4", "max_replication_slots": "4", "hot_standby": "on"}
WITHIN_S: Final = 30.0


class Pair:
    """`primary` and `standby` run; each has the same store."""

    def __init__(self, primary: OwnServer, standby: OwnServer) -> None:
        self.primary = primary
        self.standby = standby

    def url(self, person: str = "ana") -> str:
        """Both servers in one address: whichever can be written is used."""
        folders = f"{self.primary.data},{self.standby.data}"
        return f"postgresql://{person}@/{self.primary.store.name}?host={folders}&target_session_attrs=read-write"

    def promote(self) -> None:
        self.standby.store.server.run("SELECT pg_promote()")

    def stop_following(self) -> None:
        """From now on the standby lacks whatever is confirmed, as an asynchronous one may at any moment."""
        self.standby.store.server.run("ALTER SYSTEM SET primary_conninfo = ''", "SELECT pg_reload_conf()")
        followers = "SELECT count(*) FROM pg_stat_wal_receiver"
        until_it_says(self.standby, followers, 0)

    def caught_up(self) -> None:
        """Wait until the standby has all that the primary wrote so far."""
        row = self.primary.store.ask("SELECT pg_current_wal_lsn()::text")
        assert row is not None
        until_it_says(self.standby, f"SELECT (pg_last_wal_replay_lsn() >= '{row[0]}')::integer", 1)


def until_it_says(server: OwnServer, question: str, answer: int) -> None:
    give_up_at = time.monotonic() + WITHIN_S
    while server.store.ask(question) != (answer,):
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


@contextmanager
def pair(folder: Path) -> Iterator[Pair]:
    """Both are taken away at the end."""
    with own_server(folder, FOLLOWED) as primary:
        data = data_folder(in_memory=True)
        copied = data / "copied"
        command = [str(primary.install / "pg_basebackup"), "-h", str(primary.data), "-U", "postgres", "-D", str(copied)]
        subprocess.run(
            [*command, "-R", "-X", "stream", "-c", "fast", "--no-sync"],
            cwd="/",
            check=True,
            capture_output=True,
            **as_nobody(),
        )
        (copied / ".s.PGSQL.5432.lock").unlink()
        (folder / "standby").mkdir()
        standby = OwnServer(folder / "standby", copied, primary.install, FOLLOWED)
        try:
            standby.start()
            yield Pair(primary, standby)
        finally:
            standby.stop()
            shutil.rmtree(data)
