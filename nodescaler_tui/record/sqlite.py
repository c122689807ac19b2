"""The journal on SQLite: append-only, hash-chained, durable before anything is done.

The rollback journal is truncated and every commit is synced (TRUNCATE, FULL): of the modes that SQLite has, this one
loses no acknowledged commit in a power cut and can still be read in a read-only directory. Connections are opened for
each use, so the journal may be called from any thread and by several processes at once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from nodescaler_tui.events import Event, JournalUnavailable
from nodescaler_tui.record.connection import reading, writing
from nodescaler_tui.record.creation import create_journal
from nodescaler_tui.record.file_rows import head_of, page_of, rows_of
from nodescaler_tui.record.rows import BEFORE_ALL, LOST_HEAD, Head, Page, StoredEvent, events_in
from nodescaler_tui.record.schema import APPLICATION_ID, SCHEMA_VERSION
from nodescaler_tui.record.transaction import SqliteTransaction
from nodescaler_tui.record.witness import Witness


def utc_now() -> datetime:
    """The wall clock, for the moment at which a journal was made."""
    return datetime.now(UTC)


class SqliteJournal:
    """The journal in one file. Opening makes it when it is not there; a file that is not ours is refused."""

    def __init__(self, path: Path, witness: Witness | None = None) -> None:
        self._path = path
        self._witness = witness

    @classmethod
    def open(
        cls,
        path: Path,
        *,
        version: str,
        clock: Callable[[], datetime] = utc_now,
        witness: Witness | None = None,
    ) -> SqliteJournal:
        """Open the journal for acting, making it with its first event when there is none. Raises JournalUnavailable.

        A file that can be read and not written is opened too: it can be looked at, and each transaction is refused. A
        witness is told each commit's head, and a journal against which it speaks is refused.
        """
        if not _exists(path):
            create_journal(path, version, clock())
        journal = cls(path, witness)
        journal.check()
        journal.check_whole()
        journal.check_witness()
        return journal

    @classmethod
    def open_for_reading(cls, path: Path) -> SqliteJournal:
        """Open a journal that must be there, damaged or not. Raises JournalUnavailable when it is none of ours."""
        journal = cls(path)
        journal.check()
        return journal

    def check(self) -> None:
        """Raises JournalUnavailable, saying what to do, when the file is not a journal that we can read."""
        with reading(self._path) as connection:
            application = connection.execute("PRAGMA application_id").fetchone()[0]
            version = connection.execute("PRAGMA user_version").fetchone()[0]
            if application != APPLICATION_ID:
                raise JournalUnavailable(
                    f"{self._path} is not a journal of this program. Move it away, or name another state folder."
                )
            if version > SCHEMA_VERSION:
                raise JournalUnavailable(f"{self._path} was written by a newer version; upgrade this one.")
            if connection.execute("SELECT count(*) FROM event WHERE seq = 1").fetchone()[0] != 1:
                raise JournalUnavailable(f"{self._path} has no first event. Restore it from a copy.")

    def check_whole(self) -> None:
        """Raises JournalUnavailable when the file is damaged or does not end where it says; nothing may follow then."""
        with reading(self._path) as connection:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise JournalUnavailable(f"The journal {self._path} is damaged ({found}). Restore it from a copy.")
            ends = connection.execute(
                "SELECT head.seq = event.seq AND head.hash = event.hash"
                " FROM head, event WHERE event.seq = (SELECT max(seq) FROM event)"
            ).fetchone()
        if ends is None:
            raise JournalUnavailable(LOST_HEAD)
        if not ends[0]:
            raise JournalUnavailable(
                f"The last event in {self._path} is not the one that its head names: it was cut, or written by another "
                "program. Run `nodescaler-tui audit verify`, then restore it from a copy."
            )

    def check_witness(self) -> None:
        """Raises JournalUnavailable when the journal is older than, or other than, what was witnessed of it."""
        testimony = None if self._witness is None else self._witness.against(self.hash_at)
        if testimony is not None:
            raise JournalUnavailable(testimony.sentence)

    def hash_at(self, seq: int) -> str | None:
        """The hash of the event at this position, None when there is none. Raises JournalUnavailable."""
        with reading(self._path) as connection:
            row = connection.execute("SELECT CAST(hash AS TEXT) FROM event WHERE seq = ?", (seq,)).fetchone()
        return None if row is None else row[0]

    def read(self, after: int = 0) -> Sequence[Event]:
        """Every event with a position above `after`, oldest first. Raises JournalUnavailable."""
        return [event for page in self.pages(after) for event in events_in(page.rows)]

    def pages(self, after: int = BEFORE_ALL) -> Iterator[Page]:
        """Every row as it lies in the file, oldest first, and at least one page. Raises JournalUnavailable.

        Nothing is locked between two pages, so a slow reader never holds up an approval.
        """
        with reading(self._path) as connection:
            while True:
                page = page_of(connection, after)
                yield page
                if page.last:
                    return
                after = page.rows[-1].seq

    def stored(self) -> Iterator[StoredEvent]:
        """The same, row by row."""
        for page in self.pages():
            yield from page.rows

    def installation(self) -> str:
        """The installation that the first event names, empty when it is lost. Raises JournalUnavailable."""
        with reading(self._path) as connection:
            first = events_in(rows_of(connection, 0, 1))
        named = first[0].fields.get("installation") if first else ""
        return named if isinstance(named, str) else ""

    def head(self) -> Head:
        """The last position and hash. Raises JournalUnavailable."""
        with reading(self._path) as connection:
            head = head_of(connection)
        if head is None:
            raise JournalUnavailable(LOST_HEAD)
        return head

    @contextmanager
    def transaction(self) -> Iterator[SqliteTransaction]:
        """Queue up with all other writers; commit on the way out, roll back when something was raised."""
        with writing(self._path) as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                transaction = SqliteTransaction(connection)
                yield transaction
                connection.execute("COMMIT")
            except BaseException:
                # SQLite has rolled back on its own when the disk was full; a second rollback would hide that error.
                if connection.in_transaction:
                    connection.execute("ROLLBACK")
                raise
        if self._witness is not None and transaction.has_written:
            self._witness.remember(transaction.head)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError as error:
        raise JournalUnavailable(f"The journal {path} cannot be reached: {error.strerror}.") from error
