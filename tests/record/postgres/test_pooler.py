"""Connection poolers: one that shares its sessions is refused by name on every path, one in session mode is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime

import pytest

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.headless import audit, store
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.postgres.kept_lease import KeptLease
from tests.postgresql.databases import Database
from tests.postgresql.pooler import Pooler, pooler
from tests.record.conftest import draft

REFUSED = "connection pooler in transaction mode"


def url_of(between: Pooler, database: Database) -> str:
    return f"postgresql://ana@127.0.0.1:{between.port}/{database.name}?sslmode=disable&gssencmode=disable"


@pytest.fixture
def sharing(database: Database) -> Iterator[str]:
    """The URL of a pooler in transaction mode that pretends: it drops the options and says nothing."""
    PostgresJournal.open(database.url(), version="1")
    with pooler(database.server.socket, shared=True) as between:
        yield url_of(between, database)


def used_by_a_session(url: str) -> None:
    with Sessions(url).session():
        pytest.fail("a session of a pooler that shares it")


def opened_for_acting(url: str) -> None:
    PostgresJournal.open(url, version="1", clock=lambda: datetime.now(UTC))


@pytest.mark.parametrize("path", [used_by_a_session, opened_for_acting, PostgresJournal.open_for_reading])
def test_transaction_mode_is_refused_also_where_it_ignores_the_options(
    sharing: str, path: Callable[[str], object]
) -> None:
    with pytest.raises(JournalUnavailable, match=f"{REFUSED}.*Name the server itself"):
        path(sharing)


def test_transaction_mode_is_refused_although_the_logins_own_settings_are_as_ours(
    database: Database, sharing: str
) -> None:
    """So that nothing of what it dropped is missed."""
    for setting in ("lock_timeout = '2s'", "statement_timeout = '5s'", "idle_in_transaction_session_timeout = '2s'"):
        database.run(f"ALTER ROLE ana IN DATABASE {database.name} SET {setting}")
    with pytest.raises(JournalUnavailable, match=REFUSED):
        used_by_a_session(sharing)


def test_a_refused_pooler_is_left_as_it_was(database: Database, sharing: str) -> None:
    with pytest.raises(JournalUnavailable, match=REFUSED):
        used_by_a_session(sharing)
    ours = (
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'ana' AND datname = current_database() AND query ~ 'set'"
    )
    assert database.ask(ours) == (0,)


def test_who_would_poll_says_why_it_does_not(sharing: str) -> None:
    poller = KeptLease(Sessions(sharing), "poller", "ana")
    poller.start()
    assert poller.tried_within(20)
    assert poller.lease is None
    assert REFUSED in poller.problem
    poller.close()


def test_the_commands_say_it_as_well(
    sharing: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("NODESCALER_STORE_URL", sharing)
    assert store.main(["check"]) == 2
    assert REFUSED in capsys.readouterr().err
    assert audit.main(["verify"]) == 2
    assert REFUSED in capsys.readouterr().err


def test_a_pooler_that_takes_no_options_is_named_with_what_to_do(database: Database) -> None:
    with (
        pooler(database.server.socket, shared=True, takes_options=False) as between,
        pytest.raises(JournalUnavailable, match=r"takes no options.*session mode"),
    ):
        used_by_a_session(url_of(between, database))


def test_session_mode_is_used_with_all_that_it_dropped(database: Database) -> None:
    with pooler(database.server.socket, shared=False) as between:
        journal = PostgresJournal.open(url_of(between, database), version="1")
        with journal.transaction() as transaction:
            assert transaction.append(draft(1)).seq == 2
        sessions = Sessions(url_of(between, database))
        with sessions.session() as session:
            shown = [session.execute(f"SHOW {name}").fetchone() for name in ("lock_timeout", "statement_timeout")]
        assert shown == [("2s",), ("5s",)]
        journal.close()
        sessions.close()


def test_a_kept_session_that_is_served_by_another_process_by_now_is_not_used(database: Database) -> None:
    with pooler(database.server.socket, shared=False) as between:
        sessions = Sessions(url_of(between, database))
        with sessions.session() as session:
            first = session.info.backend_pid
            session.backend = -1  # type: ignore[attr-defined]  # as a pooler that has moved us would leave it
        with sessions.session() as session:
            assert session.info.backend_pid != first
        sessions.close()
