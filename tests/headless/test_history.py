"""`nodescaler-tui history`: data on standard output, words on standard error, and an exit code."""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path

import pytest
from pyarrow import parquet

from nodescaler_tui.facts import Lifecycle
from nodescaler_tui.headless.history import main
from nodescaler_tui.record.history.exporting import COLUMNS, NO_PARQUET
from nodescaler_tui.record.history.figures import NodeFigures
from nodescaler_tui.settings import load_settings
from tests.record.history.measured import poll, store

STEPS = 100
NODE = NodeFigures("a", "n-1", "i-01", Lifecycle.DRAINING, 0.97, None, 12)


@pytest.fixture
def began_s() -> float:
    """Polls up to now: they are exported by how long ago they were."""
    began = time.time() - 10 * STEPS
    path = load_settings().paths.history
    path.parent.mkdir(parents=True)
    store(path, [poll(began + 10 * step, {"a": step / 1000, "b": None}, (NODE,)) for step in range(STEPS)])
    return began


def exported(capsys: pytest.CaptureFixture[str], *options: str) -> tuple[int, str, str]:
    capsys.readouterr()
    code = main(["export", *options])
    said = capsys.readouterr()
    return code, said.out, said.err


@pytest.mark.usefixtures("began_s")
def test_an_export_is_csv_with_a_row_for_each_reading(capsys: pytest.CaptureFixture[str]) -> None:
    code, out, err = exported(capsys)
    rows = list(csv.DictReader(out.splitlines()))
    assert code == 0
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == STEPS, "a figure that was never known is no row"
    assert {row["signal"] for row in rows} == {"cpu"}
    assert [float(row["mean"]) for row in rows] == [step / 1000 for step in range(STEPS)]
    assert err == "100 rows of 2 groups were exported.\n"


@pytest.mark.usefixtures("began_s")
@pytest.mark.parametrize(
    ("options", "count"),
    [(["--from", "300s"], None), (["--from", "5m"], 30), (["--to", "15m"], 10), (["--group", "b"], 0)],
)
def test_it_is_narrowed_by_group_and_time(
    capsys: pytest.CaptureFixture[str], options: list[str], count: int | None
) -> None:
    code, out, err = exported(capsys, *options, "--format", "jsonl")
    if count is None:
        assert (code, out) == (2, "")
        assert "is no time such as" in err
        return
    assert abs(len(out.splitlines()) - count) <= 1
    assert code == (0 if count else 1)


