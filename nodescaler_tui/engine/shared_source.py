"""The shared source: one engine of a team polls for all, the others take in exactly what it read.

Whoever holds the poller's lease asks Genesys and writes each observation into the store, under the lease's token and in
one transaction with asking for it. So nobody who was frozen or cut off can bring in readings after a newer poller did.
"""

from __future__ import annotations

import socket
import zlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, Protocol

import msgspec

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.facts import Observation, Problem, ProblemKind, Reading, RequestBudget
from nodescaler_tui.record.postgres import lease as leases
from nodescaler_tui.record.postgres import observations
from nodescaler_tui.record.postgres.connection import Session, Sessions
from nodescaler_tui.record.postgres.kept_lease import LENGTH_S, KeptLease
from nodescaler_tui.record.postgres.lease import Lease, LeaseLost
from nodescaler_tui.settings import Settings

KNOWN_WITHIN_S: Final = 5.0
FASTEST: Final = 1


def kept_poller(
    sessions: Sessions,
    settings: Settings,
    holder_id: str,
    changed: Callable[[], None],
    length_s: float = LENGTH_S,
) -> KeptLease:
    """The lease of whoever polls this part of Genesys; engines that watch another part have one of their own."""
    watched = settings.genesys.gateway or settings.genesys.region
    holder = f"{socket.gethostname()} {holder_id}"
    return KeptLease(sessions, f"poller {watched}", holder, length_s=length_s, changed=changed)


class PollingSource(Protocol):
    """A source that asks Genesys, and can be told what another one was answered."""

    @property
    def least_interval_s(self) -> float:
        """The shortest poll interval that the request budget allows."""

    def poll(self) -> Observation:
        """Read everything once."""

    def told(self, observation: Observation) -> None:
        """What another process read."""

    def live_count(self, group_id: str) -> Reading:
        """Read one group's node count anew."""

    def close(self) -> None:
        """Let go of every connection."""


class SharedSource:
    """Polls while the lease is ours; else gives what was published last, each observation once.

    One poll at a time; what is said of the last one is true until the next.
    """

    def __init__(self, sessions: Sessions, poller: KeptLease, genesys: PollingSource) -> None:
        self._sessions = sessions
        self._poller = poller
        self._genesys = genesys
        self._polled_under: Lease | None = None
        self.taken_in = 0

    @property
    def least_interval_s(self) -> float:
        """The shortest poll interval that the request budget allows."""
        return self._genesys.least_interval_s

    def poll(self) -> Observation | None:
        """Read everything, or take in what another engine read; None when that is nothing new, or the store is away."""
        self._poller.tried_within(KNOWN_WITHIN_S)
        lease = self._poller.lease
        return self._newest() if lease is None else self._polled(lease)

    def _polled(self, lease: Lease) -> Observation | None:
        observation = self._genesys.poll()
        self._polled_under = lease
        try:
            self.taken_in = observations.publish(self._sessions, lease, encoded(observation))
        except LeaseLost:
            self._poller.lost()
            return self._newest()
        except JournalUnavailable:
            return observation
        return observation

    @property
    def polled_here(self) -> bool:
        """Whether the last poll asked Genesys, and nobody else had."""
        return self._polled_under is not None

    def require(self, session: Session) -> None:
        """Within a transaction about the last poll: that it was made here, and that nobody else polls by now.

        Raises LeaseLost.
        """
        if self._polled_under is None:
            raise LeaseLost("This program did not ask Genesys.")
        leases.require(session, self._polled_under)

    def _newest(self) -> Observation | None:
        self._polled_under = None
        try:
            published = observations.newest(self._sessions, self._poller.name)
        except JournalUnavailable:
            return None
        if published is None or published.number == self.taken_in:
            return None
        self.taken_in = published.number
        observation = decoded(published.content)
        self._genesys.told(observation)
        return observation

    def live_count(self, group_id: str) -> Reading:
        """Read one group's node count anew, from here: an approval trusts nobody else's count."""
        return self._genesys.live_count(group_id)

    def close(self) -> None:
        """Let go of every connection to Genesys."""
        self._genesys.close()


def encoded(observation: Observation) -> bytes:
    """An observation as it lies in the store: JSON, compressed."""
    return zlib.compress(msgspec.json.encode(observation), FASTEST)


def decoded(content: bytes) -> Observation:
    """The observation; where this release cannot read it, one that says so and that nothing was read."""
    try:
        return msgspec.json.decode(zlib.decompress(content), type=Observation)
    except (zlib.error, msgspec.DecodeError):
        sentence = "What the poller read cannot be understood by this release. Use the same release on all hosts."
        problem = Problem("shared store", ProblemKind.MALFORMED, sentence)
        nothing = RequestBudget(used_last_minute=0, limit_per_minute=1, limit_is_live=False)
        return Observation(datetime.now(UTC), 0, inventory_read=False, groups=(), problems=(problem,), budget=nothing)
