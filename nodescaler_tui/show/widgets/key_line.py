"""The bottom line: the keys of this screen, from the registry of actions. A click on one does the same as the key."""

from __future__ import annotations

from collections.abc import Mapping

from textual.events import Click

from nodescaler_tui.show.actions import Action, Danger, Place, actions_at, key_words, target
from nodescaler_tui.show.inked import Piece, line
from nodescaler_tui.show.screens.showing import Desk
from nodescaler_tui.show.widgets.steady import SteadyText

HELP = "help"


class KeyLine(SteadyText):
    """One line, in the order of the registry; what does not fit is left to the help screen."""

    def __init__(self, desk: Desk, *places: Place) -> None:
        super().__init__(id="keys")
        self._desk = desk
        self._hidden: tuple[str, ...] = ()
        self._actions = _shown(places)
        self._starts: list[tuple[int, Action]] = []

    def hide(self, *names: str) -> None:
        """Leave out what means nothing now."""
        if names != self._hidden:
            self._hidden = names
            self.draw()

    def on_mount(self) -> None:
        """Show all of them, and look now and then whether the engine still lets them do something."""
        self.draw()
        self.set_interval(1.0, self.draw)

    def draw(self) -> None:
        """The keys that do something now: where only watching is allowed, none that changes anything."""
        state = self._desk.state
        offered = [*_shown((Place.REPLAY,)), *self._actions] if state.replay is not None else self._actions
        meant = {action.name: action for action in offered if action.name not in self._hidden}
        self._draw([each for each in meant.values() if not (state.watched_only and each.danger is not Danger.NONE)])

    def _draw(self, actions: list[Action]) -> None:
        pieces: list[Piece] = []
        self._starts, position = [], 0
        for action in self._that_fit(actions):
            key, words = self._words(action)
            self._starts.append((position, action))
            position += len(key) + len(words)
            pieces += [(key, "accent"), (words, "")]
        self.put(line(*pieces))

    def _words(self, action: Action) -> tuple[str, str]:
        return f" {_symbol(action, self._desk.keymap)} ", f"{action.short} "

    def _that_fit(self, actions: list[Action]) -> list[Action]:
        """From the first on as many as there is room for; help is always among them, for it knows the others."""
        last = [action for action in actions if action.name == HELP]
        room = (self.size.width or self.app.size.width) - sum(len("".join(self._words(action))) for action in last)
        shown: list[Action] = []
        for action in actions:
            room -= len("".join(self._words(action))) if action not in last else 0
            if room >= 0 and action not in last:
                shown.append(action)
        return [*shown, *last]

    def on_resize(self) -> None:
        """More or fewer may fit now."""
        self.draw()

    async def on_click(self, event: Click) -> None:
        """Do what was clicked on."""
        hit = [action for start, action in self._starts if start <= event.x]
        if hit:
            await self.screen.run_action(target(hit[-1]))


def _shown(places: tuple[Place, ...]) -> list[Action]:
    """Each action that has a short name, once."""
    found = {action.name: action for place in places for action in actions_at(place) if action.short}
    return list(found.values())


def _symbol(action: Action, keymap: Mapping[str, str]) -> str:
    words = key_words(action, keymap)
    return {"enter": "⏎"}.get(words, words.replace("ctrl+", "^"))
