"""Text that is painted again only when it differs: most of a dashboard is the same from one second to the next."""

from __future__ import annotations

from textual.content import Content
from textual.widget import Widget


class SteadyText(Widget):
    """Shows one piece of content, without asking for a new layout when it changes."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002 - Textual's own name
        super().__init__(id=id, classes=classes)
        self._content = Content("")

    def put(self, content: Content) -> None:
        """Show this from now on."""
        if not same(content, self._content):
            self._content = content
            self.refresh()

    def render(self) -> Content:
        """What is shown."""
        return self._content


def same(one: Content, other: Content) -> bool:
    """Whether two contents look alike: the same characters in the same inks."""
    return one.plain == other.plain and one.spans == other.spans
