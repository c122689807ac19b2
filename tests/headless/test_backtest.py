"""`nodescaler-tui backtest`: on a real history file, and in plain words where nothing can be told."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nodescaler_tui.headless.backtest import main
from nodescaler_tui.headless.history import main as import_history
from nodescaler_tui.record.history.figures import GroupFigures, Poll
from nodescaler_tui.settings import load_settings
from tests.decide.forecast.histories import DAY, daily
from tests.record.history.measured import figures, store

BAR_S = 300
Captured = pytest.CaptureFixture[str]


def polls(bars: int, *, nodes: int | None = 10, ended_ago_s: float = 0.0) -> Iterator[Poll]:
    """One poll in each of the last five minutes: one group that crosses its limits each day, and one that is calm."""
    ends_s = (time.time() - ended_ago_s) // BAR_S * BAR_S
    busy = np.clip(daily(bars) + 0.1, 0, 1)
    for bar in range(bars):
        measured = figures(cpu=float(busy[bar]), memory=0.4, sessions=int(60 * busy[bar]), nodes=nodes)
        groups = (GroupFigures("g-1", "media-eu-1", measured), GroupFigures("g-2", "media-eu-2", figures(cpu=0.2)))
        yield Poll(ends_s - (bars - bar) * BAR_S + 10, groups)


def keep(entries: Iterator[Poll]) -> None:
    path = load_settings().paths.history
    path.parent.mkdir(parents=True)
    store(path, entries)


def told(capsys: Captured, *options: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main([*options, "--json"]) == 0
    document: dict[str, Any] = json.loads(capsys.readouterr().out)
    return document


def test_it_tells_for_each_group_and_signal_what_would_have_been_warned_of(capsys: Captured) -> None:
    keep(polls(4 * DAY))
    document = told(capsys, "--days", "2")
    rows = {(row["group"], row["signal"], row["level"]): row for row in document["outcomes"]}
    assert set(rows) == {
        *(("g-1", signal, level) for signal in ("cpu", "memory") for level in ("warning", "critical")),
        ("g-1", "sessions", "critical"),
        *(("g-2", "cpu", level) for level in ("warning", "critical")),
    }
    daily_breach = rows["g-1", "cpu", "warning"]
    assert daily_breach["threshold"] == 0.75
    assert daily_breach["breaches"] >= 2
    assert daily_breach["forecast"]["early_share"] > 0
    assert daily_breach["forecast"]["median_lead_s"] % BAR_S == 0
    calm = rows["g-2", "cpu", "critical"]
    assert (calm["breaches"], calm["forecast"]["warned_share"]) == (0, None)
    assert calm["forecast"]["false_pages_a_day"] == calm["predict_linear_1h"]["false_pages_a_day"] == 0
    assert document["total"]["breaches"] == sum(row["breaches"] for row in rows.values())
    assert document["not_told"] == [
        {"group": "g-2", "signal": signal, "reason": "nothing was recorded"} for signal in ("memory", "sessions")
    ]
    assert document["groups_without_nodes"] == ["g-2"]


def test_the_thresholds_are_those_of_the_configuration_as_it_is_now(capsys: Captured, tmp_path: Path) -> None:
    keep(polls(2 * DAY))
    config = tmp_path / "config.toml"
    config.write_text('[thresholds]\ncpu_warning = 0.5\n[thresholds."g-2"]\ncpu_warning = 0.1\n')
    rows = told(capsys, "--days", "1", "--config", str(config))["outcomes"]
    assert {
        (row["group"], row["threshold"]) for row in rows if (row["signal"], row["level"]) == ("cpu", "warning")
    } == {
        ("g-1", 0.5),
        ("g-2", 0.1),
    }


def test_people_get_a_sentence_a_table_and_a_plot_as_wide_as_their_terminal(
    capsys: Captured, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(polls(3 * DAY))
    for columns in (80, 120):
        monkeypatch.setenv("COLUMNS", str(columns))
        assert main(["--days", "1", "--group", "g-1"]) == 0
        out = capsys.readouterr().out
        assert max(map(len, out.splitlines())) == columns
        assert "\x1b" not in out
        assert out.startswith("Backtest of the last day, ")
        assert "media-eu-1 cpu      warning " in out
        assert "x predict_linear[1h]" in out
        assert "Thresholds are those of the configuration" in " ".join(out.split())
        assert "media-eu-2" not in out


def test_more_days_than_there_are_fine_bars_are_not_claimed(capsys: Captured) -> None:
    keep(polls(3 * DAY))
    assert main(["--days", "30", "--group", "g-1"]) == 0
    told = capsys.readouterr()
    assert told.out.startswith("Backtest of 3 days, ")
    assert "; 2.9 days were judged: " in " ".join(told.out.split())
    assert told.err == ("Bars of five minutes or finer reach back no further: the last 3 days are replayed, not 30.\n")
    assert main(["--days", "3", "--group", "g-1"]) == 0
    assert capsys.readouterr().err == ""


def test_what_was_imported_counts_among_the_days_that_there_are(capsys: Captured, tmp_path: Path) -> None:
    keep(polls(DAY))
    now_s = time.time()
    for file, resolution_s, days in (("fine.csv", 300, 5), ("coarse.csv", 900, 20)):
        rows = [f"{now_s - resolution_s * bar},0.5" for bar in range(1, days * 86_400 // resolution_s)]
        (tmp_path / file).write_text("\n".join(["at,value", *rows]))
        options = ["--group", "g-3", "--signal", "cpu", "--resolution", str(resolution_s)]
        assert import_history(["import", str(tmp_path / file), *options]) == 0
    assert told(capsys, "--days", "90", "--group", "g-3")["days"] == 5


def test_a_group_is_found_by_its_name_too_and_an_unknown_one_is_told_with_its_nearest(capsys: Captured) -> None:
    keep(polls(DAY))
    assert {row["group"] for row in told(capsys, "--days", "1", "--group", "media-eu-2")["outcomes"]} == {"g-2"}
    assert main(["--group", "media-eu-3"]) == 1
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("There is no group 'media-eu-3' in the history. Did you mean 'media-eu-")


def test_too_little_history_is_told_in_words(capsys: Captured) -> None:
    keep(polls(8))
    assert main([]) == 1
    out = " ".join(capsys.readouterr().out.split())
    assert "nothing can be told." in out
    assert "Not told, not enough history: 40 m of 3 h: media-eu-1 cpu, media-eu-1 memory, media-eu-1 sessions" in out


def test_a_history_that_ended_before_the_span_is_told_in_words(capsys: Captured) -> None:
    keep(polls(DAY, ended_ago_s=3 * 86_400))
    assert main(["--days", "2", "--group", "g-2"]) == 1
    assert "nothing was recorded in the last 2 days: media-eu-2 cpu." in " ".join(capsys.readouterr().out.split())


def test_without_nodes_utilization_itself_is_replayed_and_sessions_are_not(capsys: Captured) -> None:
    keep(polls(2 * DAY, nodes=None))
    document = told(capsys, "--days", "1", "--group", "g-1")
    assert {row["signal"] for row in document["outcomes"]} == {"cpu", "memory"}
    reason = "the nodes in service were not recorded"
    assert document["not_told"] == [{"group": "g-1", "signal": "sessions", "reason": reason}]
    assert main(["--days", "1", "--group", "g-1"]) == 0
    assert "utilization itself was forecast and not load: media-eu-1." in " ".join(capsys.readouterr().out.split())


def test_what_was_imported_is_replayed_beside_what_was_measured(capsys: Captured, tmp_path: Path) -> None:
    keep(polls(2 * DAY))
    now_s, busy = time.time() // BAR_S * BAR_S, np.clip(daily(2 * DAY) + 0.1, 0, 1)
    rows = [f"{now_s - (2 * DAY - bar) * BAR_S + 10},{value}" for bar, value in enumerate(busy)]
    file = tmp_path / "old.csv"
    file.write_text("\n".join(["at,value", *rows]))
    assert import_history(["import", str(file), "--group", "g-3", "--signal", "cpu"]) == 0
    rows_of = {
        group: [row for row in told(capsys, "--days", "1", "--group", group)["outcomes"] if row["signal"] == "cpu"]
        for group in ("g-1", "g-3")
    }
    same = [
        [{name: row[name] for name in ("level", "breaches", "forecast")} for row in rows] for rows in rows_of.values()
    ]
    assert same[0] == same[1]


def test_without_a_history_it_is_said_and_nothing_is_made(capsys: Captured, tmp_path: Path) -> None:
    assert main([]) == 2
    assert "There is no history at" in capsys.readouterr().err
    assert main(["--config", str(tmp_path / "no.toml")]) == 2
    assert not load_settings().paths.history.exists()


@pytest.mark.parametrize("days", ["0", "91", "1.5", "week"])
def test_days_are_a_whole_number_within_what_is_kept(capsys: Captured, days: str) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["--days", days])
    assert ended.value.code == 2
    assert "must be a whole number from 1 to 90" in capsys.readouterr().err
