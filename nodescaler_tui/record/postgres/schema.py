"""The schema and its migrations: numbered files that are only ever added to, applied in order, each once.

A migration waits for every write that is under way and holds up the next, so nobody is caught in the middle. Whoever
knows an older schema can look from then on, and is told why nothing can be written.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres.connection import Session

SCHEMA: Final = "nodescaler"
_NAMED: Final = re.compile(r"(\d{4})_(\w+)\.sql")
_ONE_AT_A_TIME: Final = 0x4E53_4A31

_APPLIED: Final = """
    CREATE TABLE IF NOT EXISTS schema_version (
        version integer PRIMARY KEY,
        name text NOT NULL,
        digest text NOT NULL,
        applied_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        applied_by text NOT NULL DEFAULT session_user
    )
"""


@dataclass(frozen=True, slots=True)
class Migration:
    """One step of the schema: its number, its name, and what it does in SQL."""

    version: int
    name: str
    script: str

    @property
    def digest(self) -> str:
        """SHA-256 of the script, lower-case hexadecimal: what was applied must not be edited afterwards."""
        return hashlib.sha256(self.script.encode()).hexdigest()


def read_migrations() -> tuple[Migration, ...]:
    """Every migration that this program knows, in order, from 1 without a gap."""
    found = []
    for file in files(__package__).joinpath("migrations").iterdir():
        named = _NAMED.fullmatch(file.name)
        if named is not None:
            found.append(Migration(int(named[1]), named[2], file.read_text(encoding="utf-8")))
    return tuple(sorted(found, key=lambda migration: migration.version))


MIGRATIONS: Final = read_migrations()
SCHEMA_VERSION: Final = MIGRATIONS[-1].version


def schema_version(session: Session) -> int:
    """The newest migration that was applied. Raises UndefinedTable where there is no store."""
    row = session.execute("SELECT coalesce(max(version), 0) FROM schema_version").fetchone()
    return 0 if row is None else int(row[0])


def migrate(session: Session, migrations: tuple[Migration, ...] = MIGRATIONS) -> tuple[Migration, ...]:
    """Apply what is missing, as the schema's owner, all or nothing; what was applied.

    Raises JournalUnavailable when the store is newer than this program, or was migrated by other files.
    """
    with session.transaction():
        session.execute("SELECT pg_advisory_xact_lock(%s)", (_ONE_AT_A_TIME,))
        session.execute(_APPLIED)
        if session.execute("SELECT to_regclass('head') IS NOT NULL").fetchone() == (True,):
            session.execute("SELECT FROM head FOR UPDATE")
        missing = _missing(dict(session.execute("SELECT version, digest FROM schema_version").fetchall()), migrations)
        for migration in missing:
            session.execute(migration.script.encode())
            session.execute(
                "INSERT INTO schema_version (version, name, digest) VALUES (%s, %s, %s)",
                (migration.version, migration.name, migration.digest),
            )
    return missing


def _missing(applied: dict[int, str], migrations: tuple[Migration, ...]) -> tuple[Migration, ...]:
    known = {migration.version: migration.digest for migration in migrations}
    newer = sorted(version for version in applied if version not in known)
    if newer:
        raise JournalUnavailable(f"The store has schema {newer[-1]}, which this program does not know. Upgrade it.")
    for version, digest in applied.items():
        if known[version] != digest:
            raise JournalUnavailable(
                f"Migration {version} of the store is not the one that this program has. Nothing was changed; "
                "use the release that made the store."
            )
    return tuple(migration for migration in migrations if migration.version not in applied)
