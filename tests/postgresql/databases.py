"""A database of its own for each test, copied from one that `store init` has made, with people in each role."""

from __future__ import annotations

import itertools
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import psycopg

from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.installation import init_store
from tests.postgresql.server import Server, locked

TEMPLATE: Final = "store"
PEOPLE: Final = {
    "ana": "nodescaler_operator",
    "ben": "nodescaler_operator",
    "cem": "nodescaler_operator",
    "vic": "nodescaler_viewer",
}
"""Who logs in, and as a member of which role."""

_numbers = itertools.count()


@dataclass(frozen=True, slots=True)
class Database:
    """One store on the server."""

    server: Server
    name: str

    def url(self, user: str = "ana") -> str:
        return self.server.url(self.name, user)

    def connect(self, user: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """A transaction, of the superuser unless somebody else is named, which ends with the block."""
        return psycopg.connect(self.url(user), options="-c search_path=nodescaler")

    def run(self, *statements: str) -> None:
        """As the superuser, whom no right holds back."""
        self.server.run("SET search_path = nodescaler", *statements, database=self.name)

    def ask(self, question: str) -> tuple[object, ...] | None:
        """The first row of an answer, as the superuser."""
        with self.connect() as connection:
            return connection.execute(question.encode()).fetchone()


def prepare(server: Server, folder: Path) -> None:
    """Make the template and the people, unless somebody was faster."""
    noted = folder / "prepared"
    with (folder / "preparing").open("a") as preparing, locked(preparing):
        if noted.exists() and noted.read_text() == str(server.folder):
            return
        server.run(f"CREATE DATABASE {TEMPLATE}")
        sessions = Sessions(server.url(TEMPLATE))
        init_store(sessions)
        sessions.close()
        server.run(*(f"CREATE ROLE {name} LOGIN IN ROLE {role}" for name, role in PEOPLE.items()))
        noted.write_text(str(server.folder))


@contextmanager
def fresh_database(server: Server, template: str = TEMPLATE) -> Iterator[Database]:
    """A copy of the template, dropped at the end whoever still holds it."""
    name = f"test_{os.getpid()}_{next(_numbers)}"
    server.run(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY file_copy")
    try:
        yield Database(server, name)
    finally:
        server.run(f"DROP DATABASE {name} WITH (FORCE)")
