"""Writing into a file: old data go, two who write take turns, and a file that is not usable is told."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from nodescaler_tui.record.history import connection
from nodescaler_tui.record.history.connection import HistoryUnavailable, KeptElsewhere
from nodescaler_tui.record.history.reader import reading_history
from nodescaler_tui.record.history.tiers import DAY_S, FIVE_MINUTES, MINUTES, QUARTER_HOURS, READINGS, ROLLED, Retention
from tests.record.history.measured import NOON_S, finest, poll, store, stored_bins, writer

CPUS = [0.1 + 0.8 * (step * 37 % 100) / 100 for step in range(400)]
POLLS = [
    poll(NOON_S + 10 * step, {"a": cpu, "b": None if step % 50 < 10 else cpu / 2}) for step, cpu in enumerate(CPUS)
]


def test_the_file_is_its_users_alone(path: Path) -> None:
    store(path, POLLS[:1])
    assert path.stat().st_mode & 0o777 == 0o600


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
