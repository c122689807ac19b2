"""Who is here: everybody who has this store in front of them, and what they look at."""

from __future__ import annotations

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from nodescaler_tui.show.inked import hanging, line, lines
from nodescaler_tui.show.presence_words import clock_words, sights_of
from nodescaler_tui.show.screens.showing import Desk
from nodescaler_tui.state import PresentState, State

MOST_ROWS: Final = 4
NOBODY: Final = "Nobody else is here."
LOCKS_NOTHING: Final = "This is a hint and locks nothing: whoever approves first was first."


class WhoScreen(ModalScreen[None]):
    """A list over the screen below."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,w,q", "dismiss", "back")]

    def __init__(self, desk: Desk) -> None:
        super().__init__()
        self._desk = desk

    def compose(self) -> ComposeResult:
        """One line a person."""
        with VerticalScroll(id="help-box") as box:
            box.border_title = "Who is here"
            box.border_subtitle = "esc goes back"
            yield Static(id="help-text")

    def on_mount(self) -> None:
        """Write the list, and write it anew as people come and go."""
        self._draw()
        self.set_interval(1.0, self._draw)

    def _draw(self) -> None:
        width = max(min(round(self.app.size.width * 0.8), 90) - 8, 30)
        self.query_one("#help-text", Static).update(who_content(self._desk.state, width))


def who_content(state: State, width: int) -> Content:
    """Who polls, how our own clock stands where it is off, then everybody else by name."""
    poller = line(("Genesys  ", "muted"), (str(state.link.poller), ""))
    clock = str(state.store.clock)
    own = hanging(("clock    ", "muted"), clock, "warning", width, MOST_ROWS) if clock else []
    people = [row for each in state.present for row in _rows(each, state, width)] or [line((NOBODY, ""))]
    last = hanging(("", ""), LOCKS_NOTHING, "muted", width, 2)
    return lines(poller, *own, Content(""), *people, Content(""), *last)


def _rows(present: PresentState, state: State, width: int) -> list[Content]:
    clock = clock_words(present)
    off = hanging(("  ", ""), clock, "warning", width, 1) if clock else []
    sights = sights_of(present, state) or "what is in front of them is not known"
    return [line((present.who, "accent")), *hanging(("  ", ""), sights, "", width, MOST_ROWS), *off]
