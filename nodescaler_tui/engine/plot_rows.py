"""Plot rows: what plotext drew as rows of inked characters, with limits, scale and time axis around it. Pure.

A cell has four dots from top to bottom. A limit is drawn on the very dots that a curve of its value would take, so
that a curve just below its limit is seen to be below it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from nodescaler_tui.engine.fan import Fan
from nodescaler_tui.engine.time_words import TimeWord
from nodescaler_tui.views import Ink, PlotMark, PlotRun

LEFT: Final = 5
"""Columns that the scale takes: four for a number, one for the axis."""

COLOUR_OF_INK: Final = {Ink.WORST: 5, Ink.MEAN: 2, Ink.EXPECTED: 6, Ink.DOUBTED: 7, Ink.SIMILAR: 8}
_INK_OF_COLOUR: Final = {str(colour): ink for ink, colour in COLOUR_OF_INK.items()}
_ESCAPE: Final = re.compile(r"\x1b\[(?:0|38;5;(\d+))m")
_DOTS: Final = 4
_SHADE: Final = "░"
_EDGE: Final = "┊"
_LINE_AT_DOT: Final = {Ink.CRITICAL: "⣀⠤⠒⠉", Ink.WARNING: "⡀⠄⠂⠁"}


@dataclass(frozen=True, slots=True)
class _Glyph:
    character: str
    ink: Ink


Rows = list[list[_Glyph]]


def rows_of(text: str) -> Rows:
    """Split what was drawn at its colour changes."""
    return [_glyphs(line) for line in text.rstrip("\n").split("\n")]


def _glyphs(line: str) -> list[_Glyph]:
    glyphs: list[_Glyph] = []
    position, ink = 0, Ink.AXIS
    for escape in (*_ESCAPE.finditer(line), None):
        drawn = line[position : escape.start() if escape else len(line)]
        glyphs += [_Glyph(character, Ink.BLANK if character == " " else ink) for character in drawn]
        if escape is not None:
            position = escape.end()
            ink = _INK_OF_COLOUR.get(escape.group(1) or "", Ink.AXIS)
    return glyphs


def limited(rows: Rows, limits: Mapping[Ink, float | None], top: float) -> Rows:
    """Draw each limit with its word where no curve is in the way."""
    for ink, value in limits.items():
        if value is not None:
            row, dot = _place(value, top, len(rows))
            line = _Glyph(_LINE_AT_DOT[ink][dot], ink)
            rows[row] = [line if glyph.ink is Ink.BLANK else glyph for glyph in rows[row]]
            _write(rows[row], f"{ink.value} ", ink)
    return rows


def _place(value: float, top: float, height: int) -> tuple[int, int]:
    """The row that holds a value, and the dot in it, counted from below, as plotext places them."""
    dots = int(min(max(value / top, 0.0), 1.0) * (_DOTS * height - 1) + 0.5)
    return height - 1 - dots // _DOTS, dots % _DOTS


def _write(row: list[_Glyph], word: str, ink: Ink) -> None:
    """At the first place where the limit's own line is free; where there is none, its value on the scale must do."""
    free = [glyph.ink is ink for glyph in row]
    starts = (start for start in range(len(row) - len(word) + 1) if all(free[start : start + len(word)]))
    start = next(starts, None)
    if start is not None:
        row[start : start + len(word)] = [_Glyph(character, ink) for character in word]


def shaded(rows: Rows, fan: Fan, top: float) -> Rows:
    """Shade the cells of the band that nothing else is drawn in, and mark the edge between what was and what may be."""
    columns = [
        (column, lowest, highest)
        for column, (lowest, highest) in enumerate(zip(fan.lowest, fan.highest, strict=True))
        if lowest is not None and highest is not None
    ]
    for column, lowest, highest in columns:
        highest_row, lowest_row = _place(highest, top, len(rows))[0], _place(lowest, top, len(rows))[0]
        for row in rows[highest_row : lowest_row + 1]:
            if row[column].ink is Ink.BLANK:
                row[column] = _Glyph(_SHADE, Ink.BAND)
    edge = columns[0][0] - 1 if columns else -1
    for row in rows if edge >= 0 else ():
        if row[edge].ink is Ink.BLANK:
            row[edge] = _Glyph(_EDGE, Ink.NOW)
    return rows


def scaled(rows: Rows, ticks: Sequence[float], top: float) -> Rows:
    """Put the scale before the rows; of two numbers for one row the first stands."""
    names: dict[int, str] = {}
    for tick in ticks:
        names.setdefault(_place(tick, top, len(rows))[0], f"{tick:>{LEFT - 1}.3g}┤")
    blank = f"{'':{LEFT - 1}}│"
    return [
        [*(_Glyph(character, Ink.AXIS) for character in names.get(index, blank)), *row]
        for index, row in enumerate(rows)
    ]


def time_axis(width: int, words: Sequence[TimeWord], marks: Sequence[PlotMark]) -> list[_Glyph]:
    """The bottom line: marks, and words at their share of the width where they touch neither a mark nor each other."""
    taken = {LEFT + mark.column for mark in marks}
    line = list(f"{'':{LEFT - 1}}└{'─' * width}")
    for word in words:
        placed = ((min(LEFT + int(word.share * width), LEFT + width - len(each)), each) for each in word.variants)
        fitting = ((at, each) for at, each in placed if at >= LEFT and taken.isdisjoint(range(at, at + len(each))))
        at, written = next(fitting, (LEFT, ""))
        line[at : at + len(written)] = written
        taken.update(range(at - 1, at + len(written) + 1) if written else ())
    axis = [_Glyph(character, Ink.AXIS) for character in line]
    for mark in marks:
        axis[LEFT + mark.column] = _Glyph(mark.symbol, Ink.MARK)
    return axis


def finished(rows: Rows) -> tuple[tuple[PlotRun, ...], ...]:
    """The rows as runs of one ink each."""
    return tuple(_runs(row) for row in rows)


def _runs(row: list[_Glyph]) -> tuple[PlotRun, ...]:
    return tuple(
        PlotRun("".join(glyph.character for glyph in glyphs), ink)
        for ink, glyphs in groupby(row, key=lambda glyph: glyph.ink)
    )
