"""A connection that breaks off at any message: what was confirmed is there, once, and nothing is left in doubt."""

from __future__ import annotations

from collections.abc import Iterator

import psycopg
import pytest

from nodescaler_tui.events import JournalUnavailable, OutcomeUnknown
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.postgres.transaction import PostgresTransaction
from tests.postgresql.databases import Database
from tests.record.conftest import draft
from tests.record.postgres.cutting import Cutter, cutter


@pytest.fixture
def between(database: Database) -> Iterator[Cutter]:
    with cutter(database.server.socket) as between:
        yield between


@pytest.fixture
def journal(database: Database, between: Cutter) -> Iterator[PostgresJournal]:
    url = f"postgresql://ana@127.0.0.1:{between.port}/{database.name}?sslmode=disable&gssencmode=disable"
    journal = PostgresJournal.open(url, version="1")
    yield journal
    journal.close()


def append(journal: PostgresJournal, number: int) -> None:
    with journal.transaction() as transaction:
        transaction.append(draft(number))


def test_a_commit_whose_answer_is_lost_is_found_in_the_journal(journal: PostgresJournal, between: Cutter) -> None:
    between.cut_at(b"COMMIT\0", deliver=True)
    append(journal, 1)
    assert between.cuts == 1
    assert [event.fields["nodes"] for event in journal.read(after=1)] == [1]


def test_a_commit_after_which_the_store_stays_away_is_said_to_be_unknown(
    journal: PostgresJournal, between: Cutter
) -> None:
    between.cut_at(b"COMMIT\0", deliver=True, for_good=True)
    with pytest.raises(OutcomeUnknown, match="the journal says once it can be read again"):
        append(journal, 1)
    between.mend()
    append(journal, 2)
    assert [event.fields["nodes"] for event in journal.read(after=1)] == [1, 2]


def test_a_commit_that_never_arrived_wrote_nothing_and_says_so(journal: PostgresJournal, between: Cutter) -> None:
    between.cut_at(b"COMMIT\0", deliver=False)
    with pytest.raises(JournalUnavailable, match="cannot be reached"):
        append(journal, 1)
    assert between.cuts == 1
    assert len(journal.read()) == 1
    append(journal, 2)
    assert [event.fields["nodes"] for event in journal.read(after=1)] == [2]


@pytest.mark.parametrize("deliver", [True, False])
@pytest.mark.parametrize("message", [b"BEGIN", b"take_head", b"INSERT INTO event"])
def test_what_breaks_off_before_the_commit_wrote_nothing(
    journal: PostgresJournal, between: Cutter, message: bytes, deliver: bool
) -> None:
    between.cut_at(message, deliver=deliver)
    with pytest.raises(JournalUnavailable):
        append(journal, 1)
    assert between.cuts == 1
    append(journal, 2)
    assert [event.fields["nodes"] for event in journal.read(after=1)] == [2]
    assert verify_journal(journal).intact


def append_and_swallow(transaction: PostgresTransaction) -> None:
    transaction.append(draft(1))
    with pytest.raises(psycopg.Error):
        transaction._session.execute("SELECT 1 / 0")


def test_a_refusal_that_somebody_swallows_still_undoes_the_transaction(database: Database) -> None:
    journal = PostgresJournal.open(database.url(), version="1")
    with pytest.raises(JournalUnavailable, match="Nothing was written"), journal.transaction() as transaction:
        append_and_swallow(transaction)
    assert len(journal.read()) == 1
