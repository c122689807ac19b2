"""The timeline: counted up whenever a standby is promoted, so that a primary that was replaced is told apart."""

from __future__ import annotations

import threading
from typing import Any, Final

import psycopg

from nodescaler_tui.events import JournalUnavailable

_ASKED: Final = """
    SELECT (SELECT system_identifier FROM pg_control_system()),
           ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer
    WHERE NOT pg_is_in_recovery()
"""


class Timelines:
    """The newest timeline of each cluster that has answered. Safe from any thread."""

    def __init__(self) -> None:
        self._newest: dict[int, int] = {}
        self._lock = threading.Lock()

    def require_newest(self, session: psycopg.Connection[tuple[Any, ...]], place: str) -> None:
        """Raises JournalUnavailable for a primary in whose place a standby was promoted: nobody acts on both.

        A standby has no say in it, and a service that tells no timeline is believed.
        """
        try:
            row = session.execute(_ASKED).fetchone()
        except psycopg.errors.DatabaseError as error:
            if error.sqlstate is None:
                raise
            return
        if row is None:
            return
        cluster, timeline = int(row[0]), int(row[1])
        with self._lock:
            newest = max(timeline, self._newest.get(cluster, 0))
            self._newest[cluster] = newest
        if timeline < newest:
            raise JournalUnavailable(
                f"{place} was answered by a primary that another has replaced (timeline {timeline}, after {newest}). "
                "End the old one, or take its host out of store.url. Where it is meant, start this program again."
            )
