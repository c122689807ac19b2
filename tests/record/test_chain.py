"""Verification: every way in which a journal can be touched is found, and called by its name."""

from __future__ import annotations

import json
import sqlite3
import time
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodescaler_tui.events import Draft, EventKind, JournalUnavailable
from nodescaler_tui.record.canonical import chained_hash, event_bytes, genesis_hash
from nodescaler_tui.record.chain import Finding, verify, verify_journal
from nodescaler_tui.record.rows import PAGE_LENGTH, Head, StoredEvent
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.record.stored import StoredJournal
from tests.record.conftest import NOON, Tamper, Write, draft
from tests.record.stores import Store

Rows = list[StoredEvent]


def chain(length: int, installation: str = "ours") -> Rows:
    opened = Draft(EventKind.JOURNAL_OPENED, NOON, fields={"installation": installation, "version": "1"})
    rows: Rows = []
    digest = genesis_hash(installation)
    for seq in range(1, length + 1):
        canonical = event_bytes(seq, opened if seq == 1 else draft(seq))
        digest = chained_hash(digest, canonical)
        rows.append(StoredEvent(seq, digest, canonical))
    return rows


GOLDEN = chain(12)
HEAD = Head(12, GOLDEN[-1].hash)


def renumbered(rows: Rows) -> Rows:
    return [replace(row, seq=position) for position, row in enumerate(rows, 1)]


def found(rows: Rows, head: Head | None = HEAD) -> tuple[Finding, int]:
    outcome = verify(rows, head)
    assert not outcome.intact
    assert outcome.flaw is not None
    assert outcome.events == outcome.flaw.seq - 1
    return outcome.flaw.finding, outcome.flaw.seq


def test_an_honest_chain_holds_and_says_what_it_cannot_prove() -> None:
    outcome = verify(GOLDEN, HEAD, installation="ours")
    assert outcome.intact
    assert (outcome.events, outcome.head) == (12, HEAD.hash)
    assert "12 events" in outcome.sentences[0]
    assert HEAD.hash[:16] in outcome.sentences[0]
    assert outcome.sentences[1].startswith("Not proved")


def test_every_single_byte_that_is_edited_is_found_where_it_is() -> None:
    for index, row in enumerate(GOLDEN):
        for place in range(len(row.canonical)):
            edited = bytearray(row.canonical)
            edited[place] ^= 1
            rows = [*GOLDEN[:index], replace(row, canonical=bytes(edited)), *GOLDEN[index + 1 :]]
            assert found(rows)[1] == index + 1


def test_every_single_character_of_a_hash_that_is_edited_is_found_where_it_is() -> None:
    for index, row in enumerate(GOLDEN):
        for place in range(64):
            other = "0" if row.hash[place] != "0" else "1"
            edited = replace(row, hash=row.hash[:place] + other + row.hash[place + 1 :])
            assert found([*GOLDEN[:index], edited, *GOLDEN[index + 1 :]]) == (Finding.EDITED, index + 1)


def test_an_edited_value_is_called_edited() -> None:
    row = GOLDEN[5]
    edited = replace(row, canonical=row.canonical.replace(b'"nodes":6', b'"nodes":9'))
    assert edited != row
    assert found([*GOLDEN[:5], edited, *GOLDEN[6:]]) == (Finding.EDITED, 6)


@pytest.mark.parametrize("first", range(1, 12))
def test_events_that_were_deleted_are_missed(first: int) -> None:
    for last in range(first, 12):
        rows = GOLDEN[: first - 1] + GOLDEN[last:]
        assert found(rows) == (Finding.DELETED, first)
        assert found(renumbered(rows)) == (Finding.DELETED, first)


@pytest.mark.parametrize("kept", range(12))
def test_a_tail_that_was_cut_is_missed_by_the_head(kept: int) -> None:
    assert found(GOLDEN[:kept]) == (Finding.TRUNCATED, kept + 1)


@pytest.mark.parametrize("one", range(2, 13))
def test_two_events_that_changed_places_are_called_reordered(one: int) -> None:
    for other in range(one + 1, 13):
        rows = list(GOLDEN)
        rows[one - 1], rows[other - 1] = rows[other - 1], rows[one - 1]
        assert found(renumbered(rows)) == (Finding.REORDERED, one)


@pytest.mark.parametrize("place", range(2, 13))
def test_a_copy_of_an_earlier_event_is_called_duplicated(place: int) -> None:
    for copied in range(1, place):
        rows = renumbered([*GOLDEN[: place - 1], GOLDEN[copied - 1], *GOLDEN[place - 1 :]])
        assert found(rows) == (Finding.DUPLICATED, place)


