"""Hosts of a team within one process: each with its part in the store, and the loop by which an engine polls."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

from nodescaler_tui.act.ledger import Ledger
from nodescaler_tui.clock import MACHINE_CLOCK
from nodescaler_tui.engine.assembly import genesys_from
from nodescaler_tui.engine.shared_source import PollingSource
from nodescaler_tui.engine.shared_store import SharedStore
from nodescaler_tui.facts import Observation, Reading
from nodescaler_tui.settings import Settings
from tests.engine.teams import POLL_EVERY_S


class Watched:
    """A real source, with when it was asked."""

    def __init__(self, source: PollingSource) -> None:
        self._source = source
        self.asked_at: list[float] = []
        self.least_interval_s = 0.0

    def poll(self) -> Observation:
        self.asked_at.append(time.monotonic())
        return self._source.poll()

    def told(self, observation: Observation) -> None:
        self._source.told(observation)

    def live_count(self, group_id: str) -> Reading:
        return self._source.live_count(group_id)

    def close(self) -> None:
        self._source.close()


class Host:
    """Polls as an engine does: at its interval, and whenever the store says that there is something to read."""

    def __init__(self, settings: Settings, asks: Settings, holder_id: str) -> None:
        self.genesys = Watched(genesys_from(asks, Ledger(), MACHINE_CLOCK))
        self.store = SharedStore(settings, self.genesys, holder_id, MACHINE_CLOCK)
        self.seen: Observation | None = None
        self._ended, self._read = threading.Event(), threading.Event()
        self._polling = threading.Thread(target=self._poll_on)

    def start(self) -> None:
        self.store.listen(written=lambda: None, read=self._read.set)
        self._polling.start()

    def _poll_on(self) -> None:
        while not self._ended.is_set():
            self.seen = self.store.source.poll() or self.seen
            self._read.wait(POLL_EVERY_S)
            self._read.clear()

    def close(self) -> None:
        self._ended.set()
        self._read.set()
        self._polling.join()
        self.store.holder.close()
        self.store.close()
        self.genesys.close()


@contextmanager
def host(settings: Settings, asks: Settings, holder_id: str) -> Iterator[Host]:
    """`settings` says what the team watches; `asks` is where this host looks for it."""
    running = Host(settings, asks, holder_id)
    running.start()
    try:
        yield running
    finally:
        running.close()
