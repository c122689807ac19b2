"""PostgreSQL's protocol as far as a network that cuts needs it: where in a stream of bytes one message ends."""

from __future__ import annotations

from typing import Final

_LENGTH: Final = 4
_TYPED: Final = 5


class Messages:
    """Follows one direction of one connection. What a client says first has no type, everything else has one byte."""

    def __init__(self, *, from_client: bool) -> None:
        self._untyped = from_client
        self._head = bytearray()
        self._left = 0

    def ends(self, data: bytes) -> list[int]:
        """After how many of these bytes a message is over, for each one that is."""
        found, position = [], 0
        while position < len(data):
            if self._left:
                taken = min(self._left, len(data) - position)
                self._left -= taken
                position += taken
            else:
                position = self._take_head(data, position)
            if not self._left and not self._head:
                found.append(position)
        return found

    def _take_head(self, data: bytes, position: int) -> int:
        size = _LENGTH if self._untyped else _TYPED
        taken = data[position : position + size - len(self._head)]
        self._head += taken
        if len(self._head) == size:
            self._left = int.from_bytes(self._head[-_LENGTH:], "big") - _LENGTH
            self._head.clear()
            self._untyped = False
        return position + len(taken)
