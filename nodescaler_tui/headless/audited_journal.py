"""The journal that `nodescaler-tui audit` is about: the file that was named, the team's store, or this user's file."""

from __future__ import annotations

import argparse

from nodescaler_tui.record.shared import open_shared_for_reading
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.record.stored import StoredJournal


def audited_journal(options: argparse.Namespace) -> StoredJournal:
    """Open it, damaged or not. Raises JournalUnavailable when it is none of ours."""
    if options.store:
        return open_shared_for_reading(options.store)
    return SqliteJournal.open_for_reading(options.journal)
