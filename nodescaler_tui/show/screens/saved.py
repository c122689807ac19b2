"""What was kept and what was not, before the dashboard opens: a secret that ends with the session must not surprise."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Button, Static

from nodescaler_tui.show.inked import line, lines
from nodescaler_tui.show.setup import Saved


class SavedScreen(ModalScreen[None]):
    """Says it; enter goes on to the dashboard."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,escape,ctrl+s", "dismiss", "open the dashboard")]

    def __init__(self, saved: Saved) -> None:
        super().__init__()
        self._saved = saved

    def compose(self) -> ComposeResult:
        """The sentences and one button."""
        with VerticalScroll(id="saved-box", can_focus=False) as box:
            box.border_title = "Saved"
            rows = [line((sentence, "")) for sentence in self._saved.sentences]
            spaced = [part for row in rows for part in (row, line(("", "")))][:-1]
            yield Static(lines(*spaced), id="saved-text")
            yield Button("Open the dashboard ⏎", id="open", compact=True)

    def on_mount(self) -> None:
        """There is only one way on."""
        self.query_one("#open", Button).focus()

    def on_button_pressed(self) -> None:
        """The mouse works too."""
        self.dismiss()
