"""The windows of one engine: what is in front of whoever sits before each of them."""

from __future__ import annotations

from collections.abc import Callable

from nodescaler_tui.presence_state import InFront


class Windows:
    """Tells `changed` what all of them show, whenever that is something else."""

    def __init__(self, changed: Callable[[tuple[InFront, ...]], None]) -> None:
        self._changed = changed
        self._in_front: dict[object, InFront] = {}

    def shows(self, window: object, in_front: InFront) -> None:
        """This window shows this from now on."""
        self._tell({**self._in_front, window: in_front})

    def left(self, window: object) -> None:
        """This window was closed."""
        self._tell({each: shown for each, shown in self._in_front.items() if each is not window})

    def _tell(self, now: dict[object, InFront]) -> None:
        before, self._in_front = self._in_front, now
        if now != before:
            self._changed(tuple(now.values()))
