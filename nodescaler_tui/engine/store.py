"""Which store an engine works on: this user's own files, or a team's; and what follows from that for who does what."""

from __future__ import annotations

from dataclasses import dataclass

from nodescaler_tui.act.holder import Holder, LockHolder
from nodescaler_tui.engine.journal_opening import OpenedJournal, UnusableJournal, own_journal
from nodescaler_tui.engine.kept_history import KeptHistory, own_history
from nodescaler_tui.engine.source import Source
from nodescaler_tui.engine.team import Alone, Team
from nodescaler_tui.engine.world import World
from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.observe.genesys import GenesysSource
from nodescaler_tui.record.shared import needing_the_driver
from nodescaler_tui.settings import Settings


@dataclass(frozen=True, slots=True)
class Store:
    """The journal, where readings come from, under which name operations are carried out, and who else is there.

    The history is None where nothing is to be kept.
    """

    journal: OpenedJournal | UnusableJournal
    source: Source
    holder: Holder
    team: Team
    history: KeptHistory | None


def store_from(settings: Settings, genesys: GenesysSource, world: World) -> Store:
    """The store that is configured. One that cannot be used at all leaves an engine that shows, and cannot act."""
    if not settings.store.url:
        return _alone(own_journal(settings, world.clock), settings, genesys, world)
    try:
        with needing_the_driver():
            from nodescaler_tui.engine.shared_store import SharedStore  # noqa: PLC0415 - its driver is an extra
        shared = SharedStore(settings, genesys, world.holder_id(), world.clock)
    except JournalUnavailable as error:
        return _alone(UnusableJournal(str(error)), settings, genesys, world)
    return Store(shared.journal, shared.source, shared.holder, shared, shared.history)


def _alone(journal: OpenedJournal | UnusableJournal, settings: Settings, genesys: GenesysSource, world: World) -> Store:
    holder, history = LockHolder(settings.paths.holders, world.holder_id()), own_history(settings, world.clock.now)
    return Store(journal, genesys, holder, Alone(), history)
