"""Opening a team's shared journal and history. The driver is an extra, and is imported only when a store is named."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.history.connection import HistoryUnavailable
from nodescaler_tui.record.history.stored import StoredHistory
from nodescaler_tui.record.stored import StoredJournal
from nodescaler_tui.record.witness import Witness

MISSING: Final = "A shared store needs one more package: pip install 'nodescaler-tui[postgres]'."


def open_shared(url: str, *, version: str, clock: Callable[[], datetime], witness: Witness) -> StoredJournal:
    """Open it for acting, and begin it where there is none. Raises JournalUnavailable."""
    with needing_the_driver():
        from nodescaler_tui.record.postgres.journal import PostgresJournal  # noqa: PLC0415 - an extra, and 115 ms
    return PostgresJournal.open(url, version=version, clock=clock, witness=witness)


def open_shared_for_reading(url: str) -> StoredJournal:
    """Open one that must be there, damaged or not. Raises JournalUnavailable."""
    with needing_the_driver():
        from nodescaler_tui.record.postgres.journal import PostgresJournal  # noqa: PLC0415 - an extra, and 115 ms
    return PostgresJournal.open_for_reading(url)


def shared_history(url: str) -> StoredHistory:
    """A team's history, for whoever looks back. Raises HistoryUnavailable when its address cannot be used."""
    try:
        with needing_the_driver():
            from nodescaler_tui.record.postgres.connection import Sessions  # noqa: PLC0415 - an extra, and 115 ms
            from nodescaler_tui.record.postgres.history import SharedHistory  # noqa: PLC0415 - as above
        return SharedHistory(Sessions(url))
    except JournalUnavailable as error:
        raise HistoryUnavailable(str(error)) from error


def signed_at(url: str, claimed: str) -> str:
    """An operator as events on this store name it. Raises JournalUnavailable."""
    with needing_the_driver():
        from nodescaler_tui.record.postgres.connection import Sessions  # noqa: PLC0415 - an extra, and 115 ms
        from nodescaler_tui.record.postgres.identity import signed  # noqa: PLC0415 - as above
    sessions = Sessions(url)
    try:
        return signed(sessions, claimed)
    finally:
        sessions.close()


@contextmanager
def needing_the_driver() -> Iterator[None]:
    """What is imported within needs the extra. Raises JournalUnavailable when it is not installed."""
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] != "psycopg":
            raise
        raise JournalUnavailable(MISSING) from error
