"""`nodescaler-tui audit`: what it prints, what it refuses, and its exit codes."""

from __future__ import annotations

import json
import sqlite3
import stat
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from nodescaler_tui.events import Draft, EventKind, Fields
from nodescaler_tui.headless.audit import main
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.settings import load_settings

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
HOSTILE = "eve\x1b]0;owned\x07\u202e\nroot"
RECORD: Fields = {
    "timestamp": "2026-03-01T12:00:00+00:00",
    "node_group_id": "group-1",
    "requested_nodes": 12,
    "current_nodes": 10,
    "payload_hash": "ab" * 32,
    "webhook_status": "accepted",
    "health_verified": None,
    "latency_ms": 81_250,
    "auto_provision": True,
    "load_balancer_reconfigured": True,
}

Captured = pytest.CaptureFixture[str]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A journal of five events: its opening, three about an operation, and one by somebody hostile."""
    path = tmp_path / "journal.db"
    with SqliteJournal.open(path, version="1", clock=lambda: NOON).transaction() as transaction:
        approved: Fields = {"plan_hash": "ef" * 32, "current_nodes": 10, "requested_nodes": 12}
        transaction.append(Draft(EventKind.PLAN_APPROVED, NOON, "ana", "group-1", "op-1", approved))
        cancelled: Fields = {"reason": "it is over"}
        transaction.append(Draft(EventKind.OPERATION_CANCELLED, NOON, "ana", "group-1", "op-1", cancelled))
        transaction.append(Draft(EventKind.AUDIT_RECORDED, NOON, "ana", "group-1", "op-1", RECORD))
        rejected: Fields = {"plan_hash": "cd" * 32, "reason": HOSTILE}
        transaction.append(Draft(EventKind.PLAN_REJECTED, NOON, HOSTILE, HOSTILE, HOSTILE, rejected))
    return path


def run(path: Path, *arguments: str) -> int:
    return main(["--journal", str(path), *arguments])


def tamper(path: Path, script: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f'DROP TRIGGER "{name}"')
        connection.executescript(script)


def listed(path: Path, capsys: Captured, *arguments: str) -> list[dict[str, Any]]:
    assert run(path, "list", "--json", *arguments) == 0
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_list_tells_the_newest_first_in_one_line_each(path: Path, capsys: Captured) -> None:
    assert run(path, "list") == 0
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["5", "4", "3", "2", "1"]
    assert "2026-03-01 12:00:00Z" in lines[2]
    assert "operation.cancelled" in lines[2]
    assert "it is over" in lines[2]


@pytest.mark.parametrize(
    ("arguments", "positions"),
    [
        (["--operator", "ana"], [4, 3, 2]),
        (["--group", "group-1", "--kind", "plan.approved"], [2]),
        (["--limit", "2"], [5, 4]),
        (["--limit", "0"], []),
        (["--limit", "-1"], []),
        (["--operator", "nobody"], []),
    ],
)
def test_list_shows_only_what_was_asked_for(
    path: Path, capsys: Captured, arguments: list[str], positions: list[int]
) -> None:
    assert [event["seq"] for event in listed(path, capsys, *arguments)] == positions


def test_list_as_json_keeps_the_raw_values(path: Path, capsys: Captured) -> None:
    newest = listed(path, capsys)[0]
    assert (newest["operator"], newest["group_id"], newest["fields"]["reason"]) == (HOSTILE, HOSTILE, HOSTILE)
    assert newest["hash"] == SqliteJournal(path).head().hash


@pytest.mark.parametrize(
    "arguments", [["list"], ["list", "--json"], ["show", "5"], ["verify"], ["export"], ["export", "--format", "csv"]]
)
def test_nothing_that_a_terminal_would_obey_is_printed(path: Path, capsys: Captured, arguments: list[str]) -> None:
    assert run(path, *arguments) == 0
    printed = capsys.readouterr().out
    assert printed
    assert printed.replace("\r\n", "").replace("\n", "").isprintable()


def test_show_tells_an_event_by_its_position(path: Path, capsys: Captured) -> None:
    assert run(path, "show", "2") == 0
    event = json.loads(capsys.readouterr().out)
    assert (event["seq"], event["kind"], event["fields"]["current_nodes"]) == (2, "plan.approved", 10)


def test_show_tells_a_whole_operation_and_its_ten_fields_in_the_tutorials_order(path: Path, capsys: Captured) -> None:
    assert run(path, "show", "op-1") == 0
    printed = capsys.readouterr().out
    assert [printed.count(f'"seq": {seq},') for seq in (2, 3, 4, 5)] == [1, 1, 1, 0]
    audit = json.loads(printed[printed.index('{\n  "seq": 4') :])
    assert list(audit["fields"].items()) == list(RECORD.items())


def test_show_of_something_unknown_says_so(path: Path, capsys: Captured) -> None:
    assert run(path, "show", HOSTILE.upper()) == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err.startswith("There is no event and no operation")
    assert printed.err[:-1].isprintable()


def test_a_damaged_audit_record_is_shown_as_it_was_written(path: Path, capsys: Captured) -> None:
    with SqliteJournal(path).transaction() as transaction:
        transaction.append(Draft(EventKind.AUDIT_RECORDED, NOON, fields={"latency_ms": "soon"}))
    assert run(path, "show", "6") == 0
    assert json.loads(capsys.readouterr().out)["fields"] == {"latency_ms": "soon"}


def test_verify_says_what_holds_and_what_it_does_not_prove(path: Path, capsys: Captured) -> None:
    assert run(path, "verify") == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.startswith("5 events, each chained to the one before")
    assert second.startswith("Not proved")


def test_verify_names_what_was_done_and_where(path: Path, capsys: Captured) -> None:
    tamper(path, "DELETE FROM event WHERE seq = 3")
    assert run(path, "verify") == 1
    assert "The event at position 3 is missing" in capsys.readouterr().out
    assert run(path, "verify", "--json") == 1
    document = json.loads(capsys.readouterr().out)
    assert (document["intact"], document["events"]) == (False, 2)
    assert document["flaw"] == {"finding": "deleted", "seq": 3}


def test_verify_as_json_of_an_intact_journal(path: Path, capsys: Captured) -> None:
    assert run(path, "verify", "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["intact"], document["flaw"], document["events"]) == (True, None, 5)
    assert document["head"] == SqliteJournal(path).head().hash


def test_verify_against_another_installation_is_not_intact(path: Path, capsys: Captured) -> None:
    installation = str(SqliteJournal(path).read()[0].fields["installation"])
    assert run(path, "verify", "--installation", installation) == 0
    assert run(path, "verify", "--installation", "another") == 1
    assert "another installation's" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["list"], ["show", "1"], ["verify"], ["export"]])
@pytest.mark.parametrize("content", [None, b"", b"not a journal at all" * 100])
def test_what_cannot_be_read_is_exit_code_2_and_one_sentence(
    tmp_path: Path, capsys: Captured, arguments: list[str], content: bytes | None
) -> None:
    path = tmp_path / "odd.db"
    if content is not None:
        path.write_bytes(content)
    assert run(path, *arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert str(path) in printed.err
    assert printed.err.count("\n") == 1
    assert path.exists() == (content is not None)


def test_export_to_a_file_is_private_and_whole(path: Path, tmp_path: Path, capsys: Captured) -> None:
    assert run(path, "export", str(tmp_path / "out.jsonl")) == 0
    assert run(path, "export") == 0
    assert (tmp_path / "out.jsonl").read_text() == capsys.readouterr().out
    assert stat.S_IMODE((tmp_path / "out.jsonl").stat().st_mode) == 0o600


def test_export_as_csv_has_a_header_and_a_row_an_event(path: Path, tmp_path: Path) -> None:
    assert run(path, "export", "--format", "csv", str(tmp_path / "out.csv")) == 0
    lines = (tmp_path / "out.csv").read_bytes().split(b"\r\n")
    assert lines[0].startswith(b"seq,at,kind")
    assert len(lines) == 1 + 5 + 1


def test_export_never_overwrites_the_journal(path: Path, tmp_path: Path, capsys: Captured) -> None:
    (tmp_path / "link").symlink_to(path)
    before = path.read_bytes()
    for target in (path, tmp_path / "link"):
        assert run(path, "export", str(target)) == 2
        assert "would overwrite the journal itself" in capsys.readouterr().err
    assert path.read_bytes() == before


def test_export_to_where_nothing_can_be_written_says_so(path: Path, tmp_path: Path, capsys: Captured) -> None:
    assert run(path, "export", str(tmp_path / "nowhere" / "out")) == 2
    assert "cannot be written: No such file or directory." in capsys.readouterr().err


def test_without_a_path_it_is_the_stores_own_journal(capsys: Captured) -> None:
    SqliteJournal.open(load_settings().paths.journal, version="7.7.7")
    assert main(["list"]) == 0
    assert "7.7.7" in capsys.readouterr().out


def test_verify_against_a_head_from_elsewhere(path: Path, capsys: Captured) -> None:
    head = SqliteJournal(path).head()
    assert run(path, "verify", "--head", f"{head.seq}:{head.hash}") == 0
    assert run(path, "verify", "--head", f"{head.seq + 1}:{head.hash}") == 1
    assert "is not in this journal" in capsys.readouterr().out


def test_what_was_witnessed_speaks_against_an_old_copy_until_it_is_accepted(
    path: Path, tmp_path: Path, capsys: Captured
) -> None:
    witness = tmp_path / "witness" / "heads"
    witness.parent.mkdir()
    witness.write_text(f"99:{'ab' * 32}\n")
    assert run(path, "--witness", str(witness), "verify", "--json") == 1
    assert json.loads(capsys.readouterr().out)["flaw"]["finding"] == "rolled back"
    assert run(path, "--witness", str(witness), "accept", "--reason", "restored from the backup") == 0
    assert run(path, "--witness", str(witness), "verify") == 0
    newest = SqliteJournal(path).read()[-1]
    assert newest.kind is EventKind.JOURNAL_ACCEPTED
    assert newest.fields["witnessed"] == f"99:{'ab' * 32}"


@pytest.mark.parametrize("form", ["jsonl", "csv", "cloudevents", "ocsf"])
def test_every_format_has_every_event(path: Path, form: str, capsys: Captured) -> None:
    assert run(path, "export", "--format", form) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(SqliteJournal(path).read()) + (form == "csv")
