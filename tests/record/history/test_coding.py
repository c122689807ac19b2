"""Coding: every number comes back, an unknown stays one, and a damaged row is told from a whole one."""

from __future__ import annotations

from array import array

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nodescaler_tui.record.history.coding import (
    GROUPS_A_BLOCK,
    UNITS,
    UNKNOWN,
    BinColumns,
    DamagedRowError,
    Row,
    encode_bins,
    encode_readings,
    from_units,
    to_units,
)
from nodescaler_tui.record.history.figures import Figure

NOTHING = [UNKNOWN] * GROUPS_A_BLOCK


def numbers(raw: bytes) -> list[int]:
    """Any 32-bit numbers, with some unknown among them."""
    return [UNKNOWN if number % 7 == 0 else number >> (number % 5 * 6) for number in array("I", raw)]


COLUMN = st.one_of(st.just(NOTHING), st.binary(min_size=4 * GROUPS_A_BLOCK, max_size=4 * GROUPS_A_BLOCK).map(numbers))
COLUMNS = st.lists(COLUMN, min_size=len(Figure), max_size=len(Figure))


@settings(deadline=None)
@given(COLUMNS)
def test_every_reading_comes_back(columns: list[list[int]]) -> None:
    row = Row(encode_readings(columns))
    assert [list(column) for column in row.readings()] == columns
    for figure in (Figure.CPU, Figure.HANDLE_TIME_MS):
        for slot in (0, 17, GROUPS_A_BLOCK - 1):
            number = columns[figure][slot]
            assert row.reading(figure, slot) == (None if number == UNKNOWN else number)


@settings(deadline=None)
@given(st.tuples(*[st.binary(min_size=4 * GROUPS_A_BLOCK, max_size=4 * GROUPS_A_BLOCK)] * 4))
def test_every_bin_comes_back(drawn: tuple[bytes, bytes, bytes, bytes]) -> None:
    parts = [[number >> 4 for number in array("I", raw)] for raw in drawn]
    ordered = [(*sorted(ends), count % 900) for *ends, count in zip(*parts, strict=True)]
    low, mean, high, count = (list(column) for column in zip(*ordered, strict=True))
    columns: list[BinColumns | None] = [None for _ in Figure]
    columns[Figure.MEMORY] = (low, mean, high, count)
    row = Row(encode_bins(columns))
    for slot, entry in enumerate(ordered):
        assert row.bin(Figure.MEMORY, slot) == (entry if entry[3] else None)
        assert row.bin(Figure.CPU, slot) is None
    assert row.bins()[Figure.MEMORY] == (low, mean, high, count)


@settings(deadline=None)
@given(COLUMNS, st.data())
def test_a_row_in_which_one_bit_was_turned_is_refused(columns: list[list[int]], data: st.DataObject) -> None:
    row = bytearray(encode_readings(columns))
    lengths_end = 4 + 2 * len(Figure)
    position = data.draw(st.sampled_from([*range(4), *range(lengths_end, len(row))]))
    row[position] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(DamagedRowError):
        Row(bytes(row))


@settings(deadline=None)
@given(st.sampled_from(Figure), st.lists(st.one_of(st.none(), st.floats(0, 400_000)), min_size=1))
def test_a_value_is_kept_to_half_its_unit(figure: Figure, values: list[float | None]) -> None:
    for value, number in zip(values, to_units(figure, values), strict=True):
        if value is None or number == UNKNOWN:
            assert value is None or value * UNITS[figure] >= UNKNOWN - 2
        else:
            assert abs(from_units(figure, number) - value) <= 0.5 / UNITS[figure] + 1e-9


@pytest.mark.parametrize("impossible", [-0.1, float("nan"), float("inf"), 1e300])
def test_what_cannot_be_is_unknown_and_never_zero(impossible: float) -> None:
    assert list(to_units(Figure.CPU, [impossible, 0.0])) == [UNKNOWN, 0]
