"""The floor: the smallest Textual app that shows a line and moves a mark when a key is pressed."""

from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import BindingType
from textual.widgets import Footer, Static


class Floor(App[None]):
    """A Static and a Footer."""

    BINDINGS: ClassVar[list[BindingType]] = [("q", "quit", "Quit"), ("j", "move", "Move")]
    _at = 0

    def compose(self) -> ComposeResult:
        """One line and the keys."""
        yield Static("ready ▸0", id="line")
        yield Footer()

    def action_move(self) -> None:
        """Move the mark."""
        self._at += 1
        self.query_one("#line", Static).update(f"ready ▸{self._at}", layout=False)


if __name__ == "__main__":
    Floor().run()
