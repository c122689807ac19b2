"""Copying a journal from its file into a team's store: byte for byte, so that the chain goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from nodescaler_tui.events import SETTLED_PHASES, JournalUnavailable
from nodescaler_tui.record.chain import Verification, verify, verify_journal
from nodescaler_tui.record.guards import NO_OPERATION, operation_of, phase_after
from nodescaler_tui.record.postgres.connection import Session, Sessions
from nodescaler_tui.record.postgres.roles import as_owner
from nodescaler_tui.record.postgres.rows import beginning_of, head_of, page_of
from nodescaler_tui.record.postgres.schema import SCHEMA_VERSION
from nodescaler_tui.record.postgres.transaction import begin
from nodescaler_tui.record.rows import BEFORE_ALL, Head, StoredEvent
from nodescaler_tui.record.stored import StoredJournal

DIFFERS: Final = "The copy differs from the journal, so it was not kept. Try again."
_OPERATION: Final = """
    INSERT INTO operation (id, phase, group_id, plan_hash, open)
    SELECT document ->> 'operation_id', %s, coalesce(document ->> 'group_id', ''),
           document -> 'fields' ->> 'plan_hash', %s
    FROM (SELECT document_of(bytes) AS document FROM event WHERE seq = %s) AS approved
"""
_APPROVAL: Final = """
    INSERT INTO approval (operation_id, operator)
    SELECT document ->> 'operation_id', coalesce(document ->> 'operator', '')
    FROM (SELECT document_of(bytes) AS document FROM event WHERE seq = %s) AS approved
"""


def copy_journal(source: StoredJournal, target: Sessions) -> Verification:
    """Copy every event into a store that has none, as its owner; what was proved of the copy before it was kept.

    The source takes no event meanwhile. Raises JournalUnavailable when the source is not intact, when the store has a
    journal, or when a guard refuses an event; then nothing was copied.
    """
    with source.transaction():
        found = verify_journal(source)
        if not found.intact:
            raise JournalUnavailable(f"Nothing was copied. {found.sentences[0]}")
        with target.session() as session:
            as_owner(session)
            begin(session)
            _require_empty(session, target.place)
            session.execute("SELECT begin_journal(%s, %s)", (SCHEMA_VERSION, found.installation))
            _insert(session, source, Head(found.events, found.head))
            outcome = _verified(source, session, found)
            session.execute("COMMIT")
            session.execute("RESET ROLE")
    return outcome


def _require_empty(session: Session, place: str) -> None:
    head = head_of(session)
    if beginning_of(session)[1]:
        held = "a damaged journal" if head is None else f"a journal of {head.seq} events"
        raise JournalUnavailable(f"{place} holds {held} already. Copy into a store that was just made.")


class _Operations:
    """Where each operation stands, by the law that the database's guards apply too, and where it was approved."""

    def __init__(self) -> None:
        self.stand: dict[str, tuple[int, str]] = {}

    def take(self, row: StoredEvent) -> None:
        """Raises JournalUnavailable for an event that cannot follow."""
        operation = operation_of(row.canonical)
        if operation == NO_OPERATION:
            return
        approved_at, before = self.stand.get(operation, (row.seq, None))
        after = phase_after(row.canonical, before)
        if after is None:
            raise JournalUnavailable(
                f"Nothing was copied. The event at position {row.seq} cannot follow in the phase of its operation."
            )
        self.stand[operation] = (approved_at, after)


def _insert(session: Session, source: StoredJournal, end: Head) -> None:
    """All events at once, without the guard of each: the head would leave a dead row for every one of them.

    The chain is verified afterwards, where it lies; what the guards ask of operations is asked here.
    """
    operations = _Operations()
    session.execute("ALTER TABLE event DISABLE TRIGGER USER")
    with session.cursor() as cursor, cursor.copy("COPY event (seq, hash, bytes) FROM STDIN") as copy:
        for row in source.stored():
            operations.take(row)
            copy.write_row((row.seq, row.hash, row.canonical))
    session.execute("ALTER TABLE event ENABLE TRIGGER USER")
    session.execute("UPDATE head SET seq = %s, hash = %s", (end.seq, end.hash))
    with session.cursor() as cursor:
        cursor.executemany(
            _OPERATION, [(phase, phase not in SETTLED_PHASES, seq) for seq, phase in operations.stand.values()]
        )
        cursor.executemany(_APPROVAL, [(seq,) for seq, _ in operations.stand.values()])


def _verified(source: StoredJournal, session: Session, expected: Verification) -> Verification:
    """The copy as it lies in the store, verified on its own while it is compared row by row."""
    outcome = verify(_same(source, session), head_of(session), installation=expected.installation)
    if (outcome.intact, outcome.head) != (True, expected.head):
        raise JournalUnavailable(DIFFERS)
    return outcome


def _same(source: StoredJournal, session: Session) -> Iterator[StoredEvent]:
    for original, copied in zip_longest(source.stored(), _copied(session)):
        if copied is None or original != copied:
            raise JournalUnavailable(DIFFERS)
        yield copied


def _copied(session: Session) -> Iterator[StoredEvent]:
    after, last = BEFORE_ALL, False
    while not last:
        page = page_of(session, after)
        yield from page.rows
        after, last = page.rows[-1].seq if page.rows else after, page.last
