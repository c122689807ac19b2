"""What an administrator does with PostgreSQL's own programs: dump a store into a file, and restore it elsewhere."""

from __future__ import annotations

import subprocess
from pathlib import Path

from tests.postgresql.server import installed


def dump(url: str, file: Path) -> None:
    _run("pg_dump", "--format=custom", f"--file={file}", url)


def restore(url: str, file: Path) -> None:
    """Into an empty database. All or nothing."""
    _run("pg_restore", "--exit-on-error", "--single-transaction", f"--dbname={url}", str(file))


def _run(program: str, *arguments: str) -> None:
    subprocess.run([installed(18) / "bin" / program, *arguments], check=True, capture_output=True, text=True)
