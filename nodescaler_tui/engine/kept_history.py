"""Which history an engine keeps and looks back at: one in this user's own file, or its team's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from nodescaler_tui.engine.demo_past import demo_history
from nodescaler_tui.record.history.file import HistoryFile
from nodescaler_tui.record.history.stored import PollWriter, StoredHistory
from nodescaler_tui.record.history.tiers import DAY_S, HOUR_S, Retention
from nodescaler_tui.record.history.writer import HistoryWriter
from nodescaler_tui.settings import Settings
from nodescaler_tui.settings.model import HistorySettings

_MEMORY: Final = "forecast-memory"


@dataclass(frozen=True, slots=True)
class KeptHistory:
    """What looks back, what keeps, and the file that both use; None where that is a team's store.

    `memory` is the file for what the forecasts of this host learned.
    """

    stored: StoredHistory
    writer: PollWriter
    memory: Path
    file: Path | None = None

    @property
    def is_shared(self) -> bool:
        """Whether others keep it, too, and the network lies in between."""
        return self.file is None


def retention_from(settings: HistorySettings) -> Retention:
    """For how long a file keeps what."""
    return Retention(
        readings_s=settings.raw_hours * HOUR_S,
        minutes_s=settings.minute_days * DAY_S,
        five_minutes_s=settings.five_minute_days * DAY_S,
        quarter_hours_s=settings.quarter_hour_days * DAY_S,
    )


def memory_file(settings: Settings) -> Path:
    """Where this host keeps what its forecasts learned."""
    return settings.paths.history.with_name(_MEMORY)


def kept_in_file(path: Path, retention: Retention, clock: Callable[[], datetime]) -> KeptHistory:
    """The history at this path."""
    return KeptHistory(HistoryFile(path), HistoryWriter(path, retention, clock), path.with_name(_MEMORY), path)


def own_history(settings: Settings, clock: Callable[[], datetime]) -> KeptHistory | None:
    """This user's own, None where nothing is to be kept. A demo's is begun anew."""
    if not settings.history.keep:
        return None
    path = demo_history(settings) if settings.demo else settings.paths.history
    return None if path is None else kept_in_file(path, retention_from(settings.history), clock)
