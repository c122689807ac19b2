"""Writing: what was measured is there, restarts change nothing, old data go, and a file that is not usable is told."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodescaler_tui.facts import Lifecycle
from nodescaler_tui.record.history import connection
from nodescaler_tui.record.history.coding import GROUPS_A_BLOCK
from nodescaler_tui.record.history.connection import HistoryUnavailable, KeptElsewhere
from nodescaler_tui.record.history.figures import NodeFigures
from nodescaler_tui.record.history.reader import reading_history
from nodescaler_tui.record.history.schema import BLOCKS
from nodescaler_tui.record.history.tiers import DAY_S, FIVE_MINUTES, MINUTES, QUARTER_HOURS, READINGS, ROLLED, Retention
from tests.record.history.measured import NOON_S, finest, poll, store, stored_bins, whole_file, writer

CPUS = [0.1 + 0.8 * (step * 37 % 100) / 100 for step in range(400)]
POLLS = [
    poll(NOON_S + 10 * step, {"a": cpu, "b": None if step % 50 < 10 else cpu / 2}) for step, cpu in enumerate(CPUS)
]


def test_every_reading_of_every_poll_is_there_and_an_unknown_is_no_reading(path: Path) -> None:
    store(path, POLLS)
    found = finest(path, "a", READINGS)
    assert [round(entry.at_s - NOON_S) for entry in found] == [10 * step for step in range(400)]
    assert [entry.mean for entry in found] == pytest.approx(CPUS, abs=0.00005)
    assert len(finest(path, "b", READINGS)) == 320
    assert path.stat().st_mode & 0o777 == 0o600


@settings(max_examples=5, deadline=None)
@given(st.sets(st.integers(1, 399), max_size=6))
def test_restarts_change_nothing_that_is_kept(tmp_path_factory: pytest.TempPathFactory, restarts: set[int]) -> None:
    without, with_restarts = (tmp_path_factory.mktemp("history") / "history.db" for _ in range(2))
    store(without, POLLS)
    bounds = [0, *sorted(restarts), len(POLLS)]
    for begins, ends in pairwise(bounds):
        store(with_restarts, POLLS[begins:ends])
    assert whole_file(with_restarts) == whole_file(without)


def test_a_clock_that_jumps_back_joins_what_its_bins_hold_already(path: Path) -> None:
    store(path, [poll(NOON_S + 10 * step, {"a": 0.5}) for step in range(400)])
    store(path, [poll(NOON_S + 600 + 10 * step, {"a": 0.9}) for step in range(400)])
    first_minute = int((NOON_S + 600) // 60)
    assert stored_bins(path, MINUTES)[first_minute] == (5000, 7000, 9000, 12)
    assert all(low <= mean <= high for low, mean, high, _ in stored_bins(path, QUARTER_HOURS).values())
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"


def test_old_data_go_a_few_at_a_time_and_bins_outlive_what_they_were_made_of(path: Path) -> None:
    retention = Retention(readings_s=600, minutes_s=1800, five_minutes_s=3600, quarter_hours_s=DAY_S)
    store(path, [poll(NOON_S + 10 * step, {"a": 0.5}) for step in range(1500)], retention)
    now_s = NOON_S + 14_990
    readings = [entry for entry in finest(path, "a", READINGS) if entry.bin_s == 0]
    assert readings[0].at_s <= now_s - 600 + 60, "all but the rest of the minute in which they begin"
    with closing(sqlite3.connect(path)) as connection:
        polls = connection.execute("SELECT count(*) FROM poll").fetchone()[0]
    assert polls <= 60 + 6 * 15 + 1, "beyond what is kept only what an open bin is made of"
    assert min(stored_bins(path, MINUTES)) * 60 >= now_s - 1800 - 120
    assert min(stored_bins(path, FIVE_MINUTES)) * 300 >= now_s - 3600 - 600
    assert min(stored_bins(path, QUARTER_HOURS)) == int(NOON_S // 900)


def test_a_tier_that_is_switched_off_keeps_nothing_and_the_coarser_ones_lose_nothing(path: Path) -> None:
    retention = Retention(readings_s=0, minutes_s=0)
    store(path, POLLS, retention)
    assert stored_bins(path, MINUTES) == {}
    quarters = stored_bins(path, QUARTER_HOURS)
    assert sum(count for *_, count in quarters.values()) == 360
    assert max(high for _, _, high, _ in quarters.values()) == round(max(CPUS[:360]) * 10_000)


def test_a_poll_that_read_nothing_is_a_gap(path: Path) -> None:
    store(path, [poll(NOON_S, {"a": 0.5}), poll(NOON_S + 10, {}), poll(NOON_S + 20, {"a": None})])
    assert [entry.at_s for entry in finest(path, "a", READINGS)] == [NOON_S]


def test_the_nodes_of_a_troubled_group_are_kept_with_what_is_unknown_of_them(path: Path) -> None:
    node = NodeFigures("a", "n-1", "i-01", Lifecycle.DRAINING, 0.97, None, 12)
    store(path, [poll(NOON_S, {"a": 0.5}, (node,))])
    with reading_history(path) as reader:
        ((at_s, found),) = list(reader.node_readings(0, NOON_S + 1))
    assert at_s == NOON_S
    assert (found.id, found.name, found.lifecycle) == ("n-1", "i-01", Lifecycle.DRAINING)
    assert (found.cpu, found.memory, found.sessions) == (0.97, None, 12)


def test_hundreds_of_groups_lie_in_several_blocks_and_none_reads_anothers(path: Path) -> None:
    store(path, [poll(NOON_S + 10 * step, {f"g{number}": number / 1000 for number in range(200)}) for step in range(8)])
    for number in (0, 63, 64, 127, 199):
        assert {entry.mean for entry in finest(path, f"g{number}", MINUTES)} == {number / 1000}


def test_a_group_beyond_the_last_block_is_not_kept_and_harms_no_other(path: Path) -> None:
    store(path, POLLS[:1])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("INSERT INTO node_group VALUES (?, 'far', 'far')", (BLOCKS * GROUPS_A_BLOCK,))
        connection.commit()
    store(path, [poll(NOON_S + 10 * step, {"a": 0.5, "far": 0.9}) for step in range(1, 30)])
    assert finest(path, "far", READINGS) == []
    assert {entry.mean for entry in finest(path, "a", READINGS)} <= {0.5, round(CPUS[0], 4)}
    assert len(finest(path, "a", READINGS)) == 30


def test_two_writers_on_one_file_take_turns_and_the_second_leaves_it_to_the_first(path: Path) -> None:
    with closing(writer(path)) as first, closing(writer(path)) as second:
        first.add(POLLS[0])
        with pytest.raises(KeptElsewhere, match="Another process keeps"):
            second.add(POLLS[1])
        first.add(POLLS[1])
        first.close()
        second.add(POLLS[2])
    assert len(finest(path, "a", READINGS)) == 3


def test_a_file_of_another_program_is_left_alone(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE theirs (value)")
        connection.commit()
    before = path.read_bytes()
    with closing(writer(path)) as keeping, pytest.raises(HistoryUnavailable, match="not a history of this program"):
        keeping.add(POLLS[0])
    assert path.read_bytes() == before


def test_a_file_of_a_newer_version_is_left_alone(path: Path) -> None:
    store(path, POLLS[:1])
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 99")
    with closing(writer(path)) as keeping, pytest.raises(HistoryUnavailable, match="newer version"):
        keeping.add(POLLS[1])
    with pytest.raises(HistoryUnavailable, match="newer version"):
        finest(path, "a", READINGS)


@pytest.mark.parametrize("damage", [b"no database at all" * 100, b"SQLite format 3\x00" + b"\xff" * 4096])
def test_a_damaged_file_is_moved_aside_and_the_history_begins_anew(path: Path, damage: bytes) -> None:
    path.write_bytes(damage)
    with closing(writer(path)) as keeping:
        aside = keeping.add(POLLS[0])
    assert aside is not None
    assert aside.read_bytes() == damage
    assert len(finest(path, "a", READINGS)) == 1


def test_one_damaged_row_is_a_gap_and_all_others_are_read(path: Path) -> None:
    store(path, POLLS)
    with closing(sqlite3.connect(path)) as connection:
        (row_id,) = connection.execute("SELECT id FROM minute ORDER BY id LIMIT 1 OFFSET 3").fetchone()
        connection.execute("UPDATE minute SET row = zeroblob(length(row)) WHERE id = ?", (row_id,))
        connection.execute("UPDATE reading SET row = x'00' WHERE id = (SELECT max(id) FROM reading)")
        connection.commit()
    with reading_history(path) as reader:
        assert len(reader.finest("a", [], 0, NOON_S * 2, MINUTES)) == 0
        assert reader.damaged_rows > 0
    store(path, [poll(NOON_S + 8000, {"a": 0.5})])
    assert len(finest(path, "a", MINUTES)) > 60


def test_a_folder_that_cannot_be_written_is_said(unprivileged: Path) -> None:
    unprivileged.chmod(0o500)
    with closing(writer(unprivileged / "history.db")) as keeping, pytest.raises(HistoryUnavailable, match="Permission"):
        keeping.add(POLLS[0])
    unprivileged.chmod(0)
    with pytest.raises(HistoryUnavailable, match="cannot be reached"):
        finest(unprivileged / "history.db", "a", READINGS)


def test_a_file_that_cannot_be_written_is_read_on(unprivileged: Path) -> None:
    path = unprivileged / "history.db"
    store(path, POLLS[:5])
    path.chmod(0o400)
    with closing(writer(path)) as keeping, pytest.raises(HistoryUnavailable, match="cannot be written"):
        keeping.add(POLLS[5])
    assert len(finest(path, "a", READINGS)) == 5


def test_every_tier_has_a_retention_of_its_own() -> None:
    kept = Retention(1, 2, 3, 4)
    assert [kept.of(tier) for tier in (READINGS, *ROLLED)] == [1, 2, 3, 4]


def test_a_history_is_begun_anew_unless_another_process_keeps_it(path: Path) -> None:
    store(path, [poll(NOON_S, {"a": 0.5})])
    with connection.keeping(path), pytest.raises(KeptElsewhere):
        connection.begin_anew(path)
    assert path.exists()
    connection.begin_anew(path)
    assert not path.exists()
    connection.begin_anew(path)
    store(path, [poll(NOON_S + 10, {"b": 0.5})])
    with reading_history(path) as reader:
        assert [group.id for group in reader.groups()] == ["b"]
