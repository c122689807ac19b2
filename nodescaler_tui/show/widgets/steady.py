"""Text of which only what differs is painted again: most of a dashboard is the same from one second to the next.

Over ssh it is bytes that cost, so a digit that changes repaints a digit and not its line.
"""

from __future__ import annotations

from rich.cells import cell_len
from textual.content import Content
from textual.geometry import Region
from textual.widget import Widget


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
        regions = changed_regions(before, content, self.size.width)
        if regions is None:
            self.refresh()
        else:
            self.refresh(*regions)

    def render(self) -> Content:
        """What is shown."""
        return self._content


def same(one: Content, other: Content) -> bool:
    """Whether two contents look alike: the same characters in the same inks."""
    return one.plain == other.plain and one.spans == other.spans


def changed_regions(before: Content, after: Content, width: int) -> list[Region] | None:
    """Where two contents differ when painted into so many columns; None when everything may have moved."""
    old, new = before.split("\n", allow_blank=True), after.split("\n", allow_blank=True)
    if len(old) != len(new) or any(line.cell_length > width for line in (*old, *new)):
        return None
    return [
        _difference(earlier, later, y)
        for y, (earlier, later) in enumerate(zip(old, new, strict=True))
        if not same(earlier, later)
    ]


def _difference(before: Content, after: Content, y: int) -> Region:
    """From the first to the last character that differs."""
    old, new = _inked(before), _inked(after)
    longest = max(len(old), len(new))
    old += [(" ", "")] * (longest - len(old))
    new += [(" ", "")] * (longest - len(new))
    differing = [index for index in range(longest) if old[index] != new[index]]
    first, last = differing[0], differing[-1]
    if before.cell_length != len(before.plain) or after.cell_length != len(after.plain):
        last = longest
    start = min(cell_len(before.plain[:first]), cell_len(after.plain[:first]))
    end = max(cell_len(before.plain[: last + 1]), cell_len(after.plain[: last + 1]), last + 1)
    return Region(start, y, end - start, 1)


def _inked(line: Content) -> list[tuple[str, str]]:
    inks = [""] * len(line.plain)
    for start, end, style in line.spans:
        inks[start:end] = [f"{ink} {style}" for ink in inks[start:end]]
    return list(zip(line.plain, inks, strict=True))
