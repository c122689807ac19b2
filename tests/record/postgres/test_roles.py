"""Rights with the real roles: who looks, who acts, who owns, and what each of them cannot do."""

from __future__ import annotations

import psycopg
import pytest

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.installation import init_store, migrate_store
from nodescaler_tui.record.postgres.journal import PostgresJournal
from tests.postgresql.databases import Database
from tests.record.conftest import draft

NOT_FOR_OPERATORS = [
    "UPDATE event SET hash = hash",
    "DELETE FROM event",
    "TRUNCATE event",
    "UPDATE head SET seq = seq",
    "DELETE FROM head",
    "INSERT INTO head VALUES (1, 0, 'aa')",
    "INSERT INTO operation VALUES ('op', 'approved', 'g', NULL, true)",
    "UPDATE operation SET phase = 'VERIFIED'",
    "DELETE FROM operation",
    "INSERT INTO transition VALUES ('operation.sending', 'VERIFIED', 'sending')",
    "DELETE FROM settled_phase",
    "UPDATE lease SET token = 99",
    "DELETE FROM lease",
    "INSERT INTO lease VALUES ('poller', 'me', 99, '1 h', now())",
    "UPDATE history_reading SET data = data",
    "DELETE FROM history_poll",
    "TRUNCATE history_minute",
    "UPDATE history_group SET id = id",
    "DELETE FROM history_group_name",
    "UPDATE history_retention SET days = 0",
    "INSERT INTO history_table VALUES ('event', 'raw', 1)",
    "DROP TABLE history_reading",
    "CREATE TABLE history_reading_1 PARTITION OF history_reading FOR VALUES FROM (1) TO (2)",
    "INSERT INTO approval VALUES ('op', 'ben@desk')",
    "UPDATE two_person_rule SET from_tier = NULL",
    "DELETE FROM two_person_rule",
    "INSERT INTO first_approval VALUES ('g', 'ab', 'ben', '{}', 'infinity')",
    "UPDATE first_approval SET login = 'ben'",
    "DELETE FROM first_approval",
    "DELETE FROM word",
    "INSERT INTO schema_version VALUES (99, 'x', 'x')",
    "DELETE FROM schema_version",
    "ALTER TABLE event DISABLE TRIGGER USER",
    "DROP TABLE event",
    "CREATE TABLE nodescaler.mine (n integer)",
    "CREATE OR REPLACE FUNCTION nodescaler.take_head(integer) RETURNS void LANGUAGE sql AS ''",
    "SET ROLE nodescaler_owner",
    "SET session_replication_role = replica",
]
NOT_FOR_VIEWERS = [
    *NOT_FOR_OPERATORS,
    "INSERT INTO event VALUES (3, 'aa', 'b')",
    "SELECT take_head(2)",
    "SELECT begin_journal(2, 'x')",
    "SELECT take_lease('poller', 'me', '1 h')",
    "SELECT renew_lease('poller', 1)",
    "SELECT release_lease('poller', 1)",
    "SELECT require_lease('poller', 1)",
    "INSERT INTO history_poll VALUES (1, 1, '{0,0,0}')",
    "INSERT INTO history_group VALUES (1, 'g')",
    "SELECT take_history(4)",
    "SELECT provide_history_day(20000)",
    "SELECT let_history_days_go()",
    "SET ROLE nodescaler_operator",
]


@pytest.fixture
def begun(database: Database) -> PostgresJournal:
    journal = PostgresJournal.open(database.url("ana"), version="1")
    with journal.transaction() as transaction:
        transaction.append(draft(1))
    return journal


def refused(database: Database, user: str, statements: list[str]) -> list[str]:
    """Those that the server does not refuse for want of rights."""
    let_through = []
    with psycopg.connect(database.url(user), autocommit=True, options="-c search_path=nodescaler") as connection:
        for statement in statements:
            try:
                connection.execute(statement.encode())
            except psycopg.errors.InsufficientPrivilege:
                continue
            let_through.append(statement)
    return let_through


def test_an_operator_inserts_events_and_can_change_or_delete_nothing(
    database: Database, begun: PostgresJournal
) -> None:
    before = list(begun.stored())
    assert refused(database, "ana", NOT_FOR_OPERATORS) == []
    assert list(begun.stored()) == before


def test_a_viewer_reads_and_can_write_nothing(database: Database, begun: PostgresJournal) -> None:
    assert refused(database, "vic", NOT_FOR_VIEWERS) == []
    journal = PostgresJournal.open(database.url("vic"), version="1")
    assert journal.read() == begun.read()
    with pytest.raises(JournalUnavailable, match="nodescaler_operator"), journal.transaction():
        pytest.fail("a viewer in a transaction")


def test_a_viewer_begins_no_journal(database: Database) -> None:
    with pytest.raises(JournalUnavailable, match="nodescaler_operator"):
        PostgresJournal.open(database.url("vic"), version="1")


def test_who_is_in_no_role_is_told_whom_to_ask(database: Database) -> None:
    database.run("CREATE ROLE nobody_in_particular LOGIN")
    try:
        with pytest.raises(JournalUnavailable, match="store init"):
            PostgresJournal.open(database.url("nobody_in_particular"), version="1")
    finally:
        database.run("DROP ROLE nobody_in_particular")


def test_nobody_acts_who_could_change_or_delete_an_event(database: Database, begun: PostgresJournal) -> None:
    assert begun.head().seq == 2
    with pytest.raises(JournalUnavailable, match="Nobody acts with such rights"):
        PostgresJournal.open(database.url("postgres"), version="1")


def test_everything_belongs_to_the_owner_and_nothing_is_open_to_everybody(database: Database) -> None:
    owners = database.ask(
        "SELECT array_agg(DISTINCT pg_get_userbyid(relowner)::text) FROM pg_class"
        " WHERE relnamespace = 'nodescaler'::regnamespace AND relkind IN ('r', 'i')"
    )
    assert owners == (["nodescaler_owner"],)
    for_all = database.ask(
        "SELECT count(*) FROM pg_proc WHERE pronamespace = 'nodescaler'::regnamespace"
        " AND (proacl IS NULL OR proacl::text ~ '[{,]=')"
    )
    assert for_all == (0,)
    careless = database.ask(
        "SELECT array_agg(proname) FROM pg_proc WHERE pronamespace = 'nodescaler'::regnamespace"
        " AND NOT coalesce(proconfig::text, '') ~ 'search_path=nodescaler, ?pg_temp'"
    )
    assert careless == (None,)


def test_only_the_owner_migrates(database: Database) -> None:
    with pytest.raises(JournalUnavailable, match="permission denied to set role"):
        migrate_store(Sessions(database.url("ana")))


def test_a_schema_of_somebody_else_is_left_alone(database: Database) -> None:
    database.run("DROP SCHEMA nodescaler CASCADE", "CREATE SCHEMA nodescaler")
    with pytest.raises(JournalUnavailable, match="belongs to postgres"):
        init_store(Sessions(database.url("postgres")))
