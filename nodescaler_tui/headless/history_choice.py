"""Which history a command is about: the file that was named, the store of the team, or this user's own file."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from nodescaler_tui.engine.kept_history import retention_from
from nodescaler_tui.record.history.connection import HistoryUnavailable
from nodescaler_tui.record.history.file import HistoryFile
from nodescaler_tui.record.history.reader import HistoryReader
from nodescaler_tui.record.history.stored import StoredHistory
from nodescaler_tui.record.history.tiers import COARSEST_FIRST, Retention
from nodescaler_tui.record.shared import shared_history
from nodescaler_tui.settings import Settings
from nodescaler_tui.settings.model import HistorySettings


@dataclass(frozen=True, slots=True)
class OwnFile:
    """A history in a file, and for how long what is kept in it."""

    stored: HistoryFile
    retention: Retention

    def begins_s(self, _: HistoryReader, now_s: float) -> float:
        """From when on there may be something."""
        return now_s - max(map(self.retention.of, COARSEST_FIRST))


@dataclass(frozen=True, slots=True)
class TeamStore:
    """A team's history. For how long what is kept, the store itself says."""

    stored: StoredHistory

    def begins_s(self, reader: HistoryReader, now_s: float) -> float:
        """From when on there is something."""
        found = (extent.begins_s for extent in reader.extents().values())
        return min((begins_s for begins_s in found if begins_s is not None), default=now_s)


def named_file(path: Path) -> OwnFile:
    """The file that was named, whatever the configuration says."""
    return OwnFile(HistoryFile(path), retention_from(HistorySettings()))


def configured(settings: Settings) -> OwnFile | TeamStore:
    """What the configuration says. Raises HistoryUnavailable for a store that cannot be used."""
    if settings.store.url:
        return TeamStore(shared_history(settings.store.url))
    return OwnFile(HistoryFile(settings.paths.history), retention_from(settings.history))


def file_for_import(chosen: OwnFile | TeamStore) -> OwnFile:
    """A file, because only that takes what other programs measured. Raises HistoryUnavailable."""
    if isinstance(chosen, TeamStore):
        raise HistoryUnavailable(
            f"{chosen.stored.place} is a team's store and takes no readings of other programs: they are imported into "
            "a file only. Name one: nodescaler-tui history --history FILE import …"
        )
    return chosen
