"""Recording: what was observed and what was done, written to a file as it happens, for a replay later.

A recording is gzip-compressed JSON, one object a line: a header, then observations and journal events as they came. It
holds no secret: observations and events never do. A file that ends in the middle of a line is read as far as it goes.
"""

from __future__ import annotations

import gzip
import threading
import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Final, TextIO, cast

import msgspec

from nodescaler_tui.decide.thresholds import ThresholdMatrix
from nodescaler_tui.engine.assessment import Rules
from nodescaler_tui.events import Event, EventKind
from nodescaler_tui.facts import Observation
from nodescaler_tui.state import Scope

VERSION: Final = 1


class UnusableRecording(Exception):  # noqa: N818 - the name is the sentence that the operator reads first
    """A file that cannot be replayed: which one, and why."""


class Header(msgspec.Struct, frozen=True):
    """What holds for a whole recording."""

    nodescaler_recording: int
    began_at: datetime
    scope: Scope
    rules: Rules
    matrices: dict[str, ThresholdMatrix]
    poll_every_s: float


class StoredEvent(msgspec.Struct, frozen=True):
    """A journal event as a recording keeps it."""

    seq: int
    hash: str
    kind: str
    at: datetime
    operator: str
    group_id: str
    operation_id: str
    fields: dict[str, Any]


class Entry(msgspec.Struct, frozen=True, omit_defaults=True):
    """One line after the header: an observation or an event."""

    observation: Observation | None = None
    event: StoredEvent | None = None


@dataclass(frozen=True, slots=True)
class Recording:
    """A whole recording, in the order of time."""

    header: Header
    observations: tuple[Observation, ...]
    events: tuple[Event, ...]

    @property
    def begins(self) -> datetime:
        """When the first observation was made."""
        return self.observations[0].taken_at

    @property
    def ends(self) -> datetime:
        """When the last observation was made."""
        return self.observations[-1].taken_at

    def between(self, begins: datetime | None, ends: datetime | None) -> Recording:
        """The part between two moments; events from before it stay, for they say what was known. Raises as below."""
        kept = tuple(
            observation
            for observation in self.observations
            if (begins is None or observation.taken_at >= begins) and (ends is None or observation.taken_at <= ends)
        )
        if not kept:
            raise UnusableRecording("Nothing was recorded between these moments.")
        return Recording(self.header, kept, self.events)


class Recorder:
    """Writes one recording at a time. Every method but `active` may block on the disk."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._file: TextIO | None = None
        self._last_seq = 0
        self.path: Path | None = None

    @property
    def active(self) -> bool:
        """Whether a recording is being written."""
        return self.path is not None

    def start(self, path: Path, header: Header, events: Iterable[Event]) -> None:
        """Begin a new file with what is known already. Raises OSError."""
        with self._lock:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = _opened(path)
            path.chmod(0o600)
            self.path, self._last_seq = path, 0
            self._write(header)
        self.happened(events)

    def observed(self, observation: Observation) -> None:
        """One poll. Raises OSError."""
        with self._lock:
            self._write(Entry(observation=observation))

    def happened(self, events: Iterable[Event]) -> None:
        """Journal events, each once. Raises OSError."""
        with self._lock:
            for event in events:
                if event.seq > self._last_seq:
                    self._last_seq = event.seq
                    self._write(Entry(event=_stored(event)))

    def _write(self, line: Header | Entry) -> None:
        if self._file is not None:
            self._file.write(msgspec.json.encode(line).decode() + "\n")
            self._file.flush()

    def stop(self) -> Path | None:
        """Close the file; where it is."""
        with self._lock:
            path, file = self.path, self._file
            self.path = self._file = None
            if file is not None:
                file.close()
            return path


def _opened(path: Path) -> TextIO:
    """A file that stays open for as long as it is recorded."""
    return cast("TextIO", gzip.open(path, "xt", encoding="utf-8"))


def _stored(event: Event) -> StoredEvent:
    return StoredEvent(
        event.seq,
        event.hash,
        event.kind.value,
        event.at,
        event.operator,
        event.group_id,
        event.operation_id,
        dict(event.fields),
    )


def read_recording(path: Path) -> Recording:
    """All of a file, as far as it was written. Raises UnusableRecording."""
    lines = _lines(path)
    try:
        header = msgspec.json.decode(lines[0] if lines else b"", type=Header)
    except msgspec.DecodeError as error:
        raise UnusableRecording(f"{path} is no recording of nodescaler-tui.") from error
    if header.nodescaler_recording != VERSION:
        raise UnusableRecording(f"{path} was made by another version (format {header.nodescaler_recording}).")
    entries = [entry for line in lines[1:] for entry in _entry(line)]
    observations = tuple(entry.observation for entry in entries if entry.observation is not None)
    if not observations:
        raise UnusableRecording(f"{path} holds no observation.")
    return Recording(header, observations, tuple(_event(entry.event) for entry in entries if entry.event is not None))


def _lines(path: Path) -> list[bytes]:
    found: list[bytes] = []
    try:
        with gzip.open(path, "rb") as file:
            found.extend(file)
    except (EOFError, zlib.error):
        return found
    except (OSError, gzip.BadGzipFile) as error:
        if not found:
            raise UnusableRecording(f"{path} cannot be read: {error}.") from error
    return found


def _entry(line: bytes) -> tuple[Entry, ...]:
    """The entry of a line; a last line that is not whole is none."""
    try:
        return (msgspec.json.decode(line, type=Entry),)
    except msgspec.DecodeError:
        return ()


def _event(stored: StoredEvent) -> Event:
    fields: Mapping[str, Any] = stored.fields
    kind = EventKind(stored.kind)
    return Event(
        stored.seq, stored.hash, kind, stored.at, stored.operator, stored.group_id, stored.operation_id, fields
    )
