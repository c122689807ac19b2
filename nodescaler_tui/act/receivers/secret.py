"""Secrets: where they come from, read when they are needed and kept nowhere else.

No error names more than the source; whatever a command wrote to its error output stays unread, because it may hold
the secret.
"""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from importlib import import_module
from pathlib import Path
from typing import Final

LARGEST_SECRET_BYTES: Final = 64 * 1024
COMMAND_WITHIN_S: Final = 5.0


class SecretUnavailable(Exception):  # noqa: N818 - the sentence is for the operator
    """A secret that cannot be had: from which source, and why. Never holds the secret or a part of it."""


class SecretKind(StrEnum):
    """Where a secret comes from; VALUE is one that was given directly."""

    ENVIRONMENT = "env"
    FILE = "file"
    COMMAND = "command"
    KEYRING = "keyring"
    VALUE = "value"


@dataclass(frozen=True, slots=True)
class SecretSource:
    """One secret. `place` is the variable, the path or the keyring's service; a command is a list, never a line."""

    kind: SecretKind
    place: str = ""
    user: str = ""
    command: tuple[str, ...] = field(default=(), repr=False)
    value: str = field(default="", repr=False)
    timeout_s: float = COMMAND_WITHIN_S

    @property
    def description(self) -> str:
        """The source in words; of a command only the program, since its arguments may say too much."""
        match self.kind:
            case SecretKind.ENVIRONMENT:
                return f"environment {self.place}"
            case SecretKind.FILE:
                return f"file {self.place}"
            case SecretKind.COMMAND:
                return f"command {self.command[0]}"
            case SecretKind.KEYRING:
                return f"keyring {self.place}"
            case SecretKind.VALUE:
                return "given directly"

    def read(self, within_s: float) -> str:
        """The secret without the line break at its end. Raises SecretUnavailable."""
        secret = self._found(within_s).rstrip("\r\n")
        if not secret:
            raise SecretUnavailable(f"The secret from {self.description} is empty.")
        if not secret.isascii() or not secret.isprintable():
            raise SecretUnavailable(f"The secret from {self.description} has characters that no header can carry.")
        return secret

    def _found(self, within_s: float) -> str:
        match self.kind:
            case SecretKind.ENVIRONMENT:
                return os.environ.get(self.place, "")
            case SecretKind.FILE:
                return self._from_file()
            case SecretKind.COMMAND:
                return self._from_command(min(within_s, self.timeout_s))
            case SecretKind.KEYRING:
                return self._from_keyring()
            case SecretKind.VALUE:
                return self.value

    def _from_file(self) -> str:
        try:
            with Path(self.place).expanduser().open("rb") as file:
                return _decoded(file.read(LARGEST_SECRET_BYTES), self.description)
        except OSError as error:
            raise SecretUnavailable(f"The secret's {self.description} cannot be read: {error.strerror}.") from None

    def _from_command(self, within_s: float) -> str:
        try:
            process = subprocess.Popen(  # noqa: S603 - a list that the operator configured, without a shell
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        except OSError as error:
            raise SecretUnavailable(f"The secret's {self.description} cannot be run: {error.strerror}.") from None
        with process:
            try:
                output, _ = process.communicate(timeout=within_s)
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError):  # it may have ended at this very moment
                    os.killpg(process.pid, signal.SIGKILL)
                raise SecretUnavailable(f"The secret's {self.description} took longer than {within_s:.1f} s.") from None
        if process.returncode != 0:
            raise SecretUnavailable(f"The secret's {self.description} ended with {process.returncode}.")
        return _decoded(output, self.description)

    def _from_keyring(self) -> str:
        try:
            keyring = import_module("keyring")
        except ImportError:
            raise SecretUnavailable(
                "The keyring cannot be read: install the extra with pip install 'nodescaler-tui[keyring]'."
            ) from None
        try:
            secret = keyring.get_password(self.place, self.user)
        except import_module("keyring.errors").KeyringError as error:
            raise SecretUnavailable(f"The {self.description} cannot be read: {type(error).__name__}.") from None
        return secret or ""


def _decoded(data: bytes, description: str) -> str:
    try:
        return data.decode()
    except UnicodeDecodeError:
        raise SecretUnavailable(f"The secret from {description} is not text.") from None


def read_all(sources: tuple[SecretSource, ...], within_s: float) -> tuple[str, ...]:
    """Every secret, the newest first as configured. Raises SecretUnavailable for the first that cannot be had."""
    return tuple(source.read(within_s) for source in sources)


def redacted(text: str, secrets: tuple[str, ...]) -> str:
    """The text without our secrets, should a receiver echo them."""
    for secret in secrets:
        text = text.replace(secret, "[secret]")
    return text
