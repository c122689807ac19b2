"""The bottom line: the keys of this screen, from the registry of actions. A click on one does the same as the key."""

from __future__ import annotations

from textual.events import Click

from nodescaler_tui.show.actions import Action, Place, actions_at, key_words, target
from nodescaler_tui.show.inked import Piece, line
from nodescaler_tui.show.widgets.steady import SteadyText


class KeyLine(SteadyText):
    """One line, in the order of the registry; what does not fit is left to the help screen."""

    def __init__(self, *places: Place) -> None:
        super().__init__(id="keys")
        self._actions = _shown(places)
        self._starts: list[tuple[int, Action]] = []

    def hide(self, *names: str) -> None:
        """Leave out what means nothing now."""
        self._draw([action for action in self._actions if action.name not in names])

    def on_mount(self) -> None:
        """Show all of them."""
        self._draw(self._actions)

    def _draw(self, actions: list[Action]) -> None:
        pieces: list[Piece] = []
        self._starts, position = [], 0
        for action in actions:
            key, words = f" {_symbol(action)} ", f"{action.short} "
            self._starts.append((position, action))
            position += len(key) + len(words)
            pieces += [(key, "accent"), (words, "")]
        self.put(line(*pieces))

    async def on_click(self, event: Click) -> None:
        """Do what was clicked on."""
        hit = [action for start, action in self._starts if start <= event.x]
        if hit:
            await self.screen.run_action(target(hit[-1]))


def _shown(places: tuple[Place, ...]) -> list[Action]:
    """Each action that has a short name, once."""
    found = {action.name: action for place in places for action in actions_at(place) if action.short}
    return list(found.values())


def _symbol(action: Action) -> str:
    return {"enter": "⏎", "ctrl+s": "^s", "ctrl+z": "^z"}.get(key_words(action), key_words(action))
