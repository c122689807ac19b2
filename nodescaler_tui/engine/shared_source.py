"""The shared source: one engine of a team polls for all, the others take in exactly what it read.

Whoever holds the poller's lease asks Genesys and writes each observation into the store, under the lease's token and in
one transaction with asking for it. So nobody who was frozen or cut off can bring in readings after a newer poller did.
"""

from __future__ import annotations

import socket
import zlib
from collections.abc import Callable
from contextlib import suppress
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
FAILED_POLLS_OF_A_TURN: Final = 3
"""After so many polls in a row that did not reach Genesys, another engine that waits may try."""

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

    def tidied() -> None:
        """Whoever becomes the poller removes the leases of programs that ended long ago, for all."""
        if kept.lease is not None:
            with suppress(JournalUnavailable):  # the next poller does it
                leases.let_ended_go(sessions)
        changed()

    kept = KeptLease(sessions, f"poller {watched}", holder, length_s=length_s, changed=tidied)
    return kept


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

    One poll at a time; what is said of the last one is true until the next. A host that cannot reach Genesys lets
    another one try. Where none can, they take turns: who gets the lease then does not ask sooner than one interval
    after the last who did.
    """

    def __init__(self, sessions: Sessions, poller: KeptLease, genesys: PollingSource) -> None:
        self._sessions = sessions
        self._poller = poller
        self._genesys = genesys
        self._polled_under: Lease | None = None
        self.taken_in = 0
        self.out_of_reach = False
        self._turn = 0
        self._failed_polls = 0

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
        if lease.token != self._turn:
            self._turn, self._failed_polls = lease.token, 0
            before = self._newest()
            if before is not None and self.out_of_reach:
                return before
        observation = self._genesys.poll()
        self._polled_under = lease
        self._judge(observation)
        published = self._published(lease, observation)
        if self._failed_polls >= FAILED_POLLS_OF_A_TURN and self._is_wanted(lease):
            self._poller.hand_over()
        return published

    def _judge(self, observation: Observation) -> None:
        self.out_of_reach = is_out_of_reach(observation)
        self._failed_polls = self._failed_polls + 1 if self.out_of_reach else 0

    def _is_wanted(self, lease: Lease) -> bool:
        try:
            return leases.is_wanted(self._sessions, lease)
        except JournalUnavailable:
            return False

    def _published(self, lease: Lease, observation: Observation) -> Observation | None:
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
        self.out_of_reach = is_out_of_reach(observation)
        self._genesys.told(observation)
        return observation

    def live_count(self, group_id: str) -> Reading:
        """Read one group's node count anew, from here: an approval trusts nobody else's count."""
        return self._genesys.live_count(group_id)

    def close(self) -> None:
        """Let go of every connection to Genesys."""
        self._genesys.close()


def is_out_of_reach(observation: Observation) -> bool:
    """Whether another host might have read more. One that was told to wait has reached Genesys, and so would others."""
    limited = any(problem.kind is ProblemKind.RATE_LIMITED for problem in observation.problems)
    return not observation.inventory_read and not limited


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
