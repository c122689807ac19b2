"""Which store an engine's journal is in, and what it may do there."""

from __future__ import annotations

import sys
from dataclasses import replace

import pytest

from nodescaler_tui.engine.journal_opening import (
    OpenedJournal,
    UnusableJournal,
    journal_to_read,
    open_journal,
    own_journal,
)
from nodescaler_tui.engine.simulation import settings_for
from nodescaler_tui.events import EventKind, JournalUnavailable
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.settings import Settings, load_settings
from nodescaler_tui.settings.model import StoreSettings
from tests.postgresql.databases import Database
from tests.record.conftest import draft


def team(url: str) -> Settings:
    return replace(load_settings(), store=StoreSettings(url))


def test_without_a_store_the_journal_is_this_users_file() -> None:
    journal = own_journal(load_settings())
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


def test_a_command_that_only_looks_begins_no_journal_in_a_teams_store(database: Database) -> None:
    settings = team(database.url("ana"))
    with pytest.raises(JournalUnavailable, match="holds no journal yet"):
        journal_to_read(settings)
    open_journal(settings)
    assert [event.kind for event in journal_to_read(settings).read()] == [EventKind.JOURNAL_OPENED]


def test_a_journal_that_cannot_be_opened_yet_is_tried_again_by_whoever_needs_it(database: Database) -> None:
    urls = iter(("postgresql://ana@127.0.0.1:1/ops?sslmode=disable", database.url("ana")))
    journal = OpenedJournal(lambda: open_journal(team(next(urls))))
    with pytest.raises(JournalUnavailable, match="cannot be reached"):
        journal.read()
    with journal.transaction() as transaction:
        transaction.append(draft(1))
    assert journal.chain_report().intact
    assert len(list(journal.stored())) == 2


def test_a_file_that_cannot_be_opened_leaves_a_stand_in_that_says_so() -> None:
    settings = load_settings()
    settings.paths.journal.mkdir(parents=True)
    journal = own_journal(settings)
    assert isinstance(journal, UnusableJournal)
    assert not journal.chain_report().intact
    with pytest.raises(JournalUnavailable):
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
