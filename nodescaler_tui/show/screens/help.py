"""Help: the keys of the screen that it was asked for on, from the registry of actions."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.screen import ModalScreen
from textual.widgets import Static

from nodescaler_tui.show.actions import Danger, Place, actions_at, key_words
from nodescaler_tui.show.inked import line, lines


class HelpScreen(ModalScreen[None]):
    """A list of keys over the screen below."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q", "dismiss", "back")]

    def __init__(self, places: tuple[Place, ...]) -> None:
        super().__init__()
        self._places = places

    def compose(self) -> ComposeResult:
        """One line an action."""
        with VerticalScroll(id="help-box") as box:
            box.border_title = "Keys of this screen"
            box.border_subtitle = "esc goes back"
            yield Static(id="help-text")

    def on_mount(self) -> None:
        """Write the list."""
        actions = {action.name: action for place in self._places for action in actions_at(place)}
        rows = [
            line(
                (f"{key_words(action):>12}  ", "accent"),
                (action.words, "bold" if action.danger is Danger.SENDS else ""),
                (f"  ({action.danger.value})" if action.danger is not Danger.NONE else "", "warning"),
            )
            for action in actions.values()
        ]
        rows.append(line((f"{'ctrl+p':>12}  ", "accent"), ("Find any command by its name", "")))
        self.query_one("#help-text", Static).update(lines(*rows))
