"""The witness: the heads of the journal, kept outside of its file, so that an older or another journal is noticed.

A hash chain proves that nothing within it was changed. That the end was cut off, that an old copy was put back, or that
the whole chain was written anew, only somebody who remembers a later head can tell. Each commit leaves its head here,
as one line "size:hash", signed where there is a key; the receivers of approved requests remember it too, from a header.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from nodescaler_tui.record.checkpoint import Checkpoint, against_signature, signature_of
from nodescaler_tui.record.rows import Head
from nodescaler_tui.record.signing import SigningKey, VerifyingKey
from nodescaler_tui.record.testimony import OR_ACCEPT, Disagreement, Testimony, testimony_of

_LINE: Final = re.compile(rb"(?m)^([1-9][0-9]{0,17}):([0-9a-f]{64})(?: ([A-Za-z0-9+/]{91}=))?\n")
_TAIL: Final = 1 << 16
"""Bytes of the end in which the newest head is looked for; several processes may write in another order."""


@dataclass(frozen=True, slots=True)
class _Remembered:
    head: Head
    signature: str


class Witness:
    """Remembers heads in a file that only grows. A witness that cannot write stops no act; it says so when asked.

    With a signing key each head is signed, and a newest head without this key's signature speaks against the journal;
    with a verifying key alone the same is checked and nothing can be signed.
    """

    def __init__(
        self, path: Path, signing_key: SigningKey | None = None, verifying_key: VerifyingKey | None = None
    ) -> None:
        self._path = path
        self._signing_key = signing_key
        self._verifying_key = verifying_key if signing_key is None else signing_key.verifying
        self.problem = ""

    def remember(self, head: Head) -> None:
        """Add this head, durably. What goes wrong is kept in `problem`."""
        try:
            self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(self._path, os.O_CREAT | os.O_APPEND | os.O_WRONLY | os.O_CLOEXEC, 0o600)
            try:
                os.write(descriptor, f"{head.seq}:{head.hash}{self._seal(head)}\n".encode())
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
        remembered = self._newest()
        return None if remembered is None else remembered.head

    def against(self, hash_at: Callable[[int], str | None]) -> Testimony | None:
        """What speaks against a journal whose event at a position has this hash, None where it has no such event."""
        remembered = self._newest()
        if remembered is None:
            return None
        return testimony_of(remembered.head, hash_at) or self._doubt(remembered)

    def _seal(self, head: Head) -> str:
        key = self._signing_key
        return "" if key is None else f" {signature_of(Checkpoint(key.name, head), key)}"

    def _doubt(self, remembered: _Remembered) -> Testimony | None:
        """Why the newest head itself cannot be believed, where a key says what it must carry."""
        key = self._verifying_key
        if key is None:
            return None
        if not remembered.signature:
            return Testimony(
                Disagreement.UNSIGNED,
                f"The last confirmed head in {self._path} is not signed, although a key is configured: somebody else "
                f"wrote it, or it is older than the key. Compare it with a receiver's log{OR_ACCEPT}",
            )
        return against_signature(Checkpoint(key.name, remembered.head), remembered.signature, key)

    def _newest(self) -> _Remembered | None:
        try:
            with self._path.open("rb") as file:
                file.seek(max(0, file.seek(0, os.SEEK_END) - _TAIL))
                tail = file.read()
        except OSError:
            return None
        lines = [
            _Remembered(Head(int(size), digest.decode()), signature.decode())
            for size, digest, signature in _LINE.findall(tail)
        ]
        return max(reversed(lines), key=lambda line: line.head.seq, default=None)
