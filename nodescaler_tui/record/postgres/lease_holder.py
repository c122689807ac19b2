"""The holder among machines: each engine holds a lease of its own for as long as it lives and reaches the store.

Another one may take its operations over once that lease has run out. Whoever comes back later takes the lease anew;
what it may still write, each transaction decides: by the token, and then by whose the operation is in the journal.
"""

from __future__ import annotations

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres import lease as leases
from nodescaler_tui.record.postgres.connection import Session, Sessions
from nodescaler_tui.record.postgres.kept_lease import LENGTH_S, KeptLease, nothing_to_do
from nodescaler_tui.record.postgres.lease import LeaseLost


def lease_of(holder_id: str) -> str:
    """The name of the lease that the process with this id holds."""
    return f"holder {holder_id}"


class LeaseHolder:
    """This process's own lease. `id` goes into the events of the operations that it carries out."""

    def __init__(self, sessions: Sessions, holder_id: str, *, length_s: float = LENGTH_S) -> None:
        self.id = holder_id
        self._sessions = sessions
        self._length_s = length_s
        self._kept = KeptLease(sessions, lease_of(holder_id), holder_id, length_s=length_s, changed=nothing_to_do)
        self._kept.start()

    @property
    def problem(self) -> str:
        """Why nothing can be carried out now; empty while the lease is held."""
        if self._kept.problem:
            return self._kept.problem
        return "" if self._kept.lease is not None else f"{self._sessions.place} has not heard of this engine yet."

    def tried_within(self, seconds: float) -> bool:
        """Wait until the store was asked for the lease once; whether it answered in this time."""
        return self._kept.tried_within(seconds)

    def is_alive(self, holder_id: str) -> bool:
        """Whether the process that holds this id was heard of within its lease. Raises JournalUnavailable.

        Who was cut off from the store himself cannot tell: the others were perhaps, too, so they are given their time.
        """
        if holder_id == self.id or self._kept.held_for_s < self._length_s:
            return True
        return leases.holding(self._sessions, lease_of(holder_id)) is not None

    def require(self, session: Session) -> None:
        """Within the transaction that writes about an operation: that this process was heard of, by its token.

        Raises JournalUnavailable; then nothing of it counts.
        """
        held = self._kept.lease
        if held is None:
            raise JournalUnavailable(self.problem)
        try:
            leases.require(session, held)
        except LeaseLost as error:
            self._kept.lost()
            raise JournalUnavailable(
                f"{self._sessions.place} has not heard of this engine for a while: what it carried out, another may "
                "have taken over."
            ) from error

    def close(self) -> None:
        """Let go; what this process still carried out may be taken over at once."""
        self._kept.close()
