"""Which store an engine's journal is in, and what it may do there."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from nodescaler_tui.engine.journal_opening import OpenedJournal, UnusableJournal, journal_from, open_journal
from nodescaler_tui.engine.simulation import settings_for
from nodescaler_tui.events import Draft, EventKind, JournalUnavailable
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.settings import Settings, load_settings
from nodescaler_tui.settings.model import StoreSettings
from tests.postgresql.databases import Database
from tests.record.conftest import draft


def team(url: str) -> Settings:
    return replace(load_settings(), store=StoreSettings(url))


def test_without_a_store_the_journal_is_this_users_file() -> None:
    journal = journal_from(load_settings())
    with journal.transaction() as transaction:
        transaction.append(draft(1))
    assert len(SqliteJournal(load_settings().paths.journal).read()) == 2
    assert journal.chain_report().intact


def test_a_teams_journal_is_opened_for_acting_where_it_is_named_and_its_heads_are_witnessed(
    database: Database,
) -> None:
    settings = team(database.url("ana"))
    journal = open_journal(settings)
    with journal.transaction() as transaction:
        event = transaction.append(draft(1))
    assert isinstance(journal, PostgresJournal)
    assert settings.paths.witness.read_text().endswith(f"2:{event.hash}\n")
    assert not settings.paths.journal.exists()


def test_an_engine_shows_a_teams_journal_and_does_nothing_there_yet(database: Database) -> None:
    settings = team(database.url("ana"))
    open_journal(settings)
    journal = journal_from(settings)
    assert isinstance(journal, OpenedJournal)
    assert [event.kind for event in journal.read()] == [EventKind.JOURNAL_OPENED]
    assert journal.chain_report().intact
    with pytest.raises(JournalUnavailable, match=r"leave store\.url empty"), journal.transaction() as transaction:
        transaction.append(Draft(EventKind.ENGINE_STARTED, draft(1).at))
    assert len(list(journal.stored())) == 1


def test_a_store_that_cannot_be_reached_leaves_a_stand_in_that_says_so() -> None:
    journal = journal_from(team("postgresql://ana@127.0.0.1:1/ops?sslmode=disable"))
    assert isinstance(journal, UnusableJournal)
    assert not journal.chain_report().intact
    with pytest.raises(JournalUnavailable, match="cannot be reached"):
        journal.read()


def test_without_the_driver_it_is_said_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in sys.modules if name.startswith("nodescaler_tui.record.postgres.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    with pytest.raises(JournalUnavailable, match=r"nodescaler-tui\[postgres\]"):
        open_journal(team("postgresql:///ops"))


def test_a_demo_writes_into_no_teams_store() -> None:
    addresses = dict.fromkeys(("gateway", "client_id", "client_secret", "status_page", "webhook"), "")
    assert settings_for(team("postgresql:///ops"), addresses).store.url == ""
