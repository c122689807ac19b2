"""`store init` on a server where nobody has been before, by an administrator who is no superuser."""

from __future__ import annotations

from pathlib import Path

import pytest

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.installation import init_store
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.postgres.schema import SCHEMA_VERSION
from tests.postgresql.server import shared_server
from tests.record.conftest import draft


def test_a_store_is_made_and_used_on_a_managed_server(tmp_path: Path) -> None:
    """An administrator there may make roles and own databases, and no more. In the end the server is started anew."""
    with shared_server(tmp_path / "managed") as server:
        server.run("CREATE ROLE admin LOGIN CREATEROLE", "CREATE DATABASE ops OWNER admin", "CREATE ROLE ana LOGIN")
        with pytest.raises(JournalUnavailable, match="permission denied"):
            init_store(Sessions(server.url("ops", "ana")))
        sessions = Sessions(server.url("ops", "admin"))
        assert [migration.version for migration in init_store(sessions)] == list(range(1, SCHEMA_VERSION + 1))
        assert init_store(sessions) == ()
        with sessions.session() as session:
            session.execute("GRANT nodescaler_operator TO ana")
        journal = PostgresJournal.open(server.url("ops", "ana"), version="1")
        with journal.transaction() as transaction:
            transaction.append(draft(1))
        with pytest.raises(JournalUnavailable, match="Nobody acts with such rights"):
            PostgresJournal.open(server.url("ops", "admin"), version="1")
        assert journal.head().seq == 2
