"""Copying a journal from its file into a team's store: byte for byte, so that the chain goes on where it was."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import zip_longest
from typing import Final

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.chain import Verification, verify, verify_journal
from nodescaler_tui.record.postgres.connection import Session, Sessions
from nodescaler_tui.record.postgres.roles import as_owner
from nodescaler_tui.record.postgres.rows import beginning_of, head_of, page_of
from nodescaler_tui.record.postgres.schema import SCHEMA_VERSION
from nodescaler_tui.record.postgres.transaction import begin
from nodescaler_tui.record.rows import BEFORE_ALL, StoredEvent
from nodescaler_tui.record.stored import StoredJournal

DIFFERS: Final = "The copy differs from the journal, so it was not kept. Try again."


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
            for page in source.pages():
                _insert(session, page.rows)
            outcome = _verified(source, session, found)
            session.execute("COMMIT")
            session.execute("RESET ROLE")
    return outcome


def _require_empty(session: Session, place: str) -> None:
    head = head_of(session)
    if beginning_of(session)[1]:
        held = "a damaged journal" if head is None else f"a journal of {head.seq} events"
        raise JournalUnavailable(f"{place} holds {held} already. Copy into a store that was just made.")


def _insert(session: Session, rows: tuple[StoredEvent, ...]) -> None:
    """One statement an event: each is judged by the guards after the one before has moved the head."""
    with session.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO event (seq, hash, bytes) VALUES (%s, %s, %s)",
            [(row.seq, row.hash, row.canonical) for row in rows],
        )


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
