"""Text of which only what differs is painted again: most of a dashboard is the same from one second to the next.

Over ssh it is bytes that cost, so a digit that changes repaints a digit and not its line.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Self

from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Region, Size
from textual.widget import Widget

NEAR = 8


class SteadyText(Widget):
    """Shows one piece of content, without asking for a new layout when it changes."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._content = Content("")

    def put(self, content: Content) -> None:
        """Show this from now on."""
        if same(content, self._content):
            return
        before, self._content = self._content, content
        regions = changed_regions(before, content, self.size)
        if regions is None:
            self.refresh()
        else:
            self.refresh(*regions)

    def render(self) -> Content:
        """What is shown."""
        return self._content


class Frame(Vertical):
    """A box with titles in its border. When one changes, only the border that it stands in is painted anew."""

    _border_alone: Region | None = None

    def title_above(self, title: Content) -> None:
        """Write what stands in the upper border."""
        if self.border_title != title.markup:
            with self._painting(0):
                self.border_title = title

    def title_below(self, words: Content) -> None:
        """Write what stands in the lower border."""
        if (self.border_subtitle or "") != words.markup:
            with self._painting(self.outer_size.height - 1):
                self.border_subtitle = words

    @contextmanager
    def _painting(self, row: int) -> Iterator[None]:
        """Meanwhile ask for this row of the box alone, counted from its upper border."""
        offset = self.content_offset
        self._border_alone = Region(-offset.x, row - offset.y, self.outer_size.width, 1)
        try:
            yield
        finally:
            self._border_alone = None

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Textual's own way to set a title asks for everything that is in the box."""
        asked = regions if self._border_alone is None else (self._border_alone,)
        return super().refresh(*asked, repaint=repaint, layout=layout, recompose=recompose)


def entitle(widget: Widget, title: Content) -> None:
    """Write a widget's border title, when it differs."""
    if widget.border_title != title.markup:
        widget.border_title = title


def entitle_below(widget: Widget, words: Content) -> None:
    """Write what stands in a widget's lower border, when it differs."""
    if (widget.border_subtitle or "") != words.markup:
        widget.border_subtitle = words


def same(one: Content, other: Content) -> bool:
    """Whether two contents look alike: the same characters in the same inks."""
    return one.plain == other.plain and one.spans == other.spans


def changed_regions(before: Content, after: Content, size: Size) -> list[Region] | None:
    """Where two contents differ when painted into this size; None when everything may have moved.

    A widget of one line is cut where it ends; in a higher one a line that is too long would be wrapped.
    """
    old, new = before.split("\n", allow_blank=True), after.split("\n", allow_blank=True)
    wraps = size.height > 1 and any(line.cell_length > size.width for line in (*old, *new))
    if len(old) != len(new) or wraps:
        return None
    return [
        region
        for y, (earlier, later) in enumerate(zip(old, new, strict=True))
        if not same(earlier, later)
        for region in _differences(earlier, later, y, size.width)
    ]


def _differences(before: Content, after: Content, y: int, width: int) -> list[Region]:
    """The stretches of a line that differ. Two that are near each other are one: moving the cursor costs bytes too."""
    if before.cell_length != len(before.plain) or after.cell_length != len(after.plain):
        return [Region(0, y, width, 1)]
    old, new = (_cut(_inked(line), width) for line in (before, after))
    stretches: list[tuple[int, int]] = []
    for index in (index for index in range(width) if old[index] != new[index]):
        if stretches and index - stretches[-1][1] <= NEAR:
            stretches[-1] = (stretches[-1][0], index + 1)
        else:
            stretches.append((index, index + 1))
    return [Region(first, y, last - first, 1) for first, last in stretches]


def _cut(line: list[tuple[str, str]], width: int) -> list[tuple[str, str]]:
    """As it is painted: what is too long ends with a mark, what is short is followed by nothing."""
    if len(line) > width:
        return [*line[: width - 1], ("…", "")][:width]
    return [*line, *[(" ", "")] * (width - len(line))]


def _inked(line: Content) -> list[tuple[str, str]]:
    inks = [""] * len(line.plain)
    for start, end, style in line.spans:
        inks[start:end] = [f"{ink} {style}" for ink in inks[start:end]]
    return list(zip(line.plain, inks, strict=True))
