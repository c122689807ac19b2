"""Text that is safe to put on a terminal: the one type in which outside text reaches a screen.

Node names, queue names, error bodies and webhook answers come from outside. They may carry escape sequences,
bidirectional overrides or a megabyte of noise. `display_text` replaces what a terminal would obey and caps the length;
identity and audit keep the raw value.
"""

from __future__ import annotations

import unicodedata
from typing import Final, NewType

DisplayText = NewType("DisplayText", str)

REPLACEMENT: Final = "\N{REPLACEMENT CHARACTER}"
DEFAULT_LIMIT: Final = 256
MOST_COMBINING_MARKS: Final = 4
EMPTY: Final = DisplayText("")


def display_text(raw: str, limit: int = DEFAULT_LIMIT) -> DisplayText:
    """Make outside text harmless: one line, at most `limit` characters, printable characters only.

    Control, format (bidirectional and zero-width) and unassigned characters become U+FFFD, line breaks and tabs a
    space, and a base character keeps at most four combining marks. A cut is marked with an ellipsis.
    """
    text = raw[: limit * 2]
    if not (text.isascii() and text.isprintable()):
        text = _without_mark_towers("".join(map(_printable, unicodedata.normalize("NFC", text))))
    cut = len(text) > limit or len(raw) > limit * 2
    return DisplayText(text[: limit - 1] + "…" if cut else text)


def _printable(character: str) -> str:
    if character in "\t\n\r\N{NEXT LINE}\N{LINE SEPARATOR}\N{PARAGRAPH SEPARATOR}":
        return " "
    return character if character.isprintable() else REPLACEMENT


def _without_mark_towers(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for character in text:
        marks = marks + 1 if unicodedata.combining(character) else 0
        if marks <= MOST_COMBINING_MARKS:
            kept.append(character)
    return "".join(kept)
