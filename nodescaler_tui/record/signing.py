"""Ed25519 keys for the heads of a journal, as one line of text each, in the form that transparency logs use.

A key has a name; the name and the key together give its id, so that a signature by another key is told apart from a
signature that is wrong (C2SP signed-note). The library behind it is an extra and is imported only where a key is used.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

_ED25519: Final = b"\x01"
_PRIVATE: Final = "PRIVATE+KEY+"
ID_LENGTH: Final = 4
_MISSING: Final = "Signed heads need one more package: pip install 'nodescaler-tui[signing]'."


class UnusableKey(ValueError):  # noqa: N818 - named for what the key is
    """A key that cannot be used: why, and what to do. Never holds the key itself."""


@dataclass(frozen=True, slots=True)
class VerifyingKey:
    """The public half: it can be given to anyone who is to verify. `name` has neither spaces nor plus signs."""

    name: str
    public: bytes

    @property
    def id(self) -> bytes:
        """Four bytes that name this key in a signature."""
        return hashlib.sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:ID_LENGTH]

    @property
    def text(self) -> str:
        """NAME+ID+KEY, on one line."""
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_ED25519 + self.public).decode()}"

    @classmethod
    def from_text(cls, text: str) -> VerifyingKey:
        """Read the line back. Raises UnusableKey."""
        name, key_id, public = _parts(text, "public")
        key = cls(name, public)
        if key.id.hex() != key_id:
            raise UnusableKey("This public key is damaged: its id does not belong to it.")
        return key

    def holds(self, message: bytes, signature: bytes) -> bool:
        """Whether this key signed these bytes. Raises UnusableKey where the library is missing."""
        try:
            from cryptography.exceptions import InvalidSignature  # noqa: PLC0415 - an extra, and 40 ms
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415
        except ImportError:
            raise UnusableKey(_MISSING) from None
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """The private half; its file is readable by its owner only."""

    name: str
    seed: bytes = field(repr=False)

    @classmethod
    def generate(cls, name: str) -> SigningKey:
        """A new key."""
        return cls(name, secrets.token_bytes(32))

    @classmethod
    def read(cls, path: Path) -> SigningKey:
        """The key in this file. Raises UnusableKey when others may read it, too."""
        try:
            if path.stat().st_mode & 0o077:
                raise UnusableKey(f"The signing key {path} can be read by others. Run `chmod 600 {path}`.")
            text = path.read_text(encoding="ascii")
        except OSError as error:
            raise UnusableKey(f"The signing key {path} cannot be read: {error.strerror}.") from error
        except UnicodeDecodeError:
            raise UnusableKey(f"{path} holds no signing key.") from None
        if not text.startswith(_PRIVATE):
            raise UnusableKey(f"{path} holds no signing key. Make one with `nodescaler-tui audit keygen`.")
        name, key_id, seed = _parts(text.removeprefix(_PRIVATE), "signing")
        key = cls(name, seed)
        if key.verifying.id.hex() != key_id:
            raise UnusableKey(f"The signing key in {path} is damaged. Make a new one and publish its public half.")
        return key

    def write(self, path: Path) -> None:
        """Keep the key in a new file. Raises OSError; a file that is there already is never overwritten."""
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            encoded = base64.b64encode(_ED25519 + self.seed).decode()
            file.write(f"{_PRIVATE}{self.name}+{self.verifying.id.hex()}+{encoded}\n")

    @property
    def verifying(self) -> VerifyingKey:
        """The public half. Raises UnusableKey where the library is missing."""
        return VerifyingKey(self.name, self._private().public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """The signature of these bytes, 64 bytes long. Raises UnusableKey where the library is missing."""
        return self._private().sign(message)

    def _private(self) -> Ed25519PrivateKey:
        try:
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415 - an extra
        except ImportError:
            raise UnusableKey(_MISSING) from None
        return Ed25519PrivateKey.from_private_bytes(self.seed)


def _parts(text: str, which: str) -> tuple[str, str, bytes]:
    """The name, the id and the 32 bytes of a key's line; the name itself may hold no plus sign, the bytes may."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    try:
        raw = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    if not name or any(character.isspace() for character in name) or raw[:1] != _ED25519 or len(raw) != 33:
        raise UnusableKey(f"This is not a {which} key as `nodescaler-tui audit keygen` makes it.")
    return name, key_id, raw[1:]
