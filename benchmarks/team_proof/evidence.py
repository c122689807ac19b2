"""Evidence: what engines, receivers and the server wrote down on their own, each in a place that no other one touches.

Engines and receivers append JSON lines to a file of their own, one system call for each, so that what they knew
outlives them. Times are seconds of the machine's monotonic clock, which all its processes share and no jump changes.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from nodescaler_tui.events import Event

Note = dict[str, Any]
POLLING: Final = "poller "
"""How the name of a poller's lease begins."""


class NoteBook:
    """A file of one process, to which it appends what it knows at the moment at which it knows it."""

    def __init__(self, path: Path) -> None:
        self._descriptor = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o600)

    def note(self, what: str, **known: object) -> None:
        """One line; it is in the kernel's hands when this returns, so that a kill cannot take it back."""
        line = json.dumps({"what": what, "at": time.monotonic(), **known}, default=str)
        os.write(self._descriptor, f"{line}\n".encode())


def notes_in(path: Path) -> Iterator[Note]:
    """Every whole line of a notebook, oldest first; none when there is none."""
    if not path.exists():
        return
    with path.open("rb") as lines:
        for line in lines:
            if line.endswith(b"\n"):
                yield json.loads(line)


@dataclass(frozen=True, slots=True)
class Confirmed:
    """A transaction whose commit was confirmed to an instance: the last event that it wrote."""

    instance: str
    seq: int
    hash: str


@dataclass(frozen=True, slots=True)
class Delivered:
    """One request as it reached a receiver, and whether that acted on it; `repeats` is the receiver's kind."""

    repeats: str
    operation_id: str
    attempt: int
    acted: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the server's own record: a lease that got a new token, or an observation written under one."""

    lease: str
    token: int
    is_observation: bool


@dataclass(frozen=True, slots=True)
class Evidence:
    """Everything that is compared. `flaw` says what is wrong with the chain; `told` are said to be approved."""

    events: Sequence[Event]
    flaw: str
    confirmed: Sequence[Confirmed]
    told: Sequence[str]
    delivered: Sequence[Delivered]
    record: Sequence[Entry]


def confirmed_in(instance: str, notes: Sequence[Note]) -> list[Confirmed]:
    """What an instance was told is in the journal."""
    return [Confirmed(instance, note["seq"], note["hash"]) for note in notes if note["what"] == "confirmed"]


def told_in(notes: Sequence[Note]) -> list[str]:
    """The operations of which an operator at this instance was told that they are approved."""
    return [note["operation"] for note in notes if note["what"] == "answered" and note["approved"]]


def delivered_in(notes: Sequence[Note]) -> list[Delivered]:
    """What reached a receiver."""
    return [
        Delivered(note["repeats"], note["key"], note["attempt"], note["acted"])
        for note in notes
        if note["what"] == "delivered"
    ]
