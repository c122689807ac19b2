"""A server without room: the error is raised as PostgreSQL raises it. With real full disks it was tried by hand."""

from __future__ import annotations

import pytest

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.postgres.journal import PostgresJournal
from tests.postgresql.databases import Database
from tests.record.conftest import draft

NO_ROOM = """
    CREATE FUNCTION no_room() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        RAISE EXCEPTION USING ERRCODE = 'disk_full',
            MESSAGE = 'could not extend file "base/5/16402": No space left on device';
    END $$
"""


def write(journal: PostgresJournal, *numbers: int) -> None:
    with journal.transaction() as transaction:
        for number in numbers:
            transaction.append(draft(number))


def test_a_full_disk_is_said_plainly_nothing_is_half_written_and_it_goes_on_once_there_is_room(
    database: Database,
) -> None:
    journal = PostgresJournal.open(database.url(), version="1")
    write(journal, 1)
    database.run(
        NO_ROOM,
        "GRANT EXECUTE ON FUNCTION no_room TO ana",
        "CREATE TRIGGER full_disk AFTER INSERT ON event FOR EACH ROW WHEN (NEW.seq > 3) EXECUTE FUNCTION no_room()",
    )
    with pytest.raises(JournalUnavailable, match=r"disk of .* is full: nothing was written"):
        write(journal, 2, 3)
    assert [event.fields["nodes"] for event in journal.read(after=1)] == [1]
    database.run("DROP TRIGGER full_disk ON event")
    write(journal, 4)
    assert [event.fields["nodes"] for event in journal.read(after=1)] == [1, 4]
    assert verify_journal(journal).intact
