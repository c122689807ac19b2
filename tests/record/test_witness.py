"""A journal that is older than what was confirmed, or another one, is noticed by whoever remembers its heads."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.rows import Head
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.record.stored import StoredJournal
from nodescaler_tui.record.testimony import Disagreement
from nodescaler_tui.record.witness import Witness
from tests.record.conftest import draft
from tests.record.stores import Store


@pytest.fixture
def witness(tmp_path: Path) -> Witness:
    return Witness(tmp_path / "elsewhere" / "heads")


def opened(path: Path, witness: Witness) -> SqliteJournal:
    return SqliteJournal.open(path, version="1", witness=witness)


def write(journal: StoredJournal, count: int) -> None:
    for number in range(count):
        with journal.transaction() as transaction:
            transaction.append(draft(number))


def test_each_commit_leaves_its_head_outside_of_the_store(store: Store, witness: Witness) -> None:
    journal = store.open(witness=witness)
    write(journal, 3)
    assert witness.last() == journal.head()
    assert witness.against(journal.hash_at) is None


def test_a_transaction_that_wrote_nothing_leaves_none(store: Store, witness: Witness) -> None:
    with store.open(witness=witness).transaction():
        pass
    assert witness.last() is None


def test_an_old_copy_that_was_put_back_is_refused(path: Path, witness: Witness) -> None:
    journal = opened(path, witness)
    write(journal, 2)
    shutil.copy(path, path.with_suffix(".old"))
    write(journal, 2)
    shutil.copy(path.with_suffix(".old"), path)
    testimony = witness.against(SqliteJournal(path).hash_at)
    assert testimony is not None
    assert testimony.disagreement is Disagreement.ROLLED_BACK
    with pytest.raises(JournalUnavailable, match="audit accept"):
        opened(path, witness)


def test_a_journal_that_was_written_anew_is_refused(path: Path, witness: Witness) -> None:
    write(opened(path, witness), 2)
    path.unlink()
    write(SqliteJournal.open(path, version="1"), 2)
    testimony = witness.against(SqliteJournal(path).hash_at)
    assert testimony is not None
    assert testimony.disagreement is Disagreement.FORKED
    with pytest.raises(JournalUnavailable, match="written anew"):
        opened(path, witness)


def test_a_store_that_was_set_back_is_refused(store: Store, witness: Witness) -> None:
    write(store.open(witness=witness), 4)
    store.tamper(
        "DELETE FROM event WHERE seq > 3; UPDATE head SET seq = 3, hash = (SELECT hash FROM event WHERE seq = 3)"
    )
    testimony = witness.against(store.open_for_reading().hash_at)
    assert testimony is not None
    assert testimony.disagreement is Disagreement.ROLLED_BACK
    with pytest.raises(JournalUnavailable, match="audit accept"):
        store.open(witness=witness)


def test_a_witness_that_is_behind_says_nothing(store: Store, witness: Witness) -> None:
    write(store.open(witness=witness), 1)
    write(store.open(), 2)
    assert witness.against(store.open(witness=witness).hash_at) is None


def test_a_torn_last_line_says_nothing(store: Store, witness: Witness, tmp_path: Path) -> None:
    journal = store.open(witness=witness)
    write(journal, 2)
    with (tmp_path / "elsewhere" / "heads").open("a") as file:
        file.write("99:abc")
    assert witness.last() == journal.head()


def test_a_witness_that_cannot_write_stops_no_commit_and_says_so(store: Store, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").write_text("a file where a folder belongs")
    witness = Witness(tmp_path / "elsewhere" / "heads")
    journal = store.open(witness=witness)
    write(journal, 1)
    assert len(journal.read()) == 2
    assert "cannot be kept" in witness.problem


def test_what_was_accepted_is_witnessed_from_now_on(store: Store, witness: Witness) -> None:
    witness.remember(Head(40, "ab" * 32))
    journal = store.open()
    witness.begin_anew(journal.head())
    assert witness.against(store.open(witness=witness).hash_at) is None
