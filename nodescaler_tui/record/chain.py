"""Verification of the chain: what the journal proves about itself, what it does not, and where it was touched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from nodescaler_tui.events import EventKind, FieldValue, JournalUnavailable
from nodescaler_tui.record.canonical import chained_hash, document_from, genesis_hash
from nodescaler_tui.record.rows import Head, StoredEvent
from nodescaler_tui.record.stored import StoredJournal

NOT_PROVED: Final = (
    "Not proved: that the file is the newest copy, or that nobody wrote the whole chain anew. "
    "Compare the head with one in the receiver's log."
)


HASH_START: Final = 16
"""Characters of each hash that are remembered, to tell a copy of an event from another that says it were the same."""


class Finding(StrEnum):
    """What can be wrong with a journal."""

    EDITED = "edited"
    DELETED = "deleted"
    INSERTED = "inserted"
    REORDERED = "reordered"
    DUPLICATED = "duplicated"
    TRUNCATED = "truncated"
    FOREIGN = "foreign"
    UNREADABLE = "unreadable"
    NO_HEAD = "no head"


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong, and from which position on nothing can be asserted any more."""

    finding: Finding
    seq: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome: how many events hold, up to which hash and recorded time (as written), and the first flaw.

    A warning is no sign of tampering: a clock that was set back, or a last write that a crash tore.
    """

    events: int
    head: str
    until: str
    flaw: Flaw | None
    installation: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def intact(self) -> bool:
        """Whether every event holds and the chain ends where the head says."""
        return self.flaw is None

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was proved, in plain words, and what a chain alone cannot prove."""
        if self.flaw is None:
            return (
                f"{_events(self.events)}, each chained to the one before; the chain ends at {self.head[:16]}….",
                NOT_PROVED,
            )
        since = f" (until {self.until})" if self.until else ""
        return (
            self.flaw.sentence,
            (
                f"{_events(self.events)} before position {self.flaw.seq} can be relied on{since}; "
                "from there on nothing can be asserted."
            ),
        )


