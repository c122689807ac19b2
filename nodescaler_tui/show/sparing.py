"""Sparing output: of a line in which something changed, write what changed and not everything before it.

Textual 8 composes only what is dirty, yet writes each touched line from the left edge of its widget. Over a slow ssh
link that is most of all bytes. This reaches into Textual's compositor, which has no public seam for it; the version of
Textual is bounded for that reason, and `tests/show/test_sparing.py` holds both outputs against each other.
"""

from __future__ import annotations

from rich.console import Console
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor


class SparingUpdate(ChopsUpdate):
    """The spans that changed, each cropped on both sides."""

    def render_segments(self, console: Console) -> str:
        """The update as bytes for the terminal."""
        sequences: list[str] = []
        for y, first, last in self.spans:
            for end, (begin, strip) in zip(self.chop_ends[y], self.chops[y].items(), strict=False):
                left, right = max(begin, first), min(end, last)
                if strip is not None and left < right:
                    cropped = strip.crop(left - begin, right - begin).simplify()
                    sequences += [Control.move_to(left, y).segment.text, cropped.render(console)]
        return "".join(sequences)


class SparingCompositor(Compositor):
    """Textual's compositor, with partial updates that are cropped."""

    def render_partial_update(self) -> ChopsUpdate | None:
        """What changed since the last time, or None."""
        update = super().render_partial_update()
        return None if update is None else SparingUpdate(update.chops, update.spans, update.chop_ends)
