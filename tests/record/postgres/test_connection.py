"""Sessions: guarded by timeouts, used again, given up when the server goes away, and refused in words."""

from __future__ import annotations

import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres.address import Timeouts
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.journal import PostgresJournal
from tests.postgresql.databases import Database
from tests.record.conftest import draft


def setting(sessions: Sessions, name: str) -> str:
    with sessions.session() as session:
        row = session.execute("SELECT current_setting(%s)", (name,)).fetchone()
    assert row is not None
    return str(row[0])


def test_every_session_waits_for_nothing_without_end(database: Database) -> None:
    sessions = Sessions(database.url(), Timeouts(1.0, 3.0, 2.5))
    names = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")
    assert [setting(sessions, name) for name in names] == ["1s", "3s", "2500ms"]


def test_a_role_that_confirms_too_soon_is_overruled(database: Database) -> None:
    database.run("CREATE ROLE hasty LOGIN", "ALTER ROLE hasty SET synchronous_commit = off")
    try:
        assert setting(Sessions(database.url("hasty")), "synchronous_commit") == "on"
    finally:
        database.run("DROP ROLE hasty")


def test_a_session_is_used_again(database: Database) -> None:
    sessions = Sessions(database.url())
    backends = set()
    for _ in range(3):
        with sessions.session() as session:
            backends.add(session.info.backend_pid)
    assert len(backends) == 1


def test_a_session_that_the_server_has_ended_meanwhile_costs_nobody_anything(database: Database) -> None:
    journal = PostgresJournal.open(database.url(), version="1")
    assert journal.head().seq == 1
    ended = "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE usename = 'ana' AND datname = "
    database.run(f"{ended} '{database.name}'")
    with journal.transaction() as transaction:
        assert transaction.append(draft(1)).seq == 2


def test_a_session_whose_use_failed_is_not_used_again(database: Database) -> None:
    sessions = Sessions(database.url())
    with sessions.session() as session:
        first = session.info.backend_pid
    with pytest.raises(JournalUnavailable, match="division by zero"), sessions.session() as session:
        session.execute("SELECT 1 / 0")
    with sessions.session() as session:
        assert session.info.backend_pid != first


def frozen(journal: PostgresJournal, for_s: float) -> None:
    """Somebody who falls asleep with the head in hand."""
    with journal.transaction() as transaction:
        time.sleep(for_s)
        transaction.append(draft(1))


def test_who_freezes_within_a_transaction_holds_nobody_up_for_long(database: Database) -> None:
    sleeper = PostgresJournal.open(database.url("ben"), version="1", timeouts=Timeouts(idle_in_transaction_s=0.3))
    journal = PostgresJournal.open(database.url("ana"), version="1")
    errors: list[BaseException] = []

    def sleep() -> None:
        try:
            frozen(sleeper, 1.0)
        except JournalUnavailable as error:
            errors.append(error)

    asleep = threading.Thread(target=sleep)
    asleep.start()
    deadline = time.monotonic() + 5
    while held(database) == 0:
        assert time.monotonic() < deadline
    with journal.transaction() as transaction:
        transaction.append(draft(2))
    asleep.join()
    assert [event.fields["nodes"] for event in journal.read(after=1)] == [2]
    assert "nothing was said for too long" in str(errors[0])


def held(database: Database) -> int:
    row = database.ask(
        "SELECT count(*) FROM pg_stat_activity WHERE usename = 'ben' AND state = 'idle in transaction'"
        f" AND datname = '{database.name}'"
    )
    assert row is not None
    return int(str(row[0]))


def test_a_server_that_is_not_there_is_said_and_so_is_what_was_not_done(tmp_path: Path) -> None:
    with pytest.raises(JournalUnavailable, match=r"cannot be reached: (Connection refused|No such file or directory)"):
        PostgresJournal.open(f"postgresql://ana@/ops?host={tmp_path}", version="1")


def test_a_database_that_is_not_there_is_said(database: Database) -> None:
    with pytest.raises(JournalUnavailable, match="Make it first"):
        PostgresJournal.open(database.server.url("nowhere", "ana"), version="1")


def test_a_database_without_a_store_says_how_one_is_made(database: Database) -> None:
    database.run("DROP SCHEMA nodescaler CASCADE")
    with pytest.raises(JournalUnavailable, match="store init"):
        PostgresJournal.open(database.url(), version="1")


def test_what_drops_a_sessions_timeouts_is_refused(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    """As a pooler does that was told to ignore options: they never reach the server."""
    sessions = Sessions(database.url())
    monkeypatch.setattr(sessions, "_conninfo", database.url())
    with pytest.raises(JournalUnavailable, match="timeouts"), sessions.session():
        pytest.fail("a session without timeouts")


def test_a_pooler_that_takes_no_options_is_named() -> None:
    """It answers the first message as pgbouncer does."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
        said = b"SFATAL\0C08P01\0Munsupported startup parameter: options\0\0"

        def answer() -> None:
            for _ in range(2):
                try:
                    connection, _ = listening.accept()
                except OSError:
                    return  # the test is over, and its socket closed
                with connection:
                    first = connection.recv(8192)
                    if first[4:8] == (80877103).to_bytes(4, "big") or len(first) == 8:
                        connection.sendall(b"N")
                        connection.recv(8192)
                    connection.sendall(b"E" + (len(said) + 4).to_bytes(4, "big") + said)

        threading.Thread(target=answer, daemon=True).start()
        url = f"postgresql://ana@127.0.0.1:{port}/ops?sslmode=disable&gssencmode=disable"
        with pytest.raises(JournalUnavailable, match="connection pooler"), Sessions(url).session():
            pytest.fail("a session with a pooler that takes no options")


def test_the_driver_is_imported_only_where_a_store_is_named() -> None:
    modules = "nodescaler_tui.engine.assembly, nodescaler_tui.headless.store, nodescaler_tui.headless.audit"
    script = f"import sys; import {modules}; print('psycopg' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout.strip() == "False"