class _Walk:
    """One pass over the rows, in eight bytes of memory for each: where it stands, what the next must follow."""

    def __init__(self, installation: str) -> None:
        self._installation = installation
        self.count = 0
        self.digest = ""
        self.until = ""
        self.named = ""
        self._hash_starts = bytearray()
        self._clock_steps = 0
        self._first_clock_step = 0

    def flaw_in(self, row: StoredEvent, later: Iterator[StoredEvent]) -> Flaw | None:
        """What is wrong with the next row; it is taken in when nothing is."""
        position = self.count + 1
        if row.seq != position:
            return _gap(position, row.seq)
        try:
            document = document_from(row.canonical)
        except ValueError as error:
            return Flaw(Finding.UNREADABLE, position, f"The event at position {position} cannot be read: {error}.")
        if position == 1:
            flaw = self._begin(document)
            if flaw is not None:
                return flaw
        if chained_hash(self.digest, row.canonical) != row.hash or document.get("seq") != position:
            return self._name(position, document.get("seq"), row, later)
        self._take_in(position, row.hash, str(document.get("at", "")))
        return None

    def _take_in(self, position: int, digest: str, at: str) -> None:
        if at < self.until:
            self._clock_steps += 1
            self._first_clock_step = self._first_clock_step or position
        self._hash_starts += bytes.fromhex(digest[:HASH_START])
        self.count, self.digest, self.until = position, digest, at

    def ended(self, head: Head | None, flaw: Flaw | None = None) -> Verification:
        """The outcome, once the rows have ended or one of them is flawed."""
        flaw = flaw or _flaw_at_end(self.count, self.digest, head)
        if flaw is not None and flaw.seq <= self.count:
            return Verification(flaw.seq - 1, self.digest, "", flaw, self.named, self._warnings())
        return Verification(self.count, self.digest, self.until, flaw, self.named, self._warnings())

    def _warnings(self) -> tuple[str, ...]:
        if not self._clock_steps:
            return ()
        times = "once" if self._clock_steps == 1 else f"{self._clock_steps} times"
        return (f"Warning: the clock went backwards {times}, first at position {self._first_clock_step}.",)

    def _begin(self, document: dict[str, FieldValue]) -> Flaw | None:
        fields = document.get("fields")
        named = fields.get("installation") if isinstance(fields, dict) else None
        if document.get("kind") != EventKind.JOURNAL_OPENED.value or not isinstance(named, str):
            return Flaw(Finding.DELETED, 1, "The journal's beginning is missing: its first event does not open it.")
        if self._installation not in {"", named}:
            return Flaw(Finding.FOREIGN, 1, "The journal is another installation's; it was put in this one's place.")
        self.named = named
        self.digest = genesis_hash(named.encode(errors="replace").decode())
        return None

    def _name(self, position: int, written: FieldValue, row: StoredEvent, later: Iterator[StoredEvent]) -> Flaw:
        """What happened, from where the event says it stood, and whether the one that belongs here is elsewhere."""
        if isinstance(written, int) and 0 < written < position and self._is_at(written, row.hash):
            return Flaw(Finding.DUPLICATED, position, f"At position {position} stands event {written} a second time.")
        return _name(position, written, self._follows_later(later))

    def _is_at(self, position: int, digest: str) -> bool:
        start = HASH_START // 2 * (position - 1)
        return self._hash_starts[start : start + HASH_START // 2].hex() == digest[:HASH_START]

    def _follows_later(self, later: Iterator[StoredEvent]) -> bool:
        """Whether the event that belongs here stands further down."""
        return any(chained_hash(self.digest, row.canonical) == row.hash for row in later)


def verify(stored: Iterable[StoredEvent], head: Head | None, *, installation: str = "") -> Verification:
    """Recompute every hash from the stored bytes, in one pass.

    Rows and head must be of the same moment. Where the installation is known from elsewhere, a journal of another one
    is FOREIGN.
    """
    walk, rows = _Walk(installation), iter(stored)
    for row in rows:
        flaw = walk.flaw_in(row, rows)
        if flaw is not None:
            return walk.ended(head, flaw)
    return walk.ended(head)


def verify_journal(journal: StoredJournal, *, installation: str = "") -> Verification:
    """The same for a journal that others may be writing to meanwhile, and for a store that breaks off in the middle."""
    head: Head | None = None
    walk = _Walk(installation)

    def rows() -> Iterator[StoredEvent]:
        nonlocal head
        for page in journal.pages():
            yield from page.rows
            head = page.head

    reading = rows()
    try:
        for row in reading:
            flaw = walk.flaw_in(row, reading)
            if flaw is not None:
                return walk.ended(head, flaw)
    except JournalUnavailable as error:
        return walk.ended(head, Flaw(Finding.UNREADABLE, walk.count + 1, str(error)))
    return walk.ended(head)


def _gap(position: int, found: int) -> Flaw:
    if found < position:
        return Flaw(Finding.INSERTED, position, f"A row with the impossible position {found} was put in.")
    missing = f"event at position {position} is" if found == position + 1 else f"events {position} to {found - 1} are"
    return Flaw(Finding.DELETED, position, f"The {missing} missing; {found} comes next.")


def _name(position: int, written: FieldValue, stands_later: bool) -> Flaw:
    """What happened, from where the event says it stood and whether the one that belongs here still exists."""
    if not isinstance(written, int) or written == position:
        if stands_later:
            return Flaw(Finding.INSERTED, position, f"The event at position {position} was put in before the real one.")
        return Flaw(
            Finding.EDITED,
            position,
            f"The event at position {position} or its hash was edited, or is another journal's.",
        )
    if written < position:
        return Flaw(Finding.INSERTED, position, f"At position {position} stands a second event {written}.")
    if stands_later:
        return Flaw(Finding.REORDERED, position, f"At position {position} stands event {written}; it was moved there.")
    return Flaw(
        Finding.DELETED,
        position,
        f"The events {position} to {written - 1} are gone, and those after them were renumbered.",
    )


def _flaw_at_end(count: int, digest: str, head: Head | None) -> Flaw | None:
    if head is None:
        return Flaw(Finding.NO_HEAD, count + 1, "The head row is lost, so the last events may have been cut off.")
    if count < head.seq:
        return Flaw(Finding.TRUNCATED, count + 1, f"The end was cut off: {_events(head.seq - count)} missing.")
    if count > head.seq:
        added = _events(count - head.seq)
        return Flaw(Finding.INSERTED, max(head.seq, 0) + 1, f"After the recorded head comes more: {added}.")
    if digest != head.hash:
        return Flaw(Finding.EDITED, max(count, 1), "The chain does not end at the head that was recorded with it.")
    return None


def _events(number: int) -> str:
    return "1 event" if number == 1 else f"{number} events"
