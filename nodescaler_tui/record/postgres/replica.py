"""A replica: everything can be read from it, somewhat later, and nothing written."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import psycopg

from nodescaler_tui.events import JournalUnavailable

_ASKED: Final = """
    SELECT extract(epoch FROM clock_timestamp() - pg_last_xact_replay_timestamp())::float8
    WHERE pg_is_in_recovery()
"""
STEP_S: Final = 10.0
MINUTES_FROM_S: Final = 120.0


@dataclass(frozen=True, slots=True)
class Replica:
    """`newest_s` is how long ago the newest was written that has arrived, None where that is not known."""

    newest_s: float | None

    @property
    def age(self) -> str:
        """That in words, coarse, so that a sentence stands for a while."""
        if self.newest_s is None:
            return "How far it is behind is not known"
        if self.newest_s < STEP_S:
            return f"The newest in it was written within the last {STEP_S:.0f} s"
        if self.newest_s < MINUTES_FROM_S:
            return f"The newest in it was written more than {self.newest_s // STEP_S * STEP_S:.0f} s ago"
        return f"The newest in it was written more than {self.newest_s // 60:.0f} min ago"


def replica_of(session: psycopg.Connection[tuple[Any, ...]]) -> Replica | None:
    """What a replica says of itself, by its own clock; None for a primary."""
    row = session.execute(_ASKED).fetchone()
    return None if row is None else Replica(None if row[0] is None else float(row[0]))


def refuse_replica(session: psycopg.Connection[tuple[Any, ...]], place: str) -> None:
    """Raises JournalUnavailable where this is a replica, and says how old its newest is."""
    replica = replica_of(session)
    if replica is not None:
        raise JournalUnavailable(
            f"{place} is a replica: all is shown from it, and nothing can be approved or polled. {replica.age}. Name "
            "the primary to act."
        )
