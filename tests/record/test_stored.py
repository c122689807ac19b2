"""The contract that every store of the journal keeps: what is written is there, and what cannot be is refused."""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest

from nodescaler_tui.events import Draft, EventKind, JournalUnavailable
from nodescaler_tui.record.canonical import NotCanonical, chained_hash, genesis_hash
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.rows import PAGE_LENGTH
from nodescaler_tui.record.stored import StoredJournal, StoredTransaction
from tests.record.conftest import NOON, Tamper, Write, draft
from tests.record.stores import Store


def test_a_new_journal_begins_with_an_event_that_names_its_installation(journal: StoredJournal) -> None:
    (opened,) = journal.read()
    assert (opened.seq, opened.kind, opened.at) == (1, EventKind.JOURNAL_OPENED, NOON)
    assert opened.fields["version"] == "1.2.3"
    (row,) = journal.stored()
    assert row.hash == chained_hash(genesis_hash(str(opened.fields["installation"])), row.canonical)


def test_what_is_appended_is_read_back_in_order_and_after_a_reopening(store: Store, write: Write) -> None:
    written = write(3)
    again = store.open(version="9")
    assert list(again.read(after=1)) == written
    assert [event.seq for event in again.read()] == [1, 2, 3, 4]
    assert (again.head().seq, again.head().hash) == (4, written[-1].hash)


def test_more_than_one_page_is_read_whole(journal: StoredJournal, write: Write) -> None:
    write(2 * PAGE_LENGTH + 10)
    assert [event.seq for event in journal.read()] == list(range(1, 2 * PAGE_LENGTH + 12))
    assert [len(page.rows) for page in journal.pages()] == [PAGE_LENGTH, PAGE_LENGTH, 11]


def test_a_transaction_reads_what_is_there_and_what_it_has_added(journal: StoredJournal) -> None:
    with journal.transaction() as transaction:
        first = transaction.append(draft(1))
        second = transaction.append(draft(2))
        assert transaction.read(after=1) == [first, second]


def append_one_then(journal: StoredJournal, then: Callable[[StoredTransaction], object]) -> None:
    with journal.transaction() as transaction:
        transaction.append(draft(1))
        then(transaction)


def change_of_mind(_: StoredTransaction) -> None:
    raise RuntimeError("changed my mind")


def test_nothing_is_written_when_the_transaction_fails(journal: StoredJournal) -> None:
    with pytest.raises(RuntimeError, match="changed my mind"):
        append_one_then(journal, change_of_mind)
    assert len(journal.read()) == 1


def test_an_event_without_a_canonical_form_takes_its_whole_transaction_with_it(journal: StoredJournal) -> None:
    with pytest.raises(NotCanonical):
        append_one_then(journal, lambda transaction: transaction.append(draft(2**60)))
    assert len(journal.read()) == 1


def test_what_is_not_committed_is_seen_by_nobody_else(journal: StoredJournal) -> None:
    with journal.transaction() as transaction:
        transaction.append(draft(1))
        assert len(journal.read()) == 1
    assert len(journal.read()) == 2


def test_threads_write_through_one_journal(journal: StoredJournal) -> None:
    def append_some() -> None:
        for number in range(10):
            with journal.transaction() as transaction:
                transaction.append(draft(number))

    threads = [threading.Thread(target=append_some) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [event.seq for event in journal.read()] == list(range(1, 42))


def test_threads_that_open_a_new_journal_at_once_get_the_same(store: Store) -> None:
    beginnings: list[str] = []
    gate = threading.Barrier(4)

    def open_one() -> None:
        gate.wait()
        beginnings.append(store.open().read()[0].hash)

    threads = [threading.Thread(target=open_one) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(beginnings) == 4
    assert len(set(beginnings)) == 1


def test_a_reader_who_pauses_holds_up_no_writer(store: Store, write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    write(PAGE_LENGTH + 5)
    store.be_impatient(monkeypatch)
    journal = store.open()
    paused = journal.stored()
    next(paused)
    with journal.transaction() as transaction:
        added = transaction.append(draft(1))
    assert [row.seq for row in paused][-1] == added.seq


def test_a_writer_who_holds_the_journal_is_named_after_a_while(
    store: Store, journal: StoredJournal, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert journal.head().seq == 1
    store.be_impatient(monkeypatch)
    impatient = store.open()
    with store.held_by_another_program():
        with pytest.raises(JournalUnavailable, match="Another program has held"), impatient.transaction():
            pytest.fail("two writers at once")
        assert len(impatient.read()) == 1
    with impatient.transaction() as transaction:
        assert transaction.append(draft(1)).seq == 2


@pytest.mark.parametrize(
    ("script", "says"),
    [
        ("DELETE FROM event WHERE seq = 1", "no first event"),
        ("DELETE FROM event WHERE seq = 3", "not the one that its head names"),
        ("UPDATE head SET hash = 'aa'", "not the one that its head names"),
        ("DELETE FROM head", "lost its head row"),
    ],
)
def test_a_journal_that_was_tampered_with_is_refused_for_acting(
    store: Store, write: Write, tamper: Tamper, script: str, says: str
) -> None:
    write(2)
    tamper(script)
    with pytest.raises(JournalUnavailable, match=says):
        store.open()


def test_an_event_that_cannot_be_read_is_named_by_its_position(
    store: Store, journal: StoredJournal, write: Write
) -> None:
    write(2)
    store.edit(2, "plan.refused", "plan.unheard-of")
    with pytest.raises(JournalUnavailable, match="position 2 cannot be read"):
        journal.read()


def test_text_that_a_database_may_not_hold_comes_back_as_it_was(journal: StoredJournal, store: Store) -> None:
    store.let_anybody_be_named()
    hostile = "a\x00b\\u0000 \ud800 \U0001f600 \u2028"
    with journal.transaction() as transaction:
        written = transaction.append(
            Draft(EventKind.PLAN_APPROVED, NOON, hostile, hostile, f"op {hostile}", {"reason": hostile, hostile: [1]})
        )
    assert journal.read(after=1) == [written]
    assert verify_journal(journal).intact


def test_a_journal_whose_tail_was_cut_takes_no_event(journal: StoredJournal, write: Write, store: Store) -> None:
    write(2)
    store.cut_from(3)
    with pytest.raises(JournalUnavailable, match="the head names the last event"), journal.transaction():
        pytest.fail("a transaction on a journal that was cut")


def test_a_lost_head_stops_every_transaction(journal: StoredJournal, tamper: Tamper) -> None:
    tamper("DELETE FROM head")
    for act in (journal.head, lambda: journal.transaction().__enter__()):
        with pytest.raises(JournalUnavailable, match="lost its head row"):
            act()
