"""Inked text: the one way in which words get a colour, so that no raw string reaches a widget as markup."""

from __future__ import annotations

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
