"""The history in a file, as the one store of it that a single engine needs."""

from __future__ import annotations

from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from nodescaler_tui.record.history.contents import Contents, contents
from nodescaler_tui.record.history.reader import HistoryReader, reading_history


@dataclass(frozen=True, slots=True)
class HistoryFile:
    """The history that lies at a path, whether it is there yet or not."""

    path: Path

    @property
    def place(self) -> str:
        """Where it is."""
        return str(self.path)

    def reading(self) -> AbstractContextManager[HistoryReader]:
        """The history as it is at this moment. Raises HistoryUnavailable."""
        return reading_history(self.path)

    def contents(self) -> Contents:
        """What it holds, and what that takes on disk. Raises HistoryUnavailable."""
        return contents(self.path)
