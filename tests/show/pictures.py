"""Pictures of screens as text: what stands where, and in which ink it is drawn in each look.

An ink is a letter that stands for the styles which a place has in all looks; the legend under the picture spells them
out. So one file shows a screen in every theme, and a change of one theme changes its legend and nothing else.
"""

from __future__ import annotations

import string
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from itertools import repeat
from typing import Any, Final

import pytest
from rich.segment import Segment
from rich.style import Style
from textual._context import visible_screen_stack
from textual.app import App
from textual.pilot import Pilot

THEMES: Final = ("dark", "light", "colour_blind")
LETTERS: Final = string.ascii_letters + string.digits + string.punctuation

Cells = tuple[tuple[tuple[str, str], ...], ...]


@dataclass(frozen=True, slots=True)
class Look:
    """One look of a screen: its name, and each cell's character and style."""

    name: str
    cells: Cells

    @property
    def text(self) -> str:
        """What stands on the screen."""
        return "".join("".join(character for character, _ in row).rstrip() + "\n" for row in self.cells)


async def settled(pilot: Pilot[str]) -> None:
    """Let everything that was asked for arrive and be painted."""
    for _ in range(4):
        await pilot.pause()


def look(app: App[Any], name: str) -> Look:
    """The screen as it is painted now."""
    visible_screen_stack.set(app._background_screens)
    strips = app.screen._compositor.render_strips()
    return Look(name, tuple(tuple(cell for segment in strip for cell in _cells(segment)) for strip in strips))


def _cells(segment: Segment) -> Iterable[tuple[str, str]]:
    return zip(segment.text, repeat(_words(segment.style)))


@cache
def _words(style: Style | None) -> str:
    if style is None:
        return "plain"
    parts = [name for name in ("bold", "dim", "italic", "underline", "reverse") if getattr(style, name)]
    parts += [_colour(style.color), "on", _colour(style.bgcolor)]
    return " ".join(parts)


def _colour(colour: object) -> str:
    return "default" if colour is None else str(getattr(colour, "name", colour))


def picture(looks: list[Look]) -> str:
    """The text of all looks, which is the same, then the inks and their legend."""
    first, *others = looks
    for other in others:
        assert other.text == first.text, f"{other.name} shows other words than {first.name}"
    inks: dict[tuple[str, ...], str] = {}
    rows = []
    for places in zip(*(each.cells for each in looks), strict=True):
        row = ""
        for cells in zip(*places, strict=True):
            styles = tuple(style for _, style in cells)
            row += inks.setdefault(styles, LETTERS[len(inks)])
        rows.append(row)
    legend = [
        f"{letter}  " + "  ".join(f"{each.name}: {style}" for each, style in zip(looks, styles, strict=True))
        for styles, letter in inks.items()
    ]
    return "\n".join([first.text, *_folded(rows), "", *legend, ""])


def _folded(rows: list[str]) -> Iterator[str]:
    """Rows as runs, so that a difference is short: `3a60b` is three of a and sixty of b."""
    for row in rows:
        runs, start = [], 0
        for index in range(1, len(row) + 1):
            if index == len(row) or row[index] != row[start]:
                runs.append(f"{index - start}{row[start]}")
                start = index
        yield " ".join(runs)


@contextmanager
def without_colour() -> Iterator[None]:
    """What the program sees when NO_COLOR is set."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NO_COLOR", "1")
        yield
