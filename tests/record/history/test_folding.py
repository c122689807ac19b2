"""Folding: lowest ≤ mean ≤ highest, counts add up, no peak is lost, and a gap stays a gap, at every resolution."""

from __future__ import annotations

from collections import defaultdict
from itertools import accumulate

from hypothesis import given, settings
from hypothesis import strategies as st

from nodescaler_tui.record.history.coding import GROUPS_A_BLOCK, UNKNOWN, BinColumns
from nodescaler_tui.record.history.figures import Figure
from nodescaler_tui.record.history.folding import BlockBin, RollUp
from nodescaler_tui.record.history.tiers import ROLLED, Tier

NUMBER = st.one_of(st.just(UNKNOWN), st.integers(0, 10_000))
POLLS = st.lists(st.tuples(st.sampled_from([1.0, 10.0, 10.0, 10.0, 61.0, 400.0, 2000.0]), NUMBER, NUMBER), min_size=1)
Bins = dict[tuple[Tier, int, int], tuple[int, int, int, int]]


def columns(first: int, second: int) -> list[list[int]]:
    """A block in which two groups have a CPU."""
    nothing = [UNKNOWN] * GROUPS_A_BLOCK
    return [[first, second, *nothing[2:]] if figure is Figure.CPU else nothing for figure in Figure]


def timed(polls: list[tuple[float, int, int]]) -> list[tuple[float, tuple[int, int]]]:
    times = accumulate((step for step, _, _ in polls), initial=1_000_000.0)
    return [(at_s, (first, second)) for at_s, (_, first, second) in zip(times, polls, strict=False)]


def rolled(polls: list[tuple[float, tuple[int, int]]]) -> Bins:
    """Every bin of both groups once it is closed; a bin that was closed twice is joined, as the writer does."""
    roll_up, closed = RollUp(), []
    for seq, (at_s, values) in enumerate(polls, 1):
        closed += roll_up.add(seq, at_s, {0: columns(*values)})
    far = max(at_s for at_s, _ in polls) + 10_000
    for step in range(3):
        closed += roll_up.add(len(polls) + 1 + step, far + step * 10_000, {0: columns(UNKNOWN, UNKNOWN)})
    joined: dict[tuple[Tier, int], BlockBin] = {}
    for held in closed:
        for block in held.blocks.values():
            joined.setdefault((held.tier, held.index), BlockBin()).merge(block)
    found: Bins = {}
    for (tier, index), block in joined.items():
        cpu = block.columns()[Figure.CPU]
        for group in (0, 1):
            if cpu is not None and cpu[3][group]:
                found[tier, index, group] = of(cpu, group)
    return found


def of(bins: BinColumns, slot: int) -> tuple[int, int, int, int]:
    low, mean, high, count = bins
    return low[slot], mean[slot], high[slot], count[slot]


def expected(polls: list[tuple[float, tuple[int, int]]]) -> dict[tuple[Tier, int, int], list[int]]:
    found: dict[tuple[Tier, int, int], list[int]] = defaultdict(list)
    for at_s, values in polls:
        for group, value in enumerate(values):
            if value != UNKNOWN:
                for tier in ROLLED:
                    found[tier, int(at_s // tier.bin_s), group].append(value)
    return found


@settings(deadline=None)
@given(POLLS)
def test_a_bin_holds_just_what_was_measured_in_it_and_a_gap_is_no_bin(polls: list[tuple[float, int, int]]) -> None:
    wanted, bins = expected(timed(polls)), rolled(timed(polls))
    assert bins.keys() == wanted.keys()
    for key, (low, mean, high, count) in bins.items():
        values = wanted[key]
        assert (low, high, count) == (min(values), max(values), len(values))
        assert low <= mean <= high
        assert abs(mean - sum(values) / len(values)) <= 0.5


@settings(deadline=None)
@given(POLLS)
def test_counts_add_up_and_no_peak_is_lost_at_any_resolution(polls: list[tuple[float, int, int]]) -> None:
    bins = rolled(timed(polls))
    for group in (0, 1):
        values = [value[group] for _, value in timed(polls) if value[group] != UNKNOWN]
        for tier in ROLLED:
            held = [entry for (its, _, who), entry in bins.items() if (its, who) == (tier, group)]
            assert sum(count for *_, count in held) == len(values)
            assert max((high for _, _, high, _ in held), default=None) == max(values, default=None)
            assert min((low for low, *_ in held), default=None) == min(values, default=None)


@settings(deadline=None)
@given(POLLS, st.integers(0, 50), st.floats(0, 5000))
def test_a_clock_that_jumps_back_neither_loses_nor_doubles_anything(
    polls: list[tuple[float, int, int]], jumps_at: int, back_s: float
) -> None:
    told = [
        (at_s - (back_s if number >= jumps_at else 0), values) for number, (at_s, values) in enumerate(timed(polls))
    ]
    wanted, bins = expected(told), rolled(told)
    assert {key: (min(values), max(values), len(values)) for key, values in wanted.items()} == {
        key: (low, high, count) for key, (low, _, high, count) in bins.items()
    }
