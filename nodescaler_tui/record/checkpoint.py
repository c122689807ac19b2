"""Checkpoints: a head as a short signed text that can leave the machine, for a ticket, a log or a printout.

The text has three lines: the origin, which names the installation; how many events; and the head's hash in base64. The
layout is that of C2SP tlog-checkpoint and signed-note, so that their tools can read it; the hash is the head of our
chain, not the root of a tree.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from nodescaler_tui.record.rows import Head
from nodescaler_tui.record.signing import ID_LENGTH, SigningKey, VerifyingKey
from nodescaler_tui.record.testimony import Disagreement, Testimony, testimony_of

_DASH: Final = "—"


def origin_of(installation: str) -> str:
    """The name of a journal in its checkpoints, and of the key that signs them."""
    return f"nodescaler-tui/{installation}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A head, and whose."""

    origin: str
    head: Head

    @property
    def text(self) -> str:
        """What is signed."""
        return f"{self.origin}\n{self.head.seq}\n{base64.b64encode(bytes.fromhex(self.head.hash)).decode()}\n"

    def signed(self, key: SigningKey) -> str:
        """The whole signed text."""
        return f"{self.text}\n{_DASH} {key.name} {signature_of(self, key)}\n"


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint as somebody handed it over, with who says to have signed it: names and base64. Not yet believed."""

    checkpoint: Checkpoint
    signatures: tuple[tuple[str, str], ...]


def signature_of(checkpoint: Checkpoint, key: SigningKey) -> str:
    """The key's id and its signature, in base64."""
    return base64.b64encode(key.verifying.id + key.sign(checkpoint.text.encode())).decode()


def read_checkpoint(text: str) -> SignedCheckpoint:
    """Read a signed text. Raises ValueError when it is none."""
    body, _, tail = text.rpartition("\n\n")
    lines = body.split("\n")
    if len(lines) < 3 or not lines[1].isdecimal() or len(lines[1]) > 18:
        raise ValueError("it has no origin, number of events and hash")
    digest = base64.b64decode(lines[2], validate=True)
    if len(digest) != 32:
        raise ValueError("its hash has not 32 bytes")
    signatures: list[tuple[str, str]] = []
    for line in tail.splitlines():
        dash, _, rest = line.partition(" ")
        name, _, signature = rest.partition(" ")
        if dash != _DASH or not name or not signature:
            raise ValueError("a line after the empty one is no signature")
        signatures.append((name, signature))
    return SignedCheckpoint(Checkpoint(lines[0], Head(int(lines[1]), digest.hex())), tuple(signatures))


def against_signature(checkpoint: Checkpoint, signature: str, key: VerifyingKey) -> Testimony | None:
    """Why a signature cannot be believed, None when this key made it. Raises UnusableKey."""
    try:
        raw = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if raw[:ID_LENGTH] != key.id:
        return Testimony(
            Disagreement.WRONG_KEY,
            f"The head {checkpoint.head.seq} was signed with another key than {key.name}+{key.id.hex()}.",
        )
    if not key.holds(checkpoint.text.encode(), raw[ID_LENGTH:]):
        return Testimony(
            Disagreement.BAD_SIGNATURE,
            f"The signature of the head {checkpoint.head.seq} does not hold: the head was changed after it was signed.",
        )
    return None


def against_checkpoint(
    text: str, key: VerifyingKey, installation: str, hash_at: Callable[[int], str | None]
) -> Testimony | None:
    """What a checkpoint from elsewhere says against a journal of this installation. Raises UnusableKey."""
    try:
        note = read_checkpoint(text)
    except ValueError as error:
        return Testimony(Disagreement.NOT_A_CHECKPOINT, f"This is no checkpoint: {error}.")
    checkpoint = note.checkpoint
    by_name = [signature for name, signature in note.signatures if name == key.name]
    if not by_name:
        return Testimony(Disagreement.WRONG_KEY, f"The checkpoint carries no signature of {key.name}.")
    doubt = against_signature(checkpoint, by_name[0], key)
    if doubt is not None:
        return doubt
    if checkpoint.origin != origin_of(installation):
        return Testimony(
            Disagreement.FOREIGN, f"The checkpoint is of {checkpoint.origin}, this journal of {installation}."
        )
    return testimony_of(checkpoint.head, hash_at)
