"""Power cuts: what is on the disk when the power goes at any moment, with whatever was not synced dropped or torn.

    python -m benchmarks.power_cuts [--states 100000]

Real transactions of the journal run once, on a virtual file system that writes down every write, truncation and sync.
Then each state that a cut could have left is laid out as files, and the production code has to open it, find every
event that was confirmed, and verify the chain. `--synchronous OFF` shows that the proof can fail.
"""

from __future__ import annotations

import argparse
import random
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, cast

import apsw

from nodescaler_tui.events import Draft, EventKind, JournalUnavailable
from nodescaler_tui.record.canonical import chained_hash
from nodescaler_tui.record.chain import verify_journal
from nodescaler_tui.record.guards import operation_of, phase_after
from nodescaler_tui.record.schema import HASH_FUNCTION, OPERATION_FUNCTION, PHASE_FUNCTION
from nodescaler_tui.record.sqlite import SqliteJournal
from nodescaler_tui.record.transaction import SqliteTransaction

SECTOR: Final = 512
TRANSACTIONS: Final = 24
QUICK: Final = 2000
NOON: Final = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Write:
    """Bytes that were written to a file."""

    file: str
    offset: int
    data: bytes


@dataclass(frozen=True)
class Truncate:
    """A file was cut to this size."""

    file: str
    size: int


@dataclass(frozen=True)
class Sync:
    """Everything before this is on the disk, as far as this file goes."""

    file: str


Step = Write | Truncate | Sync


@dataclass
class Recording:
    """What a run did to its files, and after how many steps each of its transactions was confirmed."""

    before: dict[str, bytes]
    steps: list[Step] = field(default_factory=list)
    confirmed: list[int] = field(default_factory=list)
    hashes: list[str] = field(default_factory=list)


class _RecordingFile(apsw.VFSFile):
    def __init__(self, filename: apsw.URIFilename | str | None, flags: list[int], steps: list[Step]) -> None:
        super().__init__("unix", filename, flags)
        name = filename.filename() if isinstance(filename, apsw.URIFilename) else str(filename)
        self._name = Path(name).name
        self._steps = steps

    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802 - the name is the interface
        self._steps.append(Write(self._name, offset, bytes(data)))
        super().xWrite(data, offset)

    def xTruncate(self, newsize: int) -> None:  # noqa: N802 - the name is the interface
        self._steps.append(Truncate(self._name, newsize))
        super().xTruncate(newsize)

    def xSync(self, flags: int) -> None:  # noqa: N802 - the name is the interface
        self._steps.append(Sync(self._name))
        super().xSync(flags)


class _RecordingVfs(apsw.VFS):
    def __init__(self, steps: list[Step]) -> None:
        self._steps = steps
        super().__init__("recording", "unix")

    def xOpen(self, name: apsw.URIFilename | str | None, flags: list[int]) -> apsw.VFSFile:  # noqa: N802 - as above
        return _RecordingFile(name, flags, self._steps)


def recorded(synchronous: str = "FULL") -> Recording:
    """Run real transactions with the pragmas of production, and write down what reaches the disk."""
    folder = Path(tempfile.mkdtemp(prefix="power-"))
    path = folder / "journal.db"
    journal = SqliteJournal.open(path, version="proof", clock=lambda: NOON)
    recording = Recording({path.name: path.read_bytes()}, hashes=[journal.head().hash])
    with _writing(path, recording.steps, synchronous) as connection:
        for number in range(TRANSACTIONS):
            connection.execute("BEGIN IMMEDIATE")
            transaction = SqliteTransaction(connection)
            for _ in range(1 + number % 3):
                note = {"plan_hash": f"{number:064x}", "reason": "x" * (37 * number % 900)}
                draft = Draft(EventKind.PLAN_REJECTED, NOON, "anna", "g-1", fields=note)
                recording.hashes.append(transaction.append(draft).hash)
            connection.execute("COMMIT")
            recording.confirmed.append(len(recording.steps))
    shutil.rmtree(folder)
    return recording


@contextmanager
def _writing(path: Path, steps: list[Step], synchronous: str) -> Iterator[Any]:
    """A connection as record.connection makes it, on the recording file system."""
    vfs = _RecordingVfs(steps)
    connection = apsw.Connection(str(path), vfs="recording")
    try:
        connection.execute("PRAGMA journal_mode = TRUNCATE")
        connection.execute(f"PRAGMA synchronous = {synchronous}")
        connection.execute("PRAGMA fullfsync = ON")
        connection.execute("PRAGMA recursive_triggers = ON")
        _give_functions(connection)
        yield connection
    finally:
        connection.close()
        vfs.unregister()


