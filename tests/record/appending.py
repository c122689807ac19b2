"""A writer in a process of its own: appends events one by one and says each position once it is acknowledged.

Arguments: the journal's path or URL, how many events (0 for endlessly), a name for the operator's host, and the
largest size in bytes that a file may grow to (0 for any).
"""

from __future__ import annotations

import itertools
import resource
import sys
from datetime import UTC, datetime
from pathlib import Path

from nodescaler_tui.events import Draft, EventKind, Fields, JournalUnavailable
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.record.stored import StoredJournal

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def append_until_refused(journal: StoredJournal, count: int, name: str) -> None:
    for number in itertools.count() if count == 0 else range(count):
        with journal.transaction() as transaction:
            seen = len(transaction.read(after=0))
            fields: Fields = {"number": number, "seen": seen, "padding": "x" * 300}
            event = transaction.append(Draft(EventKind.ENGINE_STARTED, NOON, f"ana@{name}", fields=fields))
        sys.stdout.write(f"{event.seq}\n")
        sys.stdout.flush()


def opened(place: str) -> StoredJournal:
    if not place.startswith("postgresql://"):
        return SqliteJournal.open(Path(place), version="1")
    from nodescaler_tui.record.postgres.journal import PostgresJournal  # noqa: PLC0415 - the other needs no driver

    return PostgresJournal.open(place, version="1")


def main(place: str, count: str, name: str, largest: str) -> None:
    if int(largest):
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(largest), resource.RLIM_INFINITY))
    try:
        append_until_refused(opened(place), int(count), name)
    except JournalUnavailable as error:
        sys.stdout.write(f"refused: {error}\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
