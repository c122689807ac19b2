"""Help: the keys of the screen that it was asked for on, from the registry of actions."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from nodescaler_tui.show.actions import Action, Danger, Place, actions_at, key_words
from nodescaler_tui.show.inked import line, lines

KEY_WIDTH: Final = 9


class HelpScreen(ModalScreen[None]):
    """A list of keys over the screen below."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,question_mark,q", "dismiss", "back")]

    def __init__(self, places: tuple[Place, ...], keymap: Mapping[str, str]) -> None:
        super().__init__()
        self._keymap = keymap
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
        width = max(min(round(self.app.size.width * 0.8), 90) - 6, 30)
        rows = [row for action in actions.values() for row in action_rows(action, self._keymap, width)]
        rows.append(line((f"{'ctrl+p':>{KEY_WIDTH}}  ", "accent"), ("Find any command by its name", "")))
        self.query_one("#help-text", Static).update(lines(*rows))


def action_rows(action: Action, keymap: Mapping[str, str], width: int) -> list[Content]:
    """An action with its keys and its danger; a long one goes on under its own words."""
    words = action.words if action.danger is Danger.NONE else f"{action.words} ({action.danger.value})"
    heads = [f"{key_words(action, keymap):>{KEY_WIDTH}}  ", *[" " * (KEY_WIDTH + 2)] * len(words)]
    ink = "bold" if action.danger is Danger.SENDS else ""
    rows = textwrap.wrap(words, width - KEY_WIDTH - 2)
    return [line((head, "accent"), (row, ink)) for head, row in zip(heads, rows, strict=False)]
