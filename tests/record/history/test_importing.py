"""Importing and exporting: foreign readings keep their source, fill gaps only, and a round trip loses nothing."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from nodescaler_tui.record.history.connection import HistoryUnavailable, importing
from nodescaler_tui.record.history.contents import contents
from nodescaler_tui.record.history.exporting import COLUMNS, as_csv, bin_rows
from nodescaler_tui.record.history.figures import Figure
from nodescaler_tui.record.history.foreign import (
    ForeignReading,
    Refused,
    Selector,
    SeriesMapping,
    UnreadableImport,
    from_csv,
    from_prometheus,
)
from nodescaler_tui.record.history.imported import ImportedBins
from nodescaler_tui.record.history.importing import ImportOutcome, import_readings
from nodescaler_tui.record.history.reader import reading_history
from nodescaler_tui.record.history.spans import Bin
from nodescaler_tui.record.history.tiers import DAY_S, FIVE_MINUTES, MINUTES, READINGS, ROLLED, Retention, Tier
from tests.record.history.measured import NOON_S, finest, poll, store

SPIKY = [0.2 + 0.6 * (step * 29 % 61) / 61 for step in range(500)]


def bring_in(
    path: Path, readings: Iterable[ForeignReading], source: str = "elsewhere", refused: Refused | None = None
) -> ImportOutcome:
    return import_readings(
        path,
        readings,
        source=source,
        retention=Retention(),
        now_s=NOON_S + 10_000,
        refused=refused or Refused(),
    )


def cpu(at_s: float, value: float, group_id: str = "a") -> ForeignReading:
    return ForeignReading(group_id, Figure.CPU, at_s, value, value, value)


def exported(path: Path, wanted: Tier = READINGS) -> str:
    with reading_history(path) as reader:
        return "".join(as_csv(bin_rows(reader, reader.groups(), NOON_S - 90 * DAY_S, NOON_S + DAY_S, wanted), COLUMNS))


def values(bins: list[Bin]) -> list[tuple[float, float, float, float, int]]:
    return [(entry.at_s, entry.low, entry.mean, entry.high, entry.count) for entry in bins]


def test_an_export_that_is_imported_elsewhere_is_the_same_at_every_resolution_it_has(
    path: Path, tmp_path: Path
) -> None:
    store(path, [poll(NOON_S + 10 * step, {"a": value, "b": 1 - value}) for step, value in enumerate(SPIKY)])
    other, refused = tmp_path / "other.db", Refused()
    bring_in(other, from_csv(exported(path).splitlines(), SeriesMapping(), refused), "the first")
    assert refused.counts == {}
    with reading_history(path) as first, reading_history(other) as second:
        for group_id in ("a", "b"):
            for columns, seconds in ((5, 60), (12, 300), (5, 900)):
                span = (group_id, [Figure.CPU], NOON_S, NOON_S + columns * seconds, columns)
                was, came = (reader.span(*span)[Figure.CPU] for reader in (first, second))
                assert [entry[:2] + entry[3:] for entry in values(list(came))] == [
                    entry[:2] + entry[3:] for entry in values(list(was))
                ]
                assert [entry.mean for entry in came] == pytest.approx([entry.mean for entry in was], abs=0.0002)
                assert {entry.source for entry in came} == {"the first"}


def test_what_was_imported_fills_a_gap_and_never_stands_for_what_was_measured(path: Path) -> None:
    measured = [step for step in range(400) if not 100 <= step < 200]
    store(path, [poll(NOON_S + 10 * step, {"a": 0.5}) for step in measured])
    bring_in(path, [cpu(NOON_S + 10 * step, 0.9) for step in range(-300, 400)])
    found = finest(path, "a", MINUTES)
    for entry in found:
        step = (entry.at_s - NOON_S) / 10
        inside = 0 <= step < 100 or step >= 200
        assert (entry.high, entry.source) == ((0.5, "") if inside else (0.9, "elsewhere")), entry
    assert min(entry.at_s for entry in found) < NOON_S
    assert any(entry.source for entry in found if entry.at_s > NOON_S)


def test_the_same_import_twice_is_the_same_as_once(path: Path) -> None:
    readings = [cpu(NOON_S + 10 * step, value) for step, value in enumerate(SPIKY)]
    bring_in(path, readings)
    once = exported(path)
    bring_in(path, readings)
    assert exported(path) == once
    assert [name for name, _ in contents(path).sources] == ["elsewhere"]


def rows(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        count: int = connection.execute("SELECT count(*) FROM imported").fetchone()[0]
    return count


def test_what_an_import_does_not_bring_again_is_gone(path: Path) -> None:
    bring_in(path, [cpu(NOON_S + 60 * step, 0.5) for step in range(3)])
    bring_in(path, [cpu(NOON_S, 0.5, "b")])
    bring_in(path, [cpu(NOON_S, 0.3)], "another")
    outcome = bring_in(path, [cpu(NOON_S, 0.6), cpu(NOON_S + 120, 0.7)])
    assert [entry.mean for entry in finest(path, "a", MINUTES) if entry.source == "elsewhere"] == [0.7]
    assert finest(path, "b", MINUTES) == []
    assert {entry.mean for entry in finest(path, "a", MINUTES) if entry.source == "another"} == {0.3}
    assert dict(contents(path).sources) == {"another": 3, "elsewhere": outcome.bins}
    assert rows(path) == 3 + outcome.bins
    assert outcome.replaced == 3, "the three tiers of the second import, which replaced the first"


def test_with_one_row_less_the_old_row_is_gone_at_every_resolution(path: Path) -> None:
    readings = [cpu(NOON_S + 900 * step, 0.5) for step in range(4)]
    bring_in(path, readings)
    outcome = bring_in(path, readings[:-1])
    assert (outcome.bins, outcome.replaced) == (9, 12)
    with reading_history(path) as reader:
        for tier in ROLLED:
            assert len(finest(path, "a", tier)) == 3
        assert reader.begins_s(ROLLED) == NOON_S
    assert rows(path) == 9


def test_an_import_that_is_broken_off_changes_nothing_and_the_next_one_tidies_up(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(path, [cpu(NOON_S, 0.5)])
    before = exported(path)

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(ImportedBins, "name", killed)
        with pytest.raises(KeyboardInterrupt):
            bring_in(path, [cpu(NOON_S + 60 * step, 0.9, "c") for step in range(-300, 300)])
    assert exported(path) == before
    with reading_history(path) as reader:
        assert reader.begins_s(ROLLED) == NOON_S
    bring_in(path, [cpu(NOON_S, 0.6)], "another")
    assert rows(path) == 6
    assert [entry.mean for entry in finest(path, "a", MINUTES)] == [0.5]


def test_an_import_of_nothing_replaces_nothing(path: Path) -> None:
    bring_in(path, [cpu(NOON_S, 0.5)])
    assert bring_in(path, [cpu(NOON_S, -1)]) == ImportOutcome(0, 0, 0, 0)
    assert [entry.mean for entry in finest(path, "a", MINUTES)] == [0.5]


def test_two_imports_into_one_file_do_not_mix(path: Path) -> None:
    with importing(path), pytest.raises(HistoryUnavailable, match="Another process imports into"):
        bring_in(path, [cpu(NOON_S, 0.5)])


def test_a_group_that_only_an_import_knows_gets_a_number_that_a_running_writer_respects(path: Path) -> None:
    store(path, [poll(NOON_S, {"a": 0.5})])
    bring_in(path, [cpu(NOON_S, 0.9, "imported")])
    store(path, [poll(NOON_S + 10, {"a": 0.5, "new": 0.7})])
    assert [entry.mean for entry in finest(path, "new", READINGS)] == [0.7]
    assert {entry.high for entry in finest(path, "imported", MINUTES)} == {0.9}


def test_what_cannot_be_kept_is_counted_by_its_reason(path: Path) -> None:
    refused = Refused()
    outcome = bring_in(
        path,
        [cpu(NOON_S, 0.5), cpu(NOON_S, -1), cpu(NOON_S - 400 * DAY_S, 0.5), cpu(NOON_S + 99 * DAY_S, 0.5)],
        refused=refused,
    )
    assert outcome.readings == 1
    assert refused.counts == {
        "not possible for the signal": 1,
        "older than anything that is kept": 1,
        "from the future": 1,
    }


MATRIX = {
    "status": "success",
    "data": {
        "resultType": "matrix",
        "result": [
            {
                "metric": {"__name__": "edge_cpu", "mode": "total", "pool": "a"},
                "values": [[NOON_S, "50"], [NOON_S, "NaN"]],
            },
            {"metric": {"__name__": "edge_calls", "pool": "b"}, "values": [[NOON_S, "12"]]},
            {"metric": {"__name__": "edge_calls"}, "values": [[NOON_S, "3"]]},
            {"metric": {"__name__": "other", "pool": "b"}, "values": [[NOON_S, "3"], [NOON_S, "4"]]},
        ],
    },
}


def test_prometheus_series_are_mapped_by_name_and_labels() -> None:
    refused = Refused()
    mapping = SeriesMapping(
        group_column="pool",
        series=(
            (Selector("edge_cpu", (("mode", "total"),)), Figure.CPU),
            (Selector("edge_calls"), Figure.SESSIONS),
        ),
    )
    found = list(from_prometheus(json.dumps(MATRIX), mapping, refused))
    assert [(entry.group_id, entry.figure, entry.mean) for entry in found] == [
        ("a", Figure.CPU, 50.0),
        ("b", Figure.SESSIONS, 12.0),
    ]
    assert refused.counts == {"not a number": 1, "without a group": 1, "without a signal": 2}


def test_a_percentage_is_scaled_to_a_fraction() -> None:
    mapping = SeriesMapping(group="g", figure=Figure.CPU, scale=0.01)
    assert next(from_prometheus(json.dumps(MATRIX), mapping, Refused())).mean == 0.5


@pytest.mark.parametrize("text", ["", "{}", '{"data": {"result": [1]}}', '{"data": null}', "[[]]"])
def test_what_is_no_range_query_is_said(text: str) -> None:
    with pytest.raises(UnreadableImport, match="range query"):
        list(from_prometheus(text, SeriesMapping(), Refused()))


def test_columns_of_a_foreign_csv_are_named() -> None:
    mapping = SeriesMapping(group_column="pool", figure=Figure.CPU, time_column="ts", value_column="busy", scale=0.01)
    lines = ["ts,pool,busy", "1772366400,a,50", "1772366400000,a,60", "2026-03-01T12:00:00,a,75", "never,a,1", "1,,5"]
    refused = Refused()
    found = list(from_csv(lines, mapping, refused))
    assert [(entry.at_s, entry.mean) for entry in found] == [(NOON_S, 0.5), (NOON_S, 0.6), (NOON_S, 0.75)]
    assert refused.counts == {"not a number": 1, "without a group": 1}


def test_a_column_that_is_not_there_is_named() -> None:
    with pytest.raises(UnreadableImport, match="no column 'value'; the file has at, group, signal"):
        list(from_csv(["at,group,signal", "1,a,cpu"], SeriesMapping(), Refused()))


def test_an_export_over_many_windows_has_every_bin_once_and_the_ones_at_its_ends_whole(path: Path) -> None:
    store(path, [poll(NOON_S + 60 * step, {"a": step % 100 / 100}) for step in range(900)])
    with reading_history(path) as reader:
        for wanted in (READINGS, MINUTES):
            rows = list(bin_rows(reader, reader.groups(), NOON_S - 17, NOON_S + 60 * 900 - 31, wanted))
            assert sum(int(row["count"] or 0) for row in rows) == 900
            assert len({row["at"] for row in rows}) == 900


def five_minutes(at_s: float, value: float) -> ForeignReading:
    return replace(cpu(at_s, value), resolution_s=300.0)


def test_a_value_that_stands_for_five_minutes_makes_no_bins_of_one() -> None:
    text = json.dumps([{"metric": {"group": "a"}, "values": [[NOON_S, "0.5"]]}])
    lines = ["at,busy", f"{NOON_S},0.5"]
    mapping = SeriesMapping(group="a", figure=Figure.CPU, value_column="busy", resolution_s=300.0)
    (from_text,), (from_lines,) = from_prometheus(text, mapping, Refused()), from_csv(lines, mapping, Refused())
    assert from_text == from_lines == five_minutes(NOON_S, 0.5)


def test_up_to_where_measuring_begins_the_finest_bins_that_were_imported_are_read(path: Path) -> None:
    begins_s = NOON_S + 200
    wide = [five_minutes(NOON_S - 150, 0.2), five_minutes(NOON_S + 100, 0.3)]
    bring_in(path, [*wide, *(cpu(NOON_S + 60 * minute + 5, 0.4) for minute in range(4))])
    store(path, [poll(begins_s + 10 * step, {"a": 0.5}) for step in range(3)])
    with reading_history(path) as reader:
        found = reader.finest("a", [Figure.CPU], NOON_S - 300, NOON_S + 300, FIVE_MINUTES)[Figure.CPU]
    reach = [
        (entry.at_s - entry.bin_s / 2 - NOON_S, entry.at_s + entry.bin_s / 2 - NOON_S, entry.mean) for entry in found
    ]
    assert reach == [
        (-300, 0, 0.2),
        *((60 * minute, 60 * minute + 60, 0.4) for minute in range(3)),
        (180, 200, 0.4),
        *((200 + 10 * step, 200 + 10 * step, 0.5) for step in range(3)),
    ]


def test_between_two_readings_nothing_that_was_imported_is_read(path: Path) -> None:
    store(path, [poll(NOON_S + 10 * step, {"a": 0.5}) for step in range(30)])
    bring_in(path, [cpu(NOON_S + 10 * step, 0.9) for step in range(30)])
    assert {entry.source for entry in finest(path, "a", READINGS)} == {""}
