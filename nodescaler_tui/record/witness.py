"""The witness: the heads of the journal, kept outside of its file, so that an older or another journal is noticed.

A hash chain proves that nothing within it was changed. That the end was cut off, that an old copy was put back, or that
the whole chain was written anew, only somebody who remembers a later head can tell. Each commit leaves its head here,
as one line "size:hash"; the receivers of approved requests remember it too, from a header.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from nodescaler_tui.record.rows import Head

_LINE: Final = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")

_OR_ACCEPT: Final = ", or accept this one with `nodescaler-tui audit accept --reason WHY`."


class Disagreement(StrEnum):
    """How a journal can differ from what was witnessed of it."""

    ROLLED_BACK = "rolled back"
    FORKED = "forked"


@dataclass(frozen=True, slots=True)
class Testimony:
    """What the witness says against a journal, in a sentence that says what to do."""

    disagreement: Disagreement
    sentence: str


class Witness:
    """Remembers heads in a file that only grows. A witness that cannot write stops no act; it says so when asked."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problem = ""

    def remember(self, head: Head) -> None:
        """Add this head, durably. What goes wrong is kept in `problem`."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            try:
                os.write(descriptor, f"{head.seq}:{head.hash}\n".encode())
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            self.problem = f"The journal's heads cannot be kept in {self._path} ({error.strerror})."
        else:
            self.problem = ""

    def begin_anew(self, head: Head) -> None:
        """Forget what was remembered, because somebody has accepted this journal. Raises OSError."""
        self._path.unlink(missing_ok=True)
        self.remember(head)

    def last(self) -> Head | None:
        """The newest head that was remembered whole, None when there is none. A torn last line says nothing."""
        try:
            text = self._path.read_text(encoding="ascii", errors="replace")
        except OSError:
            return None
        heads = [Head(int(size), digest) for size, digest in _LINE.findall(text)]
        return max(heads, key=lambda head: head.seq, default=None)

    def against(self, hash_at: Callable[[int], str | None]) -> Testimony | None:
        """What speaks against a journal whose event at a position has this hash, None where it has no such event."""
        last = self.last()
        if last is None:
            return None
        found = hash_at(last.seq)
        if found == last.hash:
            return None
        if found is None:
            return Testimony(
                Disagreement.ROLLED_BACK,
                f"{last.seq} events were once confirmed, and the journal does not hold the last of them: its end was "
                f"cut off, or an old copy was put back. Restore the newest copy{_OR_ACCEPT}",
            )
        return Testimony(
            Disagreement.FORKED,
            f"The event at position {last.seq} is not the one that was once confirmed: the journal was written anew, "
            f"or is another one. Restore the right copy{_OR_ACCEPT}",
        )
