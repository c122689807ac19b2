"""`nodescaler-tui store`: from an empty database to a journal that verifies, with real people in real roles."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from nodescaler_tui.headless import audit, check
from nodescaler_tui.headless.store import main
from nodescaler_tui.record.postgres.journal import PostgresJournal
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.settings import load_settings
from tests.postgresql.databases import Database

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def empty(database: Database) -> Database:
    """As it was before `store init`."""
    database.run("DROP SCHEMA nodescaler CASCADE")
    return database


def test_a_store_is_made_and_then_there_is_nothing_left_to_do(empty: Database, capsys: Captured) -> None:
    owner = ["--url", empty.url("postgres")]
    assert main([*owner, "init"]) == 0
    said = capsys.readouterr().out
    assert "Migration 1 (journal) is applied." in said
    assert "GRANT nodescaler_operator TO ana" in said
    assert main([*owner, "migrate"]) == 0
    assert "applied" not in capsys.readouterr().out
    assert PostgresJournal.open(empty.url("ana"), version="1").head().seq == 1


def test_a_journal_is_copied_and_audit_verifies_it_there(
    database: Database, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    SqliteJournal.open(load_settings().paths.journal, version="1")
    assert main(["--url", database.url("postgres"), "copy"]) == 0
    assert "1 event, each chained" in capsys.readouterr().out
    monkeypatch.setenv("NODESCALER_STORE_URL", database.url("vic"))
    load_settings().paths.journal.rename(tmp_path / "put away.db")
    source = SqliteJournal(tmp_path / "put away.db")
    assert audit.main(["verify"]) == 0
    assert source.head().hash[:16] in capsys.readouterr().out
    assert audit.main(["head"]) == 0
    assert capsys.readouterr().out == f"1:{source.head().hash}\n"
    assert audit.main(["list"]) == 0
    assert "journal.opened" in capsys.readouterr().out
    assert audit.main(["export", str(tmp_path / "export.jsonl")]) == 0
    assert audit.main(["verify", "--export", str(tmp_path / "export.jsonl")]) == 0


def test_what_was_touched_in_the_store_is_named(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    PostgresJournal.open(database.url("ana"), version="1").close()
    database.run("ALTER TABLE event DISABLE TRIGGER USER", "UPDATE event SET hash = 'aa'")
    monkeypatch.setenv("NODESCALER_STORE_URL", database.url("vic"))
    assert audit.main(["verify"]) == 1
    assert "position 1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("user", "rights"), [("ana", "ana may look and act"), ("vic", "vic may look"), ("postgres", "may migrate")]
)
def test_check_says_who_we_are_and_what_the_server_promises(
    database: Database, capsys: Captured, user: str, rights: str
) -> None:
    """The tests' own server keeps nothing through a power cut, and is told so."""
    PostgresJournal.open(database.url("ana"), version="1").close()
    assert main(["--url", database.url(user), "check"]) == 1
    lines = {line.split()[1]: line for line in capsys.readouterr().out.splitlines()}
    assert list(lines) == ["server", "durability", "clock", "rights", "schema", "journal"]
    assert [name for name, line in lines.items() if line.startswith("FAIL")] == ["durability"]
    assert "on this host" in lines["server"]
    assert "in step with the store's" in lines["clock"]
    assert rights in lines["rights"]
    assert "1 event" in lines["journal"]


def test_check_names_an_empty_database_and_a_journal_that_has_not_begun(database: Database, capsys: Captured) -> None:
    assert main(["--url", database.url("ana"), "check"]) == 1
    assert "holds no journal yet" in capsys.readouterr().out
    database.run("DROP SCHEMA nodescaler CASCADE")
    assert main(["--url", database.url("ana"), "check"]) == 1
    assert "store init" in capsys.readouterr().out


def test_a_store_that_was_not_named_or_cannot_be_reached_is_one_sentence(tmp_path: Path, capsys: Captured) -> None:
    assert main(["check"]) == 2
    assert "[store] url" in capsys.readouterr().err
    assert main(["--url", f"postgresql://ana@/ops?host={tmp_path}", "check"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert main(["--url", "postgresql://ana:hunter2@db.example/ops", "check"]) == 2
    said = capsys.readouterr().err
    assert "PGPASSFILE" in said
    assert "hunter2" not in said


def test_without_the_driver_it_is_said_what_to_install(tmp_path: Path) -> None:
    script = (
        "import sys; sys.modules['psycopg'] = None; from nodescaler_tui.headless.store import main;"
        "sys.exit(main(['--url', 'postgresql:///ops', 'check']))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, cwd=tmp_path)
    assert done.returncode == 2
    assert "nodescaler-tui[postgres]" in done.stderr


def test_the_preflight_looks_at_a_teams_journal_and_begins_none(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    monkeypatch.setenv("NODESCALER_STORE_URL", database.url("ana"))
    assert check.main([]) == 1
    assert "FAIL  journal          The store holds no journal yet" in capsys.readouterr().out
    assert database.ask("SELECT count(*) FROM head") == (0,)
    PostgresJournal.open(database.url("ana"), version="1").close()
    check.main([])
    said = capsys.readouterr().out
    assert "ok    journal" in said
    assert "ok    store's clock    in step with the store's." in said


def test_the_owner_sets_the_two_person_rule_and_everybody_sees_it(
    database: Database, monkeypatch: pytest.MonkeyPatch, capsys: Captured
) -> None:
    owner = ["--url", database.url("postgres"), "two-person"]
    assert main(owner) == 0
    assert capsys.readouterr().out == "One person's approval is enough.\n"
    assert main([*owner, "--from-tier", "name", "--group", "media-eu"]) == 0
    rule = "Two people must approve every plan that takes the group's name to confirm and every plan of media-eu.\n"
    assert capsys.readouterr().out == rule
    viewer = ["--url", database.url("vic"), "two-person"]
    assert main(viewer) == 0
    assert capsys.readouterr().out == rule
    assert main(["--url", database.url("ana"), "two-person", "--from-tier", "off"]) == 2
    assert "only an owner of the store sets the two-person rule" in capsys.readouterr().err
    monkeypatch.setenv("NODESCALER_STORE_URL", database.url("vic"))
    assert audit.main(["list", "--kind", "two_person.changed"]) == 0
    told = capsys.readouterr().out
    assert "postgres@" in told
    assert "two-person rule: from the tier name on, and for media-eu" in told
