"""A journal in memory that obeys the production journal's protocol: the same bytes and chain, one writer at a time.

What a killed process had not committed is gone; what it had committed stays. A commit can also fail, as on a full disk.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from benchmarks.reliability.world import World
from nodescaler_tui.events import Draft, Event, EventKind, JournalUnavailable
from nodescaler_tui.record.canonical import chained_hash, event_bytes, event_from, genesis_hash

INSTALLATION = "simulated"
FULL_DISK = 0.01


class MemoryJournal:
    """Committed events, and the bytes that they were chained by."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.events: list[Event] = []
        self.stored: list[tuple[bytes, str]] = []
        opened = Draft(EventKind.JOURNAL_OPENED, world.wall(), fields={"installation": INSTALLATION})
        self._commit([self._chained(opened, [])])

    def read(self, after: int = 0) -> Sequence[Event]:
        """Every committed event with a position above `after`."""
        return self.events[after:]

    @contextmanager
    def transaction(self) -> Iterator[MemoryTransaction]:
        """Queue up, write, commit; the points are where a kill would find the process."""
        self._world.point()
        self._world.wait_for_lock()
        try:
            transaction = MemoryTransaction(self)
            self._fail_sometimes()
            self._world.point()
            yield transaction
            self._world.point()
            self._fail_sometimes()
            self._commit(transaction.written)
        finally:
            self._world.locked_by = None
        self._world.point()

    def _fail_sometimes(self) -> None:
        if self._world.chaos and self._world.random.random() < FULL_DISK:
            self._world.note("the disk is full")
            raise JournalUnavailable("The disk is full.")

    def _commit(self, written: Sequence[tuple[bytes, str, Event]]) -> None:
        for canonical, digest, event in written:
            self.stored.append((canonical, digest))
            self.events.append(event)
            self._world.note(f"#{event.seq} {event.kind.value} {event.operation_id[-6:]} {dict(event.fields)}"[:220])

    def _chained(self, draft: Draft, before: Sequence[tuple[bytes, str, Event]]) -> tuple[bytes, str, Event]:
        seq = len(self.events) + len(before) + 1
        head = before[-1][1] if before else self.stored[-1][1] if self.stored else genesis_hash(INSTALLATION)
        canonical = event_bytes(seq, draft)
        digest = chained_hash(head, canonical)
        return canonical, digest, event_from(canonical, digest)


class MemoryTransaction:
    """What would be committed."""

    def __init__(self, journal: MemoryJournal) -> None:
        self._journal = journal
        self.written: list[tuple[bytes, str, Event]] = []

    def read(self, after: int) -> Sequence[Event]:
        """Every event above `after`, those of this transaction included."""
        return [*self._journal.read(after), *(event for _, _, event in self.written if event.seq > after)]

    def append(self, draft: Draft) -> Event:
        """Add an event to what will be committed."""
        written = self._journal._chained(draft, self.written)  # noqa: SLF001 - one object in two classes
        self.written.append(written)
        return written[2]
