"""The team: what an engine that shares its store is told of the others; an engine without one is alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol


class Team(Protocol):
    """The other engines on the same store, as far as it tells of them."""

    @property
    def poller(self) -> str:
        """Who asks Genesys for all, in words; empty where each engine does so for itself."""

    @property
    def polls_here(self) -> bool:
        """Whether this engine asks Genesys."""

    def signed(self, operator: str) -> str:
        """An operator as the store knows it, whatever name the terminal gave. Blocks; raises JournalUnavailable."""

    def listen(self, *, written: Callable[[], None], read: Callable[[], None]) -> None:
        """From now on, from another thread: call `written` whenever the journal or who does what may have changed.

        `read` is called when there are readings that this engine did not take in yet, or when it is to read itself.
        """

    def close(self) -> None:
        """Leave, so that others need not wait for what was done here. Blocks."""


class Alone:
    """No team: this engine polls for itself, and other processes of this user are seen at each poll."""

    poller = ""
    polls_here = True

    def signed(self, operator: str) -> str:
        """On one machine the name is taken as it was given, on honour."""
        return operator

    def listen(self, *, written: Callable[[], None], read: Callable[[], None]) -> None:
        """Nobody has anything to say."""

    def close(self) -> None:
        """Nobody waits."""
