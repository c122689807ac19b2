"""Recording: what was measured is there in every store, restarts change nothing, and an unknown is no number."""

from __future__ import annotations

from contextlib import closing
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodescaler_tui.facts import Lifecycle
from nodescaler_tui.record.history.coding import GROUPS_A_BLOCK
from nodescaler_tui.record.history.figures import Figure, GroupFigures, NodeFigures, Poll
from nodescaler_tui.record.history.schema import BLOCKS
from nodescaler_tui.record.history.tiers import FIVE_MINUTES, MINUTES, QUARTER_HOURS, READINGS, Retention
from tests.record.history.kept import Kept, bins_of, finest_of, keep, kept_in
from tests.record.history.measured import NOON_S, figures, poll
from tests.record.stores import STORES

CPUS = [0.1 + 0.8 * (step * 37 % 100) / 100 for step in range(400)]
POLLS = [
    poll(NOON_S + 10 * step, {"a": cpu, "b": None if step % 50 < 10 else cpu / 2}) for step, cpu in enumerate(CPUS)
]


def test_every_reading_of_every_poll_is_there_and_an_unknown_is_no_reading(kept: Kept) -> None:
    keep(kept, POLLS)
    found = finest_of(kept, "a", READINGS)
    assert [round(entry.at_s - NOON_S) for entry in found] == [10 * step for step in range(400)]
    assert [entry.mean for entry in found] == pytest.approx(CPUS, abs=0.00005)
    assert len(finest_of(kept, "b", READINGS)) == 320


