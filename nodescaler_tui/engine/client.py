"""The engine as a terminal sees it: a stream of updates, and one way to ask for something."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from nodescaler_tui.display_text import DisplayText
from nodescaler_tui.intents import Intent
from nodescaler_tui.state import State
from nodescaler_tui.views import Answer, ChainReport, GroupDetail, JournalPage, Story, ThresholdPreview


@dataclass(frozen=True, slots=True)
class EngineAway:
    """The engine does not answer: why, and when it is tried again. What was known stays on screen with its age."""

    sentence: DisplayText
    next_try_at: datetime | None


Update = State | GroupDetail | ThresholdPreview | JournalPage | Story | ChainReport | Answer | EngineAway


class Engine(Protocol):
    """What the screens are given: they read updates and send intents, and nothing else."""

    def updates(self) -> AsyncIterator[Update]:
        """Everything that the engine tells this terminal, the newest State first; ends when the terminal leaves."""

    def send(self, intent: Intent) -> int:
        """Ask for something without waiting; the returned number comes back in an Answer."""
