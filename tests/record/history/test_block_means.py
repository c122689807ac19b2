"""Block means: what one reading of a row says of all its groups is what reading each group says of it."""

from __future__ import annotations

import math

import pytest

from nodescaler_tui.record.history.block_means import BLOCK_OF, BlockMeans, block_means, group_means
from nodescaler_tui.record.history.figures import Figure, GroupFigures, Poll
from nodescaler_tui.record.history.tiers import FIVE_MINUTES, Retention
from tests.record.history.kept import Kept, keep
from tests.record.history.measured import NOON_S, figures

GROUPS = BLOCK_OF + 3
FIGURES = (Figure.CPU, Figure.NODES)
HOURS = 6


def cpu(number: int, step: int) -> float | None:
    return None if (number + step) % 11 == 0 else round(0.1 + 0.8 * ((number * 7 + step) % 89) / 89, 4)


@pytest.fixture(scope="module")
def stored(kept_for_all: Kept) -> Kept:
    """A poll a minute for six hours, of which a file keeps the oldest as bins only."""
    keep(
        kept_for_all,
        (
            Poll(
                NOON_S - 60 * (HOURS * 60 - step),
                tuple(
                    GroupFigures(f"g{number}", f"media-{number}", figures(cpu=cpu(number, step), nodes=4))
                    for number in range(GROUPS)
                ),
            )
            for step in range(HOURS * 60)
        ),
        Retention(readings_s=3600.0),
    )
    return kept_for_all


def test_every_group_of_a_block_reads_as_it_does_by_itself(stored: Kept) -> None:
    with stored.history.reading() as reader:
        for block in (0, 1):
            together = list(block_means(reader, block, FIGURES, 0.0, NOON_S))
            for number in (block * BLOCK_OF, block * BLOCK_OF + 2):
                alone = list(group_means(reader, f"g{number}", FIGURES, 0.0, NOON_S))
                assert known(together, number % BLOCK_OF) == known(alone, 0)


def known(means: list[BlockMeans], member: int) -> dict[tuple[float, float], float]:
    return {
        (entry.at_s, entry.bin_s): entry.columns[0][member]
        for entry in means
        if not math.isnan(entry.columns[0][member])
    }


def test_what_is_rolled_up_comes_in_five_minutes(stored: Kept) -> None:
    with stored.history.reading() as reader:
        widths = [entry.bin_s for entry in block_means(reader, 0, FIGURES, 0.0, NOON_S)]
    assert widths.count(float(FIVE_MINUTES.bin_s)) >= HOURS * 12 - 2


def test_a_member_that_no_group_is_has_no_value(stored: Kept) -> None:
    with stored.history.reading() as reader:
        for entry in block_means(reader, 1, FIGURES, 0.0, NOON_S):
            assert math.isnan(entry.columns[0][BLOCK_OF - 1])


def test_of_a_group_that_is_not_known_there_is_nothing(stored: Kept) -> None:
    with stored.history.reading() as reader:
        assert list(group_means(reader, "nobody", FIGURES, 0.0, NOON_S)) == []
        assert reader.imported_groups() == frozenset()