@pytest.mark.parametrize("kind", STORES)
@settings(max_examples=4, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(restarts=st.sets(st.integers(1, 199), max_size=6))
def test_restarts_change_nothing_that_is_kept(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, kind: str, restarts: set[int]
) -> None:
    folder, other = tmp_path_factory.mktemp("history"), tmp_path_factory.mktemp("history")
    with kept_in(kind, folder, request) as without, kept_in(kind, other, request) as with_restarts:
        keep(without, POLLS[:200])
        for begins, ends in pairwise([0, *sorted(restarts), 200]):
            keep(with_restarts, POLLS[begins:ends])
        assert with_restarts.everything() == without.everything()


def test_a_clock_that_jumps_back_joins_what_its_bins_hold_already(kept: Kept) -> None:
    keep(kept, [poll(NOON_S + 10 * step, {"a": 0.5}) for step in range(200)])
    keep(kept, [poll(NOON_S + 600 + 10 * step, {"a": 0.9}) for step in range(200)])
    first_minute = int((NOON_S + 600) // 60)
    assert bins_of(kept, MINUTES)[first_minute] == (5000, 7000, 9000, 12)
    assert all(low <= mean <= high for low, mean, high, _ in bins_of(kept, QUARTER_HOURS).values())
    assert len(finest_of(kept, "a", READINGS)) == 400


def test_a_tier_that_is_switched_off_keeps_nothing_and_the_coarser_ones_lose_nothing(kept: Kept) -> None:
    keep(kept, POLLS, Retention(readings_s=0, minutes_s=0))
    assert bins_of(kept, MINUTES) == {}
    quarters = bins_of(kept, QUARTER_HOURS)
    assert sum(count for *_, count in quarters.values()) == 360
    assert max(high for _, _, high, _ in quarters.values()) == round(max(CPUS[:360]) * 10_000)


def test_a_poll_that_read_nothing_is_a_gap(kept: Kept) -> None:
    keep(kept, [poll(NOON_S, {"a": 0.5}), poll(NOON_S + 10, {}), poll(NOON_S + 20, {"a": None})])
    assert [entry.at_s for entry in finest_of(kept, "a", READINGS)] == [NOON_S]


def test_the_nodes_of_a_troubled_group_are_kept_with_what_is_unknown_of_them(kept: Kept) -> None:
    node = NodeFigures("a", "n-1", "i-01", Lifecycle.DRAINING, 0.97, None, 12)
    keep(kept, [poll(NOON_S + 10 * step, {"a": 0.5}, (node,)) for step in range(3)])
    with kept.history.reading() as reader:
        found = list(reader.node_readings(0, NOON_S + 11))
    assert [at_s for at_s, _ in found] == [NOON_S, NOON_S + 10]
    for _, entry in found:
        assert (entry.id, entry.name, entry.lifecycle) == ("n-1", "i-01", Lifecycle.DRAINING)
        assert (entry.cpu, entry.memory, entry.sessions) == (0.97, None, 12)


def test_hundreds_of_groups_lie_in_several_blocks_and_none_reads_anothers(kept: Kept) -> None:
    keep(kept, [poll(NOON_S + 10 * step, {f"g{number}": number / 1000 for number in range(200)}) for step in range(8)])
    for number in (0, 63, 64, 127, 199):
        assert {entry.mean for entry in finest_of(kept, f"g{number}", MINUTES)} == {number / 1000}


def test_a_group_that_is_called_otherwise_keeps_its_curve(kept: Kept) -> None:
    names = ("media", "media", "voice", "voice")
    polls = [Poll(NOON_S + 10 * step, (GroupFigures("a", name, figures(cpu=0.5)),)) for step, name in enumerate(names)]
    keep(kept, polls[:3])
    keep(kept, [polls[3], poll(NOON_S + 40, {"b": 0.1})])
    with kept.history.reading() as reader:
        assert [(group.number, group.id, group.name) for group in reader.groups()] == [
            (0, "a", "voice"),
            (1, "b", "media-b"),
        ]
        assert reader.group("a") == reader.groups()[0]
    assert len(finest_of(kept, "a", READINGS)) == 4


def test_a_group_beyond_the_last_block_is_not_kept_and_harms_no_other(kept: Kept) -> None:
    keep(kept, POLLS[:1])
    kept.number_a_group(BLOCKS * GROUPS_A_BLOCK, "far")
    keep(kept, [poll(NOON_S + 10 * step, {"a": 0.5, "far": 0.9}) for step in range(1, 30)])
    assert finest_of(kept, "far", READINGS) == []
    assert {entry.mean for entry in finest_of(kept, "a", READINGS)} <= {0.5, round(CPUS[0], 4)}
    assert len(finest_of(kept, "a", READINGS)) == 30


def test_one_damaged_row_is_a_gap_and_all_others_are_read(kept: Kept) -> None:
    keep(kept, POLLS)
    minute = int(NOON_S // 60) + 3
    kept.damage(MINUTES, minute)
    kept.damage(READINGS, 400)
    with kept.history.reading() as reader:
        found = reader.finest("a", [Figure.CPU], NOON_S, NOON_S * 2, MINUTES)[Figure.CPU]
        assert reader.damaged_rows > 0
    assert minute not in {int(entry.at_s // 60) for entry in found}
    keep(kept, [poll(NOON_S + 8000, {"a": 0.5})])
    assert len(finest_of(kept, "a", MINUTES)) > 60


def test_what_it_holds_is_told_by_tier(kept: Kept) -> None:
    keep(kept, POLLS[:62])
    found = kept.history.contents()
    rows = {tier.tier: tier.rows for tier in found.tiers}
    assert (rows[READINGS], rows[MINUTES], rows[QUARTER_HOURS]) == (62, 10, 0)
    assert (found.groups, found.nodes, found.sources) == (2, 0, ())
    assert found.file_bytes > sum(tier.row_bytes for tier in found.tiers) > 0


@pytest.mark.parametrize("polls", [1, 2, 3])
def test_a_poll_stores_one_bin_at_most_and_what_waits_is_read_from_finer_tiers(kept: Kept, polls: int) -> None:
    """The poll that begins the 21st minute closes a bin of each tier."""
    closing = 126
    keep(kept, POLLS[: closing + polls])
    rows = {tier.tier: tier.rows for tier in kept.history.contents().tiers}
    assert (rows[MINUTES], rows[FIVE_MINUTES], rows[QUARTER_HOURS]) == (20 + (polls > 1), 3 + (polls > 2), 0)
    for wanted in (MINUTES, FIVE_MINUTES, QUARTER_HOURS):
        assert sum(entry.count for entry in finest_of(kept, "a", wanted)) == closing + polls
    assert max(entry.high for entry in finest_of(kept, "a", QUARTER_HOURS)) == round(max(CPUS[: closing + polls]), 4)


def test_who_closed_it_may_go_on(kept: Kept) -> None:
    with closing(kept.writer()) as keeping:
        for entry in POLLS[:70]:
            keeping.add(entry)
            if entry is POLLS[33]:
                keeping.close()
    assert len(finest_of(kept, "a", READINGS)) == 70
    assert len(bins_of(kept, MINUTES)) == 11
