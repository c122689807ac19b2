"""A lease that is kept: taken as soon as it is free, and renewed by a thread for as long as this process runs.

What it says of itself is a belief: it decides who tries. Whether a write counts, the store decides by the token.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Final

from nodescaler_tui.events import JournalUnavailable
from nodescaler_tui.record.postgres import lease as leases
from nodescaler_tui.record.postgres.connection import Sessions
from nodescaler_tui.record.postgres.lease import Lease

LENGTH_S: Final = 5.0
"""For how long a holder may be silent before somebody else takes its place."""

RENEWALS_IN_A_LENGTH: Final = 5
ASKED_AGAIN_AFTER_S: Final = 0.5
LONGEST_RETRY_S: Final = 2.0
STANDS_BACK_FOR_S: Final = 60.0
"""For how long whoever handed it over asks for it no more, while somebody holds it."""

FREE_AFTER_S: Final = 3.0
"""When nobody has taken it in this time, whoever waited is gone, and the one who stood back takes it again."""

END_WITHIN_S: Final = 1.0


def nothing_to_do() -> None:
    """For whoever need not be told."""


class KeptLease:
    """`problem` says why the store gives no answer, empty while it does. `changed` is told of both, from the thread."""

    def __init__(
        self,
        sessions: Sessions,
        name: str,
        holder: str,
        *,
        length_s: float = LENGTH_S,
        changed: Callable[[], None] = nothing_to_do,
    ) -> None:
        self.name = name
        self.holder = holder
        self.problem = ""
        self._sessions = sessions
        self._length_s = length_s
        self._changed = changed
        self._lease: Lease | None = None
        self._since = 0.0
        self._renewed = 0.0
        self._failures = 0
        self._stood_back_at: float | None = None
        self._tried, self._wanted, self._ended = threading.Event(), threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease {name}", daemon=True)

    def start(self) -> None:
        """Begin to take it, and to keep it."""
        self._thread.start()

    @property
    def lease(self) -> Lease | None:
        """The lease while it should still be ours: for its length after the store last said so."""
        held = self._lease
        if held is None or self.stands_back:
            return None
        return held if time.monotonic() < self._renewed + self._length_s else None

    @property
    def stands_back(self) -> bool:
        """Whether it was handed over, and is not asked for yet."""
        return self._stood_back_at is not None

    @property
    def held_for_s(self) -> float:
        """For how long it has been ours without a break; 0 while it is not."""
        return time.monotonic() - self._since if self.lease is not None else 0.0

    def tried_within(self, seconds: float) -> bool:
        """Wait until it was asked for at least once; whether it was, in this time."""
        return self._tried.wait(seconds)

    def lost(self) -> None:
        """The store refused it: take it anew at once."""
        self._lease = None
        self._wanted.set()

    def hand_over(self) -> None:
        """Give it up to whoever waits for it, and ask for it again only a while later."""
        self._stood_back_at = time.monotonic()
        self._wanted.set()

    def _keep(self) -> None:
        while not self._ended.is_set():
            self._keep_once()
            self._wanted.wait(self._pause_s())
            self._wanted.clear()
        self._give_up()

    def _pause_s(self) -> float:
        """Who is refused, as one who may only look, asks less and less often."""
        if self._failures:
            return min(ASKED_AGAIN_AFTER_S * 2.0 ** (self._failures - 1), LONGEST_RETRY_S)
        return ASKED_AGAIN_AFTER_S if self.lease is None else self._length_s / RENEWALS_IN_A_LENGTH

    def _keep_once(self) -> None:
        before = (self.problem, self.lease)
        began = time.monotonic()
        try:
            held = self._renewed_or_taken()
        except JournalUnavailable as error:
            self.problem, self._failures = str(error), self._failures + 1
        else:
            if held is not None and held != before[1]:
                self._since = time.monotonic()
            self._lease, self._renewed, self.problem, self._failures = held, began, "", 0
        self._tried.set()
        if (self.problem, self.lease) != before:
            self._changed()

    def _renewed_or_taken(self) -> Lease | None:
        if self._stood_back_at is not None:
            self._stay_back(self._stood_back_at)
            return None
        held = self.lease
        if held is not None and leases.renew(self._sessions, held):
            return held
        return leases.take(self._sessions, self.name, self.holder, self._length_s)

    def _stay_back(self, since: float) -> None:
        """Let it go, and see whether that was for long enough."""
        if self._lease is not None:
            leases.release(self._sessions, self._lease)
            return
        back_for_s = time.monotonic() - since
        free = back_for_s > FREE_AFTER_S and leases.holding(self._sessions, self.name) is None
        if free or back_for_s > STANDS_BACK_FOR_S:
            self._stood_back_at = None

    def _give_up(self) -> None:
        held = self.lease
        if held is None:
            return
        try:
            leases.release(self._sessions, held)
        except JournalUnavailable:
            self._lease = None  # it runs out by itself

    def close(self) -> None:
        """Give it up, so that the next one need not wait."""
        self._ended.set()
        self._wanted.set()
        if self._thread.is_alive():
            self._thread.join(END_WITHIN_S)
