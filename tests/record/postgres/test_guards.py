"""The guards in the database itself: they hold back even whom no right does, until somebody takes them away."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import psycopg
import pytest

from nodescaler_tui.events import Draft, EventKind, JournalUnavailable, OperationPhase
from nodescaler_tui.lifecycle import TRANSITIONS
from nodescaler_tui.record.canonical import chained_hash, event_bytes
from nodescaler_tui.record.guards import phase_after
from nodescaler_tui.record.postgres.journal import PostgresJournal
from tests.postgresql.databases import Database, fresh_database
from tests.postgresql.server import Server
from tests.record.conftest import NOON, draft

ACCIDENTS = [
    "UPDATE event SET hash = 'aa' WHERE seq = 2",
    "UPDATE event SET seq = 9 WHERE seq = 2",
    "DELETE FROM event WHERE seq = 3",
    "DELETE FROM event",
    "TRUNCATE event",
    "TRUNCATE head, event, operation",
    "INSERT INTO event SELECT 2, 'aa', bytes FROM event WHERE seq = 2 ON CONFLICT (seq) DO UPDATE SET hash = 'aa'",
    "INSERT INTO event SELECT 5, hash, bytes FROM event WHERE seq = 3",
    "INSERT INTO event SELECT 0, hash, bytes FROM event WHERE seq = 3",
    "INSERT INTO event SELECT NULL, hash, bytes FROM event WHERE seq = 3",
    "INSERT INTO event SELECT 4, hash, bytes FROM event WHERE seq = 3",
    "INSERT INTO event SELECT 4, NULL, bytes FROM event WHERE seq = 3",
    "INSERT INTO event SELECT 4, hash, NULL FROM event WHERE seq = 3",
    "DELETE FROM head",
    "TRUNCATE head",
    "UPDATE head SET seq = 2",
    "UPDATE head SET seq = 0",
    "UPDATE head SET hash = 'aa'",
    "UPDATE head SET seq = 4",
    "UPDATE head SET one = 2",
    "INSERT INTO head VALUES (2, 3, 'aa')",
    "INSERT INTO head VALUES (1, 2, 'aa') ON CONFLICT (one) DO UPDATE SET seq = 2",
    "DELETE FROM operation",
    "TRUNCATE operation",
]


def three_events(database: Database) -> PostgresJournal:
    journal = PostgresJournal.open(database.url(), version="1", clock=lambda: NOON)
    with journal.transaction() as transaction:
        transaction.append(draft(1))
        transaction.append(Draft(EventKind.PLAN_APPROVED, NOON, "ana", "group-1", "op-1", {"plan_hash": "ab"}))
    return journal


@pytest.fixture
def begun(database: Database) -> PostgresJournal:
    return three_events(database)


@pytest.fixture(scope="module")
def untouched(postgresql: Server) -> Iterator[tuple[Database, PostgresJournal]]:
    """One for all accidents, as none of them changes anything."""
    with fresh_database(postgresql) as database:
        journal = three_events(database)
        yield database, journal
        journal.close()


def step(kind: EventKind, operation: str = "op-2", group: str = "group-2", **fields: str) -> Draft:
    return Draft(kind, NOON, "ana", group, operation, fields)


def write(journal: PostgresJournal, *drafts: Draft) -> None:
    with journal.transaction() as transaction:
        for one in drafts:
            transaction.append(one)


@pytest.mark.parametrize("accident", ACCIDENTS)
def test_an_accident_is_refused_and_changes_nothing(untouched: tuple[Database, PostgresJournal], accident: str) -> None:
    database, journal = untouched
    before = list(journal.stored()), journal.head()
    with pytest.raises(psycopg.Error, match=r"append-only|gaps|chained|head"):
        database.run(accident)
    assert (list(journal.stored()), journal.head()) == before
    assert len(before[0]) == 3


def test_an_event_that_does_not_follow_the_one_before_is_refused(database: Database, begun: PostgresJournal) -> None:
    canonical = event_bytes(4, draft(1))
    for wrong in ("aa" * 32, chained_hash("00" * 32, canonical), begun.head().hash):
        with database.connect() as opened, pytest.raises(psycopg.Error, match="not chained"):
            opened.execute("INSERT INTO event VALUES (4, %s, %s)", (wrong, canonical))
    assert len(begun.read()) == 3


def test_who_does_not_ask_for_the_head_first_can_still_break_no_chain(
    database: Database, begun: PostgresJournal
) -> None:
    canonical = event_bytes(4, draft(1))
    right = chained_hash(begun.head().hash, canonical)
    with database.connect("ana") as one, database.connect("ana") as other:
        one.execute("INSERT INTO event VALUES (4, %s, %s)", (right, canonical))
        other.execute("SET lock_timeout = '100ms'")
        with pytest.raises(psycopg.errors.LockNotAvailable):
            other.execute("INSERT INTO event VALUES (4, %s, %s)", (right, canonical))
    assert begun.head().seq == 4


def test_the_database_and_the_code_have_the_same_table_of_transitions(database: Database) -> None:
    kinds, phases = [EventKind.PLAN_APPROVED, *TRANSITIONS], [None, *OperationPhase]
    settling = product((EventKind.OPERATION_SETTLED,), phases, ("sending", "", "fine"))
    with database.connect() as opened:
        for kind, phase, outcome in [*product(kinds, phases, ("PARTIAL",)), *settling]:
            canonical = event_bytes(2, step(kind, outcome=outcome))
            row = opened.execute("SELECT phase_after(document_of(%s), %s)", (canonical, phase)).fetchone()
            assert row == (phase_after(canonical, phase),), (kind, phase, outcome)
        known = opened.execute("SELECT DISTINCT kind FROM transition").fetchall()
    assert {kind for (kind,) in known} == set(TRANSITIONS)


def test_a_plan_is_approved_once_whatever_the_operation_is_called(begun: PostgresJournal) -> None:
    with pytest.raises(JournalUnavailable, match="somebody was first"):
        write(begun, step(EventKind.PLAN_APPROVED, plan_hash="ab"))
    assert begun.head().seq == 3


def test_a_group_has_one_open_operation(begun: PostgresJournal) -> None:
    with pytest.raises(JournalUnavailable, match="somebody was first"):
        write(begun, step(EventKind.PLAN_APPROVED, group="group-1"))
    write(begun, step(EventKind.OPERATION_CANCELLED, operation="op-1", group="group-1"))
    write(begun, step(EventKind.PLAN_APPROVED, group="group-1", plan_hash="cd"))
    assert begun.head().seq == 5
