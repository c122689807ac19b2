"""Export: JSON lines that anyone can verify with a standard library, and CSV that a spreadsheet cannot misread."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from pathlib import Path

import pytest

from nodescaler_tui.events import Draft, EventKind, JournalUnavailable
from nodescaler_tui.record.export import COLUMNS, csv_lines, json_lines
from nodescaler_tui.record.stored import StoredJournal
from tests.record.conftest import NOON, Tamper, Write
from tests.record.stores import Store

HOSTILE = "=cmd|'/c calc'!A1\x1b]0;owned\x07\u202e\x9b31m"


def verifies_on_its_own(text: str) -> bool:
    """Written from the export's documentation alone, without the program's code."""
    lines = [json.loads(line) for line in text.splitlines()]
    installation = json.loads(lines[0]["event"])["fields"]["installation"]
    digest = hashlib.sha256(b"nodescaler-tui journal\n" + installation.encode()).digest()
    for line in lines:
        digest = hashlib.sha256(digest + line["event"].encode()).digest()
        if digest.hex() != line["hash"]:
            return False
    return True


@pytest.fixture
def hostile(journal: StoredJournal, write: Write, store: Store) -> StoredJournal:
    store.let_anybody_be_named()
    write(3)
    with journal.transaction() as transaction:
        transaction.append(Draft(EventKind.PLAN_REJECTED, NOON, HOSTILE, "grün", "op", {"reason": HOSTILE}))
    return journal


def test_json_lines_verify_with_the_standard_library_alone(hostile: StoredJournal) -> None:
    text = "".join(json_lines(hostile.stored()))
    assert text.count("\n") == 5
    assert verifies_on_its_own(text)
    assert not verifies_on_its_own(text.replace("ana@ops", "eve@ops", 1))


def test_json_lines_keep_the_raw_values_and_are_safe_to_look_at(hostile: StoredJournal) -> None:
    *_, last = json_lines(hostile.stored())
    assert json.loads(json.loads(last)["event"])["operator"] == HOSTILE
    assert last.isascii()
    assert last[:-1].isprintable()


def test_a_damaged_journal_is_still_exported_and_does_not_verify(hostile: StoredJournal, store: Store) -> None:
    store.edit(3, "plan.refused", "plan.approved")
    lines = list(json_lines(hostile.stored()))
    assert len(lines) == 5
    assert not verifies_on_its_own("".join(lines))


def test_csv_has_one_row_an_event(hostile: StoredJournal) -> None:
    header, *rows = csv.reader(io.StringIO("".join(csv_lines(hostile.stored()))))
    assert tuple(header) == COLUMNS
    events = hostile.read()
    assert [(row[0], row[2], row[7]) for row in rows] == [(str(event.seq), event.kind, event.hash) for event in events]
    assert json.loads(rows[1][6]) == {"nodes": 0, "ok": True}


def test_csv_starts_no_formula_and_obeys_no_terminal(hostile: StoredJournal) -> None:
    text = "".join(csv_lines(hostile.stored()))
    *_, row = csv.reader(io.StringIO(text))
    assert row[4].startswith("'=cmd")
    assert text.replace("\r\n", "").isprintable()


def test_csv_names_the_row_that_is_no_event(hostile: StoredJournal, store: Store) -> None:
    store.edit(3, "plan.refused", "plan.unheard-of")
    with pytest.raises(JournalUnavailable, match="position 3"):
        list(csv_lines(hostile.stored()))


def test_bytes_that_are_no_text_any_more_are_exported_and_do_not_verify(
    hostile: StoredJournal, path: Path, tamper: Tamper
) -> None:
    assert path.exists()
    tamper("UPDATE event SET bytes = x'7bff7d' WHERE seq = 3")
    lines = list(json_lines(hostile.stored()))
    assert len(lines) == 5
    assert not verifies_on_its_own("".join(lines))
