"""The last door against hostile text: whatever reaches a line of the screen, no control character leaves it."""

from __future__ import annotations

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from nodescaler_tui.display_text import REPLACEMENT


class ControlGuard(LineFilter):
    """Replaces every character that a terminal would obey and not print."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:  # noqa: ARG002 - Textual's own
        """The same segments, harmless."""
        return [
            segment if segment.control or segment.text.isprintable() else _harmless(segment) for segment in segments
        ]


def _harmless(segment: Segment) -> Segment:
    text = "".join(character if character.isprintable() else REPLACEMENT for character in segment.text)
    return Segment(text, segment.style, segment.control)