@pytest.mark.parametrize("place", range(2, 13))
def test_a_forged_event_that_pushes_the_others_back_is_called_inserted(place: int) -> None:
    canonical = event_bytes(place, draft(99))
    unchained = StoredEvent(place, "ab" * 32, canonical)
    chained = replace(unchained, hash=chained_hash(GOLDEN[place - 2].hash, canonical))
    assert found(renumbered([*GOLDEN[: place - 1], unchained, *GOLDEN[place - 1 :]])) == (Finding.INSERTED, place)
    assert found(renumbered([*GOLDEN[: place - 1], chained, *GOLDEN[place - 1 :]])) == (Finding.INSERTED, place + 1)


def test_a_clock_that_went_backwards_is_a_warning_and_no_flaw() -> None:
    outcome = verify([GOLDEN[0], *clocked(2, -60), *clocked(3, 0, after=clocked(2, -60))], None)
    assert outcome.warnings == ("Warning: the clock went backwards once, first at position 2.",)


def clocked(seq: int, seconds: int, after: Rows | None = None) -> Rows:
    canonical = event_bytes(seq, replace(draft(seq), at=NOON + timedelta(seconds=seconds)))
    return [StoredEvent(seq, chained_hash((after or GOLDEN[:1])[-1].hash, canonical), canonical)]


@pytest.mark.parametrize("seq", [0, -1, -(2**63)])
def test_a_row_before_the_beginning_is_called_inserted(seq: int) -> None:
    assert found([replace(GOLDEN[0], seq=seq), *GOLDEN]) == (Finding.INSERTED, 1)


def test_an_event_that_was_appended_behind_the_heads_back_is_found() -> None:
    assert found(chain(13)) == (Finding.INSERTED, 13)


def test_a_tail_that_was_written_anew_does_not_end_at_the_head() -> None:
    other = event_bytes(12, draft(99))
    rewritten = StoredEvent(12, chained_hash(GOLDEN[10].hash, other), other)
    assert found([*GOLDEN[:11], rewritten]) == (Finding.EDITED, 12)


def test_the_events_of_another_journal_do_not_fit_in() -> None:
    assert found([*GOLDEN[:6], *chain(12, "theirs")[6:]]) == (Finding.EDITED, 7)


def test_another_installations_journal_is_foreign_when_ours_is_known() -> None:
    theirs = chain(12, "theirs")
    outcome = verify(theirs, Head(12, theirs[-1].hash), installation="ours")
    assert outcome.flaw is not None
    assert outcome.flaw.finding is Finding.FOREIGN


def test_a_chain_that_does_not_open_a_journal_has_lost_its_beginning() -> None:
    canonical = event_bytes(1, draft(1))
    rows = [StoredEvent(1, chained_hash(genesis_hash(""), canonical), canonical)]
    assert found(rows, Head(1, rows[0].hash)) == (Finding.DELETED, 1)


@pytest.mark.parametrize("damaged", [b"", b"\x00" * 100, b"[" * 100_000, b"[1]", b'"text"', b'{"seq":6', b"\xff"])
def test_a_row_that_is_no_event_is_called_unreadable(damaged: bytes) -> None:
    assert found([*GOLDEN[:5], replace(GOLDEN[5], canonical=damaged), *GOLDEN[6:]]) == (Finding.UNREADABLE, 6)


def test_without_a_head_a_cut_cannot_be_excluded() -> None:
    assert found(GOLDEN, None) == (Finding.NO_HEAD, 13)


def test_what_cannot_be_asserted_any_more_is_said() -> None:
    sentences = verify([*GOLDEN[:5], *GOLDEN[6:]], HEAD).sentences
    assert sentences[0] == "The event at position 6 is missing; 7 comes next."
    assert sentences[1].startswith(
        "5 events before position 6 can be relied on (until 2026-03-01T12:00:00.000000+00:00)"
    )
    assert sentences[1].endswith("from there on nothing can be asserted.")


@given(st.lists(st.integers(0, 11), max_size=16))
def test_no_other_selection_of_the_events_holds(chosen: list[int]) -> None:
    rows = renumbered([GOLDEN[index] for index in chosen])
    assert verify(rows, HEAD).intact == (chosen == list(range(12)))


def test_a_million_events_take_seconds_not_minutes() -> None:
    rows = chain(20_000)
    began = time.process_time()
    assert verify(iter(rows), Head(20_000, rows[-1].hash)).intact
    assert 20_000 / (time.process_time() - began) >= 50_000


def test_a_journal_is_verified_from_its_store(journal: StoredJournal, write: Write) -> None:
    write(PAGE_LENGTH + 10)
    outcome = verify_journal(journal)
    assert outcome.intact
    assert (outcome.events, outcome.head) == (PAGE_LENGTH + 11, journal.head().hash)
    installation = str(journal.read()[0].fields["installation"])
    assert verify_journal(journal, installation=installation).intact
    assert not verify_journal(journal, installation="another").intact


