"""Plot rows: what plotext drew as rows of inked characters, with the words of the limits and the marks put in. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from nodescaler_tui.views import Ink, PlotMark, PlotRun

LEFT: Final = 5
"""Columns that the scale takes: four for a number, one for the axis."""

COLOUR_OF_INK: Final = {Ink.CRITICAL: 1, Ink.WARNING: 3, Ink.WORST: 5, Ink.MEAN: 2}
_INK_OF_COLOUR: Final = {str(colour): ink for ink, colour in COLOUR_OF_INK.items()}
_ESCAPE: Final = re.compile(r"\x1b\[(?:0|38;5;(\d+))m")
_FREE: Final = frozenset("-· ")


@dataclass(frozen=True, slots=True)
class _Glyph:
    character: str
    ink: Ink


Rows = list[list[_Glyph]]


def rows_of(text: str) -> Rows:
    """Split what was drawn at its colour changes; what has no colour is axis or blank."""
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


def labelled(rows: Rows, limits: Mapping[str, float | None]) -> Rows:
    """Write each limit's word on its line, where no curve is in the way; its value stands beside the axis."""
    for word, value in limits.items():
        if value is None:
            continue
        tick = f"{value:>4.3g}┤"
        row = next((row for row in rows if "".join(glyph.character for glyph in row).startswith(tick)), None)
        if row is not None:
            _write(row, f"{word} ", Ink(word))
    return rows


def _write(row: list[_Glyph], word: str, ink: Ink) -> None:
    free = [glyph.character in _FREE for glyph in row]
    starts = (start for start in range(LEFT, len(row) - len(word) + 1) if all(free[start : start + len(word)]))
    start = next(starts, LEFT)
    row[start : start + len(word)] = [_Glyph(character, ink) for character in word][: len(row) - start]


def marked(rows: Rows, marks: Sequence[PlotMark]) -> tuple[tuple[PlotRun, ...], ...]:
    """The finished rows, with a mark on the time axis for everything that was done."""
    axis = next((row for row in rows if any(glyph.character == "└" for glyph in row)), None)
    for mark in marks:
        if axis is not None and LEFT + mark.column < len(axis):
            axis[LEFT + mark.column] = _Glyph(mark.symbol, Ink.MARK)
    return tuple(_runs(row) for row in rows)


def _runs(row: list[_Glyph]) -> tuple[PlotRun, ...]:
    return tuple(
        PlotRun("".join(glyph.character for glyph in glyphs), ink)
        for ink, glyphs in groupby(row, key=lambda glyph: glyph.ink)
    )
