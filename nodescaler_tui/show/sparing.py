"""Sparing output: draw and write what changed, and not everything that lies between two changes.

Textual 8 composes the one rectangle around all that is dirty, asks every widget in it for all of its lines, and writes
each touched line from the left edge of its widget. A digit at the top and one at the bottom then cost a whole screen
of work, and over a slow ssh link most of all bytes. Here each dirty region is asked of the widget that is seen there.
This reaches into Textual's compositor, which has no public seam for it; Textual's version is bounded for that reason,
and `tests/show/test_sparing.py` holds both outputs against each other.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.control import Control
from textual._compositor import Compositor, CompositorUpdate
from textual.geometry import Region
from textual.strip import Strip


def apart(regions: Iterable[Region]) -> list[Region]:
    """Without those that lie within another, so that nothing is written twice; the largest first."""
    found: list[Region] = []
    for region in sorted(set(regions), key=lambda region: (-region.area, region.y, region.x)):
        if not any(other.contains_region(region) for other in found):
            found.append(region)
    return found


def around(region: Region, hole: Region) -> list[Region]:
    """What is left of a region around a hole in it: above, left, right and below."""
    pieces = (
        Region.from_corners(region.x, region.y, region.right, hole.y),
        Region.from_corners(region.x, hole.y, hole.x, hole.bottom),
        Region.from_corners(hole.right, hole.y, region.right, hole.bottom),
        Region.from_corners(region.x, hole.bottom, region.right, region.bottom),
    )
    return [piece for piece in pieces if piece]


@dataclass(frozen=True, slots=True)
class Patch:
    """A region in which one widget is seen, as that widget draws it."""

    region: Region
    strips: list[Strip]


class SparingUpdate(CompositorUpdate):
    """Every patch of the screen that changed."""

    def __init__(self, patches: list[Patch]) -> None:
        self.patches = patches

    def _placed(self) -> Iterator[tuple[Control, Strip]]:
        for patch in self.patches:
            for y, strip in zip(patch.region.line_range, patch.strips, strict=True):
                yield Control.move_to(patch.region.x, y), strip.simplify()

    def render_segments(self, console: Console) -> str:
        """The update as bytes for the terminal."""
        return "".join(f"{control.segment.text}{strip.render(console)}" for control, strip in self._placed())

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for control, strip in self._placed():
            yield control
            yield from strip


class SparingCompositor(Compositor):
    """Textual's compositor, with partial updates that ask only the widgets which are really seen there."""

    def render_partial_update(self) -> SparingUpdate | None:  # type: ignore[override]  # any update will do for the app
        """What changed since the last time, or None."""
        dirty = [each for region in self._dirty_regions if (each := region.intersection(self.size.region))]
        self._dirty_regions = set()
        patches = [patch for region in apart(dirty) for patch in self._seen_in(region)]
        return SparingUpdate(patches) if patches else None

    def _seen_in(self, region: Region) -> Iterator[Patch]:
        """What the foremost widget draws where it is seen, and what others do in the rest of the region."""
        for widget, (area, clip) in self.visible_widgets.items():
            seen = area.intersection(clip).intersection(region)
            if seen:
                yield Patch(seen, widget.render_lines(seen.translate((-area.x, -area.y))))
                for rest in around(region, seen):
                    yield from self._seen_in(rest)
                return
