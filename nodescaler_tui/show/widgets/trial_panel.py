"""The trial, line by line as it is made: a mark, what was looked at, and a sentence that goes on under itself."""

from __future__ import annotations

import textwrap
from typing import Final

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from nodescaler_tui.show.inked import line, lines
from nodescaler_tui.show.setup import Finding
from nodescaler_tui.show.widgets.setup_field import INKS

NAME_WIDTH: Final = 15
LEAST_WIDTH: Final = 20


class TrialPanel(VerticalScroll):
    """Not there before something is tried; its end stays in sight until it is scrolled, once it has the focus."""

    def __init__(self) -> None:
        super().__init__(id="trial")
        self._found: list[Finding] = []
        self._ended = False
        self.border_title = "Trial"

    def compose(self) -> ComposeResult:
        """One text, of which only the end may be in sight."""
        yield Static(id="trial-lines")

    def begin(self) -> None:
        """A new trial is under way."""
        self.add_class("shown")
        self.anchor()
        self._found, self._ended = [], False
        self._draw()

    def add(self, finding: Finding) -> None:
        """One more line of it."""
        self._found.append(finding)
        self._draw()

    def end(self) -> None:
        """There is nothing more to come."""
        self._ended = True
        self._draw()

    def on_resize(self) -> None:
        """The sentences are broken anew."""
        self._draw()

    def _draw(self) -> None:
        width = max(self.scrollable_content_region.width - NAME_WIDTH - 3, LEAST_WIDTH)
        rows = [row for finding in self._found for row in _rows(finding, width)]
        rows += [] if self._ended else [line(("… trying, without acting", "muted"))]
        self.query_one("#trial-lines", Static).update(lines(*rows))


def _rows(finding: Finding, width: int) -> list[Content]:
    first, *others = textwrap.wrap(finding.sentence, width) or [""]
    ink = INKS[finding.mark]
    return [
        line((f"{finding.mark.value} ", ink), (f"{finding.name:<{NAME_WIDTH}} ", "muted"), (first, "")),
        *(line((" " * (NAME_WIDTH + 3) + other, "")) for other in others),
    ]
