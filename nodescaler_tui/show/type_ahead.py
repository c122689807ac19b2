"""Type-ahead: each key is handed on when the one before has done all that it does, so that none is lost.

Textual hands a key to whatever has the focus when it is read. The letters that follow a `/` at once would go to the
fleet, where they are commands, and not into the filter which the `/` is about to open.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from typing import Final

from textual.app import App, ReturnType
from textual.dom import DOMNode
from textual.events import Event, Key, Paste

LONGEST_HOLD_S: Final = 0.5
PASSES: Final = 2
"""One for the key itself, and one for what its action set off: a screen that is opened, a focus that moves."""


class TypeAheadApp(App[ReturnType]):
    """Holds back what is typed while an earlier key is still on its way."""

    def __init__(self) -> None:
        super().__init__()
        self._held: deque[Event] = deque()
        self._key_number = 0
        self._deadline: asyncio.TimerHandle | None = None
        self._typed_at = 0.0

    @property
    def typed_at(self) -> float:
        """When the newest key that was handed on was typed, in seconds of the monotonic clock."""
        return self._typed_at

    async def on_event(self, event: Event) -> None:
        """Hand a key on, or keep it until those before it are done; everything else goes its usual way."""
        if not isinstance(event, Key | Paste):
            await super().on_event(event)
        elif not self.screen_stack:
            self._held.clear()  # the app is closing: there is nothing left that a key could be for
        elif event.is_forwarded:
            await super().on_event(event)
        elif self._deadline is None and not self._held:
            await self._hand_on(event)
        else:
            self._held.append(event)

    async def _hand_on(self, event: Event) -> None:
        """Send a key off, and something after it that takes the same way and so arrives when the key is done."""
        self._key_number += 1
        self._typed_at = event.time
        loop = asyncio.get_running_loop()
        self._deadline = loop.call_later(LONGEST_HOLD_S, self._follow, self._key_number, (), 0)
        way = self._way_of_a_key
        await super().on_event(event)
        self._follow(self._key_number, way, PASSES - 1)

    @property
    def _way_of_a_key(self) -> Sequence[DOMNode]:
        """From what has the focus up to the app, which knows the actions."""
        return (self.focused or self.screen).ancestors_with_self

    def _follow(self, number: int, way: Sequence[DOMNode], passes_left: int) -> None:
        """Go on to the next that the key passes; what is closing already passes nothing on."""
        if number != self._key_number or self._deadline is None:
            return
        for place, node in enumerate(way):
            if node.call_later(self._follow, number, way[place + 1 :], passes_left):
                return
        if passes_left and self.screen_stack:
            self._follow(number, self._way_of_a_key, passes_left - 1)
            return
        self._deadline.cancel()
        self._deadline = None
        if self._held:
            self.call_later(self._hand_on_next)

    async def _hand_on_next(self) -> None:
        if self._held and self._deadline is None and self.screen_stack:
            await self._hand_on(self._held.popleft())
