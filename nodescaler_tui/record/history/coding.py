"""Coding: many numbers in few bytes. Pure.

The groups are kept in blocks of 64. What a block holds for one moment is one row: for each figure a segment with a
number for every group, as 32-bit integers in the figure's unit, their bytes sorted by weight and deflated. So one curve
of one group is read by inflating a few hundred bytes a row. A row that was damaged is told by its checksum.
"""

from __future__ import annotations

import struct
import zlib
from array import array
from collections.abc import Sequence
from typing import Final

from nodescaler_tui.record.history.figures import Figure

GROUPS_A_BLOCK: Final = 64
UNKNOWN: Final = 0xFFFF_FFFF
UNITS: Final[tuple[int, ...]] = (10_000, 10_000, 10_000, 10_000, 10, 100, 10, 10, 10, 10_000, 1)
"""How many parts of one are told apart, by figure: a utilization to a hundredth of a percentage point."""

_WINDOW: Final = -11
_MEMORY: Final = 4
"""A segment is at most 1 KiB; the usual window would cost more to set up than the deflating itself."""

_HEADER: Final = struct.Struct(f"<I{len(Figure)}H")

Column = Sequence[int]
"""Whole numbers in a figure's unit, one for each group of a block, UNKNOWN where there is none."""

NOTHING: Final[Column] = (UNKNOWN,) * GROUPS_A_BLOCK
"""The column of a figure that no group of a block has; most blocks have several, so it is told by being this one."""

BinColumns = tuple[Column, Column, Column, Column]
"""Lowest, mean, highest and how many readings, each for every group of a block; unknown where the last is zero."""


class DamagedRowError(ValueError):
    """A row of the history that does not hold what was written into it."""


def to_units(figure: int, values: Sequence[float | None]) -> Column:
    """Values in their figure's unit; UNKNOWN for one that is not known or cannot be."""
    if values.count(None) == GROUPS_A_BLOCK == len(values):
        return NOTHING
    unit, most = UNITS[figure], (UNKNOWN - 1) / UNITS[figure]
    return [int(value * unit + 0.5) if value is not None and 0 <= value < most else UNKNOWN for value in values]


def from_units(figure: int, number: int) -> float:
    """The value that a known number stands for."""
    return number / UNITS[figure]


def encode_readings(columns: Sequence[Column]) -> bytes:
    """A row of one poll: a column for each figure. A figure that no group has takes no room."""
    return _packed([() if column is NOTHING else (column,) for column in columns])


def encode_bins(columns: Sequence[BinColumns | None]) -> bytes:
    """A row of one bin: the columns of each figure, None for one that no group has."""
    return _packed([() if bins is None else _differences(bins) for bins in columns])


def _differences(bins: BinColumns) -> tuple[Column, ...]:
    """Mean and highest as distances from the one below: small numbers need few bytes."""
    low, mean, high, count = bins
    above_low = [one - other for one, other in zip(mean, low, strict=True)]
    above_mean = [one - other for one, other in zip(high, mean, strict=True)]
    return low, above_low, above_mean, count


def _packed(figures: Sequence[tuple[Column, ...]]) -> bytes:
    segments = [_deflated(parts) if parts else b"" for parts in figures]
    body = b"".join(segments)
    return _HEADER.pack(zlib.crc32(body), *map(len, segments)) + body


def _deflated(parts: tuple[Column, ...]) -> bytes:
    numbers = array("I")
    for part in parts:
        numbers.extend(part)
    raw = numbers.tobytes()
    planes = raw[0::4] + raw[1::4] + raw[2::4] + raw[3::4]
    deflate = zlib.compressobj(1, zlib.DEFLATED, _WINDOW, _MEMORY)
    return deflate.compress(planes) + deflate.flush()


class Row:
    """One row as it lies in the file. Raises DamagedRowError when it is not what was written."""

    def __init__(self, data: bytes) -> None:
        if len(data) < _HEADER.size:
            raise DamagedRowError
        self._data = data
        checksum, *self._lengths = _HEADER.unpack_from(data)
        if zlib.crc32(memoryview(data)[_HEADER.size :]) != checksum:
            raise DamagedRowError

    def _planes(self, figure: int) -> bytes | None:
        length = self._lengths[figure]
        if not length:
            return None
        start = _HEADER.size + sum(self._lengths[:figure])
        return zlib.decompress(self._data[start : start + length], _WINDOW, 4 * 4 * GROUPS_A_BLOCK)

    def reading(self, figure: int, slot: int) -> int | None:
        """The number of one group, None when it was not known."""
        planes = self._planes(figure)
        number = UNKNOWN if planes is None else _number(planes, slot)
        return None if number == UNKNOWN else number

    def bin(self, figure: int, slot: int) -> tuple[int, int, int, int] | None:
        """Lowest, mean, highest and count of one group, None when nothing was known."""
        planes = self._planes(figure)
        if planes is None:
            return None
        low, above_low, above_mean, count = (_number(planes, slot + part * GROUPS_A_BLOCK) for part in range(4))
        return (low, low + above_low, low + above_low + above_mean, count) if count else None

    def reading_column(self, figure: int) -> Column:
        """The numbers of all groups, UNKNOWN where one was not known."""
        planes = self._planes(figure)
        return NOTHING if planes is None else _numbers(planes)

    def mean_column(self, figure: int) -> Column:
        """The means of all groups, UNKNOWN where nothing was known."""
        planes = self._planes(figure)
        if planes is None:
            return NOTHING
        numbers = _numbers(planes)
        lows, above, counts = (numbers[part * GROUPS_A_BLOCK :][:GROUPS_A_BLOCK] for part in (0, 1, 3))
        return [low + more if count else UNKNOWN for low, more, count in zip(lows, above, counts, strict=True)]

    def readings(self) -> list[Column]:
        """Every figure of every group."""
        return [NOTHING if planes is None else _numbers(planes) for planes in map(self._planes, Figure)]

    def bins(self) -> list[BinColumns | None]:
        """Every figure of every group, None for a figure that no group has."""
        return [None if planes is None else _bins(_numbers(planes)) for planes in map(self._planes, Figure)]


def _number(planes: bytes, index: int) -> int:
    count = len(planes) // 4
    return (
        planes[index] | planes[count + index] << 8 | planes[2 * count + index] << 16 | planes[3 * count + index] << 24
    )


def _numbers(planes: bytes) -> list[int]:
    count = len(planes) // 4
    raw = bytearray(len(planes))
    for weight in range(4):
        raw[weight::4] = planes[weight * count : (weight + 1) * count]
    return array("I", bytes(raw)).tolist()


def _bins(numbers: list[int]) -> BinColumns:
    low, above_low, above_mean, count = (
        numbers[start : start + GROUPS_A_BLOCK] for start in range(0, 4 * GROUPS_A_BLOCK, GROUPS_A_BLOCK)
    )
    mean = [one + other for one, other in zip(low, above_low, strict=True)]
    return low, mean, [one + other for one, other in zip(mean, above_mean, strict=True)], count
