"""The report of a backtest: rows that fit, names that are harmless, and nothing said where nothing is known."""

from __future__ import annotations

import dataclasses
import json

import pytest
from rich.cells import cell_len

from nodescaler_tui.decide.forecast.backtest import Outcome, Tally
from nodescaler_tui.decide.forecast.retrospect import Limit
from nodescaler_tui.decide.signals import Level, SignalName
from nodescaler_tui.headless.backtest_history import Span
from nodescaler_tui.headless.backtest_report import MOST_ROWS, Report, Unjudged, as_json, as_text

SPAN = Span.ending(1_772_366_400.0 + 77, 7)
NONE = Tally((), 0.0)


def outcome(group_id: str, ours: Tally, linear: Tally, level: Level = Level.CRITICAL) -> Outcome:
    return Outcome(group_id, SignalName.CPU, Limit(level, 0.9), 7.0, ours, linear)


def report(*outcomes: Outcome, unjudged: tuple[Unjudged, ...] = (), name: str = "") -> Report:
    return Report(SPAN, {one.group_id: name or one.group_id for one in outcomes}, outcomes, unjudged, (), 0)


FOUR = outcome("media-a", Tally((0.0, 300.0, 900.0, 3600.0), 0.25), Tally((0.0, 0.0, 0.0, 1200.0), 12.0))
TWO = outcome("media-b", Tally((900.0, 900.0), 1.0), Tally((0.0, 0.0), 0.0), Level.WARNING)


def test_a_span_ends_with_the_newest_complete_bar_and_looks_back_eight_days_more() -> None:
    assert SPAN.ends_s == 1_772_366_400.0
    assert SPAN.begins_s % 900 == 0
    assert SPAN.days == 7
    assert SPAN.first_s == SPAN.ends_s - 7 * 86_400
    assert 0 <= SPAN.first_s - SPAN.begins_s - 8 * 86_400 < 900


def test_the_first_sentence_tells_both_forecasters_and_when() -> None:
    assert " ".join(as_text(report(FOUR, TWO), 100).split("\n\n")[0].split()) == (
        "Backtest of 7 days, 2026-02-22 12:00Z to 2026-03-01 12:00Z; 7.0 days were judged: 6 breaches. At least 15 "
        "minutes before, this forecast warned of 4 (67 %) at 1.25 false pages a day; predict_linear[1h] warned of 1 "
        "(17 %) at 12.0 false pages a day."
    )


@pytest.mark.parametrize(
    ("days", "told"),
    [
        ((6.92, 6.94), "6.9 days were judged"),
        ((2.13, 6.9), "2.1 to 6.9 days of each signal were judged"),
        ((0.042, 1.0), "0.042 to 1.0 days of each signal were judged"),
    ],
)
def test_the_first_sentence_tells_how_many_days_were_judged(days: tuple[float, float], told: str) -> None:
    some = [dataclasses.replace(one, days=judged) for one, judged in zip((FOUR, TWO), days, strict=True)]
    assert f"Z; {told}: 6 breaches." in " ".join(as_text(report(*some), 100).split())


def test_rows_tell_shares_the_median_lead_and_false_pages_the_most_breaches_first() -> None:
    lines = as_text(report(TWO, FOUR), 80).splitlines()
    rows = [line.split() for line in lines if line.startswith(("media-", "all"))]
    assert rows == [
        ["media-a", "cpu", "critical", "4", "75%", "50%", "15m", "0.25", "25%", "25%", "20m", "12.0"],
        ["media-b", "cpu", "warning", "2", "100%", "100%", "15m", "1.00", "0%", "0%", "–", "0.00"],
        ["all", "warning", "2", "100%", "100%", "15m", "1.00", "0%", "0%", "–", "0.00"],
        ["all", "critical", "4", "75%", "50%", "15m", "0.25", "25%", "25%", "20m", "12.0"],
        ["all", "6", "83%", "67%", "15m", "1.25", "17%", "17%", "20m", "12.0"],
    ]


@pytest.mark.parametrize("width", [20, 80, 100, 300])
@pytest.mark.parametrize("name", ["媒体節点" * 9, "a" * 250, "m"])
def test_no_line_is_wider_than_the_terminal_or_eighty_columns(width: int, name: str) -> None:
    lines = as_text(report(FOUR, name=name), width).splitlines()
    assert max(map(cell_len, lines)) <= max(80, width)


def test_what_has_nothing_to_tell_is_one_line_and_a_long_table_is_cut() -> None:
    quiet = outcome("calm", NONE, NONE)
    many = [outcome(f"g-{number}", Tally((300.0,) * (number + 1), 0.0), NONE) for number in range(MOST_ROWS + 3)]
    text = as_text(report(quiet, *many), 80)
    assert "(1 more without a breach and without a false page)" in text
    assert "(3 more with fewer breaches; --json has all)" in text
    assert "calm" not in text


def test_without_a_breach_there_is_no_plot_and_no_share() -> None:
    text = as_text(report(outcome("g", NONE, Tally((), 2.0))), 80)
    assert ": no breach." in text
    assert "Share of all breaches" not in text
    assert "%" not in text[: text.index("A breach is")]


def test_why_nothing_is_told_is_grouped_by_reason() -> None:
    lacking = tuple(Unjudged("media-a", signal, "nothing was recorded") for signal in SignalName)
    text = " ".join(as_text(report(FOUR, unjudged=lacking), 80).split())
    assert "Not told, nothing was recorded: media-a cpu, media-a memory, media-a sessions." in text


def test_a_program_gets_null_where_nothing_is_known() -> None:
    document = json.loads(as_json(report(outcome("g", NONE, NONE))))
    assert document["total"]["forecast"] == {
        "warned_share": None,
        "early_share": None,
        "median_lead_s": None,
        "false_pages_a_day": 0.0,
    }
    assert json.loads(as_json(Report(SPAN, {}, (), (), (), 0)))["total"] is None
