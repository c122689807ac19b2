"""The team: what an engine that shares its store is told of the others; an engine without one is alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from nodescaler_tui.decide.clock_skew import ComparedClock
from nodescaler_tui.presence_state import InFront, PresentState


class Team(Protocol):
    """The other engines on the same store, as far as it tells of them."""

    @property
    def poller(self) -> str:
        """Who asks Genesys for all, in words; empty where each engine does so for itself."""

    @property
    def polls_here(self) -> bool:
        """Whether this engine asks Genesys."""

    @property
    def present(self) -> tuple[PresentState, ...]:
        """Who else is here, by name; nobody where that is not known."""

    @property
    def login(self) -> str:
        """Under which login the store knows whoever acts here; empty where it is not known yet, or asks for none."""

    @property
    def clock(self) -> ComparedClock | None:
        """This host's clock against the store's, None where there is no other to compare it with."""

    def shows(self, in_front: tuple[InFront, ...]) -> None:
        """What each of our windows shows from now on, so that the others may know. Does not block."""

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
    present = ()
    login = ""
    clock = None

    def shows(self, in_front: tuple[InFront, ...]) -> None:
        """Nobody sees it."""

    def signed(self, operator: str) -> str:
        """On one machine the name is taken as it was given, on honour."""
        return operator

    def listen(self, *, written: Callable[[], None], read: Callable[[], None]) -> None:
        """Nobody has anything to say."""

    def close(self) -> None:
        """Nobody waits."""