@pytest.mark.parametrize(
    ("edit", "named"),
    [
        (("ana@ops", "eve@ops"), (Finding.EDITED, 3)),
        (("{", "["), (Finding.UNREADABLE, 3)),
        (("{", "{ "), (Finding.EDITED, 3)),
        (("nobody", "somebody"), None),
    ],
)
def test_what_an_intruder_did_to_an_event_is_named(
    journal: StoredJournal, write: Write, store: Store, edit: tuple[str, str], named: tuple[Finding, int] | None
) -> None:
    write(5)
    store.edit(3, *edit)
    flaw = verify_journal(journal).flaw
    assert named == (None if flaw is None else (flaw.finding, flaw.seq))


@pytest.mark.parametrize(
    ("script", "named"),
    [
        ("UPDATE event SET hash = '7' WHERE seq = 3", (Finding.EDITED, 3)),
        ("DELETE FROM event WHERE seq = 4", (Finding.DELETED, 4)),
        ("DELETE FROM event WHERE seq > 4", (Finding.TRUNCATED, 5)),
        ("DELETE FROM head", (Finding.NO_HEAD, 7)),
        ("UPDATE head SET hash = 'aa'", (Finding.EDITED, 6)),
        ("UPDATE head SET seq = 0", (Finding.INSERTED, 1)),
        ("INSERT INTO event SELECT -9, hash, bytes FROM event WHERE seq = 2", (Finding.INSERTED, 1)),
        ("UPDATE event SET seq = -seq WHERE seq IN (3, 4); UPDATE event SET seq = 7 + seq WHERE seq < 0",
         (Finding.REORDERED, 3)),
    ],
)  # fmt: skip
def test_what_an_intruder_did_to_the_store_is_named(
    journal: StoredJournal, write: Write, tamper: Tamper, script: str, named: tuple[Finding, int] | None
) -> None:
    write(5)
    tamper(script)
    flaw = verify_journal(journal).flaw
    assert named == (None if flaw is None else (flaw.finding, flaw.seq))


@pytest.mark.parametrize(
    ("script", "named"),
    [
        ("UPDATE event SET bytes = CAST(bytes AS TEXT)", None),
        ("UPDATE event SET bytes = 'not json' WHERE seq = 3", (Finding.UNREADABLE, 3)),
        ("UPDATE event SET hash = x'ff' WHERE seq = 3", (Finding.EDITED, 3)),
        ("UPDATE event SET hash = CAST(x'ff' AS TEXT) WHERE seq = 3", (Finding.EDITED, 3)),
        ("UPDATE event SET hash = 7 WHERE seq = 3", (Finding.EDITED, 3)),
        ("UPDATE head SET hash = x'ff'", (Finding.EDITED, 6)),
        ("UPDATE head SET seq = 'many'", (Finding.INSERTED, 1)),
    ],
)
def test_what_an_intruder_put_into_a_file_that_knows_no_types_is_named(
    path: Path, write: Write, tamper: Tamper, script: str, named: tuple[Finding, int] | None
) -> None:
    write(5)
    tamper(script)
    flaw = verify_journal(SqliteJournal(path)).flaw
    assert named == (None if flaw is None else (flaw.finding, flaw.seq))


def test_a_file_that_breaks_off_in_the_middle_holds_up_to_there(
    journal: StoredJournal, path: Path, write: Write
) -> None:
    write(2 * PAGE_LENGTH)
    pages = path.stat().st_size // 4096
    with path.open("r+b") as file:
        file.seek((pages * 3 // 4) * 4096)
        file.write(bytes(4096))
    outcome = verify_journal(journal)
    assert outcome.flaw is not None
    assert outcome.flaw.finding is Finding.UNREADABLE
    assert outcome.events >= PAGE_LENGTH


def test_no_byte_of_the_file_can_change_what_it_tells_unnoticed(
    path: Path, write: Write, journal: StoredJournal
) -> None:
    write(2)
    told = journal.read()
    whole = path.read_bytes()
    touched = [place for place in range(len(whole)) if whole[place]]
    for place in touched:
        with path.open("r+b") as file:
            file.seek(place)
            file.write(bytes([whole[place] ^ 1]))
        assert damage_is_noticed(path) or SqliteJournal(path).read() == told
        path.write_bytes(whole)
    assert len(touched) > 1000


def damage_is_noticed(path: Path) -> bool:
    try:
        return not verify_journal(SqliteJournal.open_for_reading(path)).intact
    except JournalUnavailable:
        return True


def test_the_whole_files_replacement_is_what_a_bare_chain_cannot_see(tmp_path: Path, path: Path, write: Write) -> None:
    write(2)
    other = SqliteJournal.open(tmp_path / "other.db", version="1")
    (tmp_path / "other.db").replace(path)
    with closing(sqlite3.connect(path)):
        assert verify_journal(SqliteJournal(path)).intact
    assert json.loads(next(SqliteJournal(path).stored()).canonical)["fields"]["version"] == "1"
    with pytest.raises(JournalUnavailable):
        other.check()
