"""What this program has seen of the journal, held against whichever server answers now.

A primary can die, and a standby that is promoted in its place can lack what was confirmed last. Whoever has read or
written an event that the journal no longer holds acts on a past that is not the journal's, so nobody does.
"""

from __future__ import annotations

import threading
from typing import Final

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres.connection import Session
from nodescaler_tui.record.postgres.replica import replica_of
from nodescaler_tui.record.postgres.rows import hash_at
from nodescaler_tui.record.rows import Head
from nodescaler_tui.record.testimony import Disagreement, testimony_of
from nodescaler_tui.record.witness import Witness

BEGIN_ANEW: Final = (
    "The journal was accepted, and this engine still knows what it does not hold. Close its windows, and end its "
    "process should it go on; the next one begins with what the journal says."
)


class SeenPast:
    """The newest head that was read or written here, which the witness remembers as well. Safe from any thread."""

    def __init__(self, witness: Witness | None) -> None:
        self._witness = witness
        self._newest = None if witness is None else witness.last()
        self._lock = threading.Lock()

    @property
    def newest(self) -> Head | None:
        """To be asked before the question whose answer is held against it: others write meanwhile."""
        return self._newest

    def saw(self, head: Head) -> None:
        """The journal holds this."""
        with self._lock:
            newer = self._newest is None or head.seq > self._newest.seq
            self._newest = head if newer else self._newest
        if newer and self._witness is not None:
            self._witness.remember(head)

    def check_witness(self, session: Session) -> None:
        """The same of what the witness remembers, and whether it can be believed. Raises JournalUnavailable."""
        against = None if self._witness is None else self._witness.against(lambda seq: hash_at(session, seq))
        if against is None or (against.disagreement is Disagreement.ROLLED_BACK and replica_of(session) is not None):
            return
        raise JournalUnavailable(against.sentence)

    def require(self, session: Session, seen: Head | None, now: Head | None) -> None:
        """Raises JournalUnavailable where the journal, which ends at `now`, does not hold what was seen of it.

        A replica may be behind; what it does hold must be the same.
        """
        if seen is None or now == seen:
            return
        if (now is None or now.seq < seen.seq) and replica_of(session) is not None:
            return
        testimony = testimony_of(seen, lambda seq: hash_at(session, seq))
        if testimony is None:
            return
        against = testimony if self._witness is None else self._witness.against(lambda seq: hash_at(session, seq))
        raise JournalUnavailable(BEGIN_ANEW if against is None else against.sentence)
