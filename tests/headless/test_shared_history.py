"""`history` and `backtest` on a team's store: they say the same as of a file, and a store takes no imports."""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from nodescaler_tui.facts import Lifecycle
from nodescaler_tui.headless.backtest import main as backtest
from nodescaler_tui.headless.history import main
from nodescaler_tui.record.history.figures import NodeFigures, Poll
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.history import SharedHistoryWriter
from nodescaler_tui.record.shared import MISSING
from nodescaler_tui.settings import load_settings
from tests.decide.forecast.histories import DAY
from tests.headless.test_backtest import polls
from tests.postgresql.databases import Database
from tests.record.history.measured import poll, store

Captured = pytest.CaptureFixture[str]
STEPS = 100
NODE = NodeFigures("a", "n-1", "i-01", Lifecycle.DRAINING, 0.97, None, 12)


class Both:
    """The same history twice: in the store that is configured, and in a file."""

    def __init__(self, database: Database, file: Path, capsys: Captured) -> None:
        self.database = database
        self.file = file
        self._capsys = capsys

    def keep(self, entries: list[Poll]) -> None:
        store(self.file, entries)
        sessions = Sessions(self.database.url())
        writer = SharedHistoryWriter(sessions, lambda _: None)
        for entry in entries:
            writer.add(entry)
        sessions.close()

    def said(self, code: int) -> tuple[int, str]:
        return code, self._capsys.readouterr().out


@pytest.fixture
def both(database: Database, tmp_path: Path, capsys: Captured, monkeypatch: pytest.MonkeyPatch) -> Both:
    """What a viewer asks."""
    monkeypatch.setenv("NODESCALER_STORE_URL", database.url("vic"))
    return Both(database, tmp_path / "a-file.db", capsys)


def measured() -> list[Poll]:
    began_s = time.time() - 10 * STEPS
    return [poll(began_s + 10 * step, {"a": step / 1000, "b": None}, (NODE,)) for step in range(STEPS)]


def test_an_export_of_the_store_is_the_same_as_of_a_file(both: Both) -> None:
    both.keep(measured())
    for options in (["--resolution", "1m"], ["--nodes"], ["--group", "a", "--format", "jsonl", "--to", "0m"]):
        of_store = both.said(main(["export", *options]))
        assert of_store[0] == 0
        assert of_store[1].count("\n") >= STEPS / 6
        assert of_store == both.said(main(["--history", str(both.file), "export", *options]))


def test_stats_of_the_store_are_the_same_as_of_a_file_but_for_the_place_and_the_disk(both: Both) -> None:
    both.keep(measured())
    documents: list[dict[str, Any]] = []
    for options in ([], ["--history", str(both.file)]):
        code, out = both.said(main([*options, "stats", "--json"]))
        assert code == 0
        documents.append(json.loads(out))
    of_store, of_file = documents
    assert of_store.pop("store").endswith(f"/{both.database.name}")
    assert of_file.pop("file") == str(both.file)
    assert of_store.pop("bytes") > 100_000 < of_file.pop("bytes")
    assert of_store == of_file
    code, out = both.said(main(["stats"]))
    assert "MB, 2 groups, 1 nodes" in out.splitlines()[0]


def test_a_store_that_nobody_has_kept_anything_in_exports_nothing(both: Both) -> None:
    assert both.said(main(["export"])) == (1, "at,group,name,signal,resolution_s,low,mean,high,count,source\n")
    assert backtest([]) == 1


def test_an_import_is_for_files_only(both: Both, capsys: Captured, tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text(f"at,value\n{time.time() - 600},0.5\n")
    options = ["import", str(file), "--group", "a", "--signal", "cpu"]
    assert main(options) == 2
    assert "into a file only" in capsys.readouterr().err
    assert main(["--history", str(both.file), *options]) == 0
    assert not load_settings().paths.history.exists()


def test_a_backtest_of_the_store_is_the_same_as_of_a_file(both: Both) -> None:
    both.keep(list(polls(DAY)))
    options = ["--days", "1", "--group", "g-1", "--json"]
    of_store, of_file = (both.said(backtest([*named, *options])) for named in ([], ["--history", str(both.file)]))
    assert of_store[0] == 0
    assert of_store == of_file


@pytest.mark.parametrize("command", [["export"], ["stats"]])
def test_a_store_that_cannot_be_used_is_said(
    command: list[str], capsys: Captured, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("NODESCALER_STORE_URL", f"postgresql://ana@/store?host={tmp_path}")
    assert main(command) == 2
    assert "cannot be reached" in capsys.readouterr().err
    for name in [name for name in sys.modules if name.startswith("nodescaler_tui.record.postgres.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "psycopg", None)
    assert main(command) == 2
    assert capsys.readouterr().err == f"{MISSING}\n"
    assert backtest([]) == 2
