"""Inked text: the one way in which words get a colour, so that no raw string reaches a widget as markup."""

from __future__ import annotations

import textwrap
from typing import Final

from textual.content import Content

STYLES: Final = {
    "critical": "bold $ns-critical",
    "warning": "$ns-warning",
    "ok": "$ns-ok",
    "unknown": "$ns-unknown",
    "stale": "$ns-stale",
    "muted": "$ns-muted",
    "accent": "$accent",
    "bold": "bold",
    "": "",
}

Piece = tuple[str, str]


def line(*pieces: Piece) -> Content:
    """Pieces of (text, ink) in a row."""
    return Content.assemble(*((text, STYLES[ink]) for text, ink in pieces))


def lines(*rows: Content) -> Content:
    """Rows under each other."""
    return Content("\n").join(rows)


def hanging(head: Piece, text: str, style: str, width: int, most: int) -> list[Content]:
    """Words after a head, in at most so many rows: further ones begin under the first, and what is cut has a mark."""
    indent = len(head[0])
    rows = textwrap.wrap(text, max(width - indent, 1), max_lines=most, placeholder="…") or [""]
    heads = [head, *[(" " * indent, "")] * (most - 1)]
    return [line(each, (row, style)) for each, row in zip(heads, rows, strict=False)]
