"""Verification of the chain: what the journal proves about itself, what it does not, and where it was touched."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from nodescaler_tui.record.canonical import chained_hash, genesis_hash
from nodescaler_tui.record.sqlite import Head, StoredEvent


class Finding(StrEnum):
    """What can be wrong with a journal."""

    EDITED = "edited"
    MISSING = "missing"
    OUT_OF_ORDER = "out of order"
    TRUNCATED = "truncated"
    UNREADABLE = "unreadable"
    NO_BEGINNING = "no beginning"


@dataclass(frozen=True, slots=True)
class Flaw:
    """One thing that is wrong, and from which position on nothing can be asserted any more."""

    finding: Finding
    seq: int
    sentence: str


@dataclass(frozen=True, slots=True)
class Verification:
    """The outcome: how many events hold, up to which hash, and the first flaw if there is one."""

    events: int
    head: str
    flaw: Flaw | None

    @property
    def intact(self) -> bool:
        """Whether every event holds and the chain ends where the head says."""
        return self.flaw is None

    @property
    def sentences(self) -> tuple[str, ...]:
        """What was proved, in plain words, and what a chain alone cannot prove."""
        if self.flaw is None:
            return (
                f"{self.events} events, each chained to the one before; the chain ends at {self.head[:16]}….",
                "Not proved: that the file is the newest copy. Compare the head with one in the receiver's log.",
            )
        return (
            self.flaw.sentence,
            f"{self.events} events before position {self.flaw.seq} hold; from there on nothing can be asserted.",
        )


def verify(stored: Iterable[StoredEvent], head: Head) -> Verification:
    """Recompute every hash from the stored bytes. One pass, constant memory."""
    count, digest = 0, ""
    for row in stored:
        expected = count + 1
        if not digest:
            digest = _genesis_of(row)
        flaw = _flaw_in(row, expected, digest)
        if flaw is not None:
            return Verification(count, digest, flaw)
        count, digest = expected, row.hash
    return Verification(count, digest, _flaw_at_end(count, digest, head))


def _genesis_of(row: StoredEvent) -> str:
    """What the first event must be chained to, by its own account of the installation."""
    try:
        installation = json.loads(row.canonical)["fields"]["installation"]
    except (ValueError, KeyError, TypeError):
        installation = ""
    return genesis_hash(str(installation))


def _flaw_in(row: StoredEvent, expected: int, previous: str) -> Flaw | None:
    if row.seq != expected:
        finding = Finding.NO_BEGINNING if expected == 1 else Finding.MISSING
        return Flaw(finding, expected, f"The event at position {expected} is missing; {row.seq} comes next.")
    try:
        document = json.loads(row.canonical)
    except ValueError:
        return Flaw(Finding.UNREADABLE, expected, f"The event at position {expected} cannot be read.")
    if chained_hash(previous, row.canonical) != row.hash:
        return Flaw(Finding.EDITED, expected, f"The event at position {expected} was edited, or what it follows was.")
    if not isinstance(document, dict) or document.get("seq") != expected:
        return Flaw(Finding.OUT_OF_ORDER, expected, f"The event at position {expected} was moved there.")
    return None


def _flaw_at_end(count: int, digest: str, head: Head) -> Flaw | None:
    if count == head.seq and digest == head.hash:
        return None
    if count < head.seq:
        return Flaw(Finding.TRUNCATED, count + 1, f"The last {head.seq - count} events were cut off.")
    return Flaw(Finding.EDITED, head.seq + 1, "The chain does not end at the head that was recorded with it.")