def _give_functions(connection: apsw.Connection) -> None:
    """The SQL functions that the journal's guards need."""
    for name, function, arguments in (
        (HASH_FUNCTION, chained_hash, 2),
        (OPERATION_FUNCTION, operation_of, 1),
        (PHASE_FUNCTION, phase_after, 2),
    ):
        connection.create_scalar_function(name, cast("Any", function), arguments, deterministic=True)


def state_after(recording: Recording, cut: int, chance: random.Random) -> dict[str, bytes]:
    """The files after a cut at this step: what was synced stays, of the rest each write may be missing or torn."""
    files = {name: bytearray(content) for name, content in recording.before.items()}
    synced: dict[str, int] = {}
    for position, step in enumerate(recording.steps[:cut]):
        if isinstance(step, Sync):
            synced[step.file] = position
    for position, step in enumerate(recording.steps[:cut]):
        content = files.setdefault(step.file, bytearray())
        is_certain = position < synced.get(step.file, -1)
        if isinstance(step, Write):
            _apply(content, step, None if is_certain else chance)
        elif isinstance(step, Truncate) and (is_certain or chance.random() < 0.5):
            del content[step.size :]
    return {name: bytes(content) for name, content in files.items()}


def _apply(content: bytearray, write: Write, chance: random.Random | None) -> None:
    """The write as a whole, or of an uncertain one all, nothing, or some of its sectors."""
    fate = 1.0 if chance is None else chance.random()
    if fate < 0.3:
        return
    for start in range(0, len(write.data), SECTOR):
        if chance is not None and fate < 0.7 and chance.random() < 0.5:
            continue
        piece, at = write.data[start : start + SECTOR], write.offset + start
        if len(content) < at:
            content.extend(bytes(at - len(content)))
        content[at : at + len(piece)] = piece


def problem_with(recording: Recording, cut: int, files: dict[str, bytes], folder: Path) -> str:
    """What is wrong with what the production code finds in these files; empty when all is right."""
    for name, content in files.items():
        (folder / name).write_bytes(content)
    confirmed = sum(1 + number % 3 for number, at in enumerate(recording.confirmed) if at <= cut)
    try:
        journal = SqliteJournal.open(folder / "journal.db", version="proof")
        found = [event.hash for event in journal.read()]
        intact = verify_journal(journal).intact
    except JournalUnavailable as error:
        return f"corrupt: {error}"
    finally:
        for entry in folder.iterdir():
            entry.unlink()
    if not intact or found != recording.hashes[: len(found)]:
        return "corrupt: the chain does not hold"
    return "" if len(found) > confirmed else f"{1 + confirmed - len(found)} confirmed events are lost"


@dataclass(frozen=True)
class CutResult:
    """How many states were tried, and what was wrong with which."""

    states: int
    problems: tuple[str, ...]
    seconds: float


def tried(states: int, seed: int = 0, synchronous: str = "FULL") -> CutResult:
    """So many cuts at random steps."""
    began, recording = time.monotonic(), recorded(synchronous)
    shared = Path("/dev/shm")  # noqa: S108 - memory where there is some, because nothing here needs a disk
    folder = Path(tempfile.mkdtemp(prefix="power-", dir=shared if shared.is_dir() else None))
    problems: list[str] = []
    for number in range(states):
        chance = random.Random(f"{seed} {number}")
        cut = chance.randrange(len(recording.steps) + 1)
        problem = problem_with(recording, cut, state_after(recording, cut, chance), folder)
        if problem:
            problems.append(f"seed {seed} state {number}: {problem}")
    shutil.rmtree(folder)
    return CutResult(states, tuple(problems), time.monotonic() - began)


def main() -> int:
    """0 when nothing that was confirmed is ever lost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.power_cuts")
    parser.add_argument("--states", type=int, default=QUICK)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--synchronous", choices=("FULL", "NORMAL", "OFF"), default="FULL")
    options = parser.parse_args()
    result = tried(options.states, options.seed, options.synchronous)
    lost = sum("lost" in problem for problem in result.problems)
    corrupt = len(result.problems) - lost
    print("| states | with confirmed events lost | corrupt | time |\n| ---: | ---: | ---: | ---: |")
    print(f"| {result.states:,} | {lost} | {corrupt} | {result.seconds:.0f} s |")
    for problem in result.problems[:10]:
        print(problem)
    return 1 if result.problems else 0


if __name__ == "__main__":
    sys.exit(main())
