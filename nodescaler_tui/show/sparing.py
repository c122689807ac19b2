"""Sparing output: compose and write what changed, and not everything that lies between two changes.

Textual 8 composes the one rectangle around all that is dirty, and writes each touched line from the left edge of its
widget. A digit at the top and one at the bottom then cost a whole screen of work, and over a slow ssh link most of all
bytes. This reaches into Textual's compositor, which has no public seam for it; Textual's version is bounded for that
reason, and `tests/show/test_sparing.py` holds both outputs against each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from rich.console import Console, ConsoleOptions, RenderResult
from rich.control import Control
from textual._compositor import ChopsUpdate, Compositor, CompositorUpdate
from textual.geometry import Region

WORTH_JOINING_CELLS: Final = 240
"""So many cells may be composed for nothing before two rectangles are cheaper than one."""


@dataclass(slots=True)
class _Cluster:
    around: Region
    cells: int
    regions: list[Region]

    def takes(self, region: Region) -> bool:
        """Whether composing this one together with the others wastes little."""
        return self.around.union(region).area - self.cells - region.area <= WORTH_JOINING_CELLS

    def add(self, region: Region) -> None:
        """Take it in."""
        self.around = self.around.union(region)
        self.cells += region.area
        self.regions.append(region)


def clusters(regions: Iterable[Region]) -> list[list[Region]]:
    """Regions that are near each other together."""
    found: list[_Cluster] = []
    for region in sorted(regions, key=lambda region: (region.y, region.x)):
        cluster = next((each for each in found if each.takes(region)), None)
        if cluster is None:
            found.append(_Cluster(region, region.area, [region]))
        else:
            cluster.add(region)
    return [cluster.regions for cluster in found]


class SparingUpdate(CompositorUpdate):
    """The spans that changed, each cropped on both sides."""

    def __init__(self, parts: list[ChopsUpdate]) -> None:
        self.parts = parts

    def render_segments(self, console: Console) -> str:
        """The update as bytes for the terminal."""
        return "".join(_written(part, console) for part in self.parts)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for part in self.parts:
            yield from part.__rich_console__(console, options)


def _written(part: ChopsUpdate, console: Console) -> str:
    sequences: list[str] = []
    for y, first, last in part.spans:
        for end, (begin, strip) in zip(part.chop_ends[y], part.chops[y].items(), strict=False):
            left, right = max(begin, first), min(end, last)
            if strip is not None and left < right:
                cropped = strip.crop(left - begin, right - begin).simplify()
                sequences += [Control.move_to(left, y).segment.text, cropped.render(console)]
    return "".join(sequences)


class SparingCompositor(Compositor):
    """Textual's compositor, with partial updates of several small rectangles."""

    def render_partial_update(self) -> SparingUpdate | None:  # type: ignore[override]  # any update will do for the app
        """What changed since the last time, or None."""
        dirty = [each for region in self._dirty_regions if (each := region.intersection(self.size.region))]
        parts = []
        for regions in clusters(dirty):
            self._dirty_regions = set(regions)
            part = super().render_partial_update()
            if part is not None:
                parts.append(part)
        self._dirty_regions = set()
        return SparingUpdate(parts) if parts else None
