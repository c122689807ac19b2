"""The part of State that others are: who else of a team is here, and what is in front of them. It locks nothing."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from nodescaler_tui.display_text import DisplayText


class Sight(StrEnum):
    """What a window shows."""

    DASHBOARD = "dashboard"
    GROUP = "group"
    PLAN = "plan"
    APPROVING = "approving"
    OPERATION = "operation"
    THRESHOLDS = "thresholds"
    JOURNAL = "journal"


class InFront(Struct, frozen=True, gc=False):
    """What is in front of one window's operator; the group's id is empty where it is about none."""

    sight: Sight
    group_id: str = ""


class PresentState(Struct, frozen=True, gc=False):
    """Another operator who is here: the login that the store knows, the host, and what each window there shows.

    `clock_off_s` is how far that host's clock is ahead of the store's (behind: negative) in whole seconds, 0 where it
    is in step, None where that is not known.
    """

    login: DisplayText
    host: DisplayText
    in_front: tuple[InFront, ...] = ()
    clock_off_s: int | None = None

    @property
    def who(self) -> str:
        """login@host."""
        return f"{self.login}@{self.host}" if self.host else str(self.login)