@pytest.mark.usefixtures("began_s")
def test_a_coarser_resolution_keeps_the_extremes(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = exported(capsys, "--resolution", "1m", "--format", "jsonl")
    rows = [json.loads(line) for line in out.splitlines()]
    assert sum(row["count"] for row in rows) == STEPS
    assert {row["resolution_s"] for row in rows} == {60, 0}
    assert max(row["high"] for row in rows) == (STEPS - 1) / 1000


@pytest.mark.usefixtures("began_s")
def test_the_nodes_that_were_in_trouble_are_exported_too(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = exported(capsys, "--nodes", "--format", "jsonl")
    rows = [json.loads(line) for line in out.splitlines()]
    assert len(rows) == STEPS
    assert {(row["node"], row["lifecycle"], row["cpu"], row["memory"]) for row in rows} == {
        ("n-1", "draining", 0.97, None)
    }


@pytest.mark.usefixtures("began_s")
def test_parquet_is_a_file_for_columnar_tools(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file = tmp_path / "out.parquet"
    code, out, _ = exported(capsys, "--format", "parquet", "--output", str(file))
    table = parquet.read_table(file)
    assert (code, out) == (0, "")
    assert table.num_rows == STEPS
    assert table.column("mean").to_pylist() == [step / 1000 for step in range(STEPS)]
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("began_s")
def test_parquet_without_pyarrow_or_a_file_says_what_is_needed(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert exported(capsys, "--format", "parquet") == (2, "", "Parquet is no text: give a file with --output.\n")
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    file = tmp_path / "out.parquet"
    assert exported(capsys, "--format", "parquet", "--output", str(file)) == (2, "", f"{NO_PARQUET}\n")
    assert not file.exists()


@pytest.mark.usefixtures("began_s")
def test_an_export_never_overwrites_the_history_itself(capsys: pytest.CaptureFixture[str]) -> None:
    path = load_settings().paths.history
    code, _, err = exported(capsys, "--output", str(path))
    assert code == 2
    assert "overwrite the history itself" in err


@pytest.mark.usefixtures("began_s")
def test_an_export_imported_elsewhere_is_exported_the_same(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    file, other = tmp_path / "out.csv", str(tmp_path / "other.db")
    main(["export", "--resolution", "1m", "--output", str(file)])
    assert main(["--history", other, "import", str(file), "--source", "the laptop"]) == 0
    capsys.readouterr()
    assert main(["--history", other, "export", "--resolution", "1m"]) == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert sum(int(row["count"]) for row in rows) == STEPS
    assert max(float(row["high"]) for row in rows) == (STEPS - 1) / 1000
    assert {row["source"] for row in rows} == {"the laptop"}


def test_a_range_query_of_prometheus_is_imported(
    began_s: float, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file = tmp_path / "cpu.json"
    values = [[began_s - 6000 + 60 * step, str(40 + step)] for step in range(50)]
    file.write_text(json.dumps({"data": {"result": [{"metric": {"pool": "a"}, "values": values}]}}))
    options = ["import", str(file), "--group-label", "pool", "--signal", "cpu", "--scale", "0.01"]
    assert main(options) == 0
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("50 readings of 1 groups were imported into ")
    _, out, _ = exported(capsys, "--group", "a", "--format", "jsonl")
    rows = [json.loads(line) for line in out.splitlines()]
    assert {row["source"] for row in rows} == {"cpu.json", "measured"}
    assert sum(row["source"] == "measured" for row in rows) == STEPS


def test_a_value_that_stands_for_five_minutes_is_imported_into_no_finer_bins(
    began_s: float, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    file, bins = tmp_path / "cpu.json", []
    values = [[began_s - 9000 + 300 * step, "0.5"] for step in range(20)]
    file.write_text(json.dumps([{"metric": {"group": "a"}, "values": values}]))
    for options in ([], ["--resolution", "300"]):
        assert main(["import", str(file), "--signal", "cpu", *options]) == 0
        said = capsys.readouterr().err
        bins.append(int(said.split(" bins")[0].split()[-1]))
    assert bins[0] - bins[1] == 20
    assert said.endswith(f" bins, instead of {bins[0]} that were there under this name.\n")


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        ("{}", ["--signal", "cpu"], "no answer of a Prometheus range query"),
        ("{}", ["--series", "x=nothing"], "is no mapping such as"),
        ("{}", ["--series", 'x{a="1" nonsense}=cpu'], "is no mapping such as"),
        ("at,group\n", ["--format", "csv"], "no column 'value'"),
    ],
)
def test_what_cannot_be_imported_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, options: list[str], words: str
) -> None:
    file = tmp_path / "in.json"
    file.write_text(text)
    assert main(["--history", str(tmp_path / "h.db"), "import", str(file), *options]) == 2
    assert words in capsys.readouterr().err


def test_an_import_may_be_the_first_thing_that_an_installation_does(tmp_path: Path) -> None:
    file = tmp_path / "in.csv"
    file.write_text(f"at,value\n{time.time() - 600},0.5\n")
    assert main(["import", str(file), "--group", "a", "--signal", "cpu"]) == 0
    history = load_settings().paths.history
    assert history.exists()
    assert history.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.usefixtures("began_s")
def test_stats_say_what_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["groups"], found["nodes"], found["node_readings"]) == (2, 1, STEPS)
    assert found["tiers"]["raw"]["rows"] == STEPS
    assert found["bytes"] > 10_000
    assert main(["stats"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].endswith("MB, 2 groups, 1 nodes")
    assert [line.split()[0] for line in lines[2:6]] == ["raw", "1m", "5m", "15m"]


def test_without_a_history_it_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["stats"]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert "There is no history at" in said.err
