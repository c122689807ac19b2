"""One row of the table of settings, and the kinds of values that a row can have."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

LOOPBACK: Final = "127.0.0.1"


@dataclass(frozen=True, slots=True)
class Row:
    """One setting. `read` turns text or a TOML value into the typed value and raises ValueError with a sentence."""

    key: str
    default: object
    read: Callable[[object], object]
    purpose: str
    variable: str = ""
    secret: bool = False


def text(value: object) -> str:
    """Any text."""
    if not isinstance(value, str):
        raise ValueError("must be text in quotes")
    return value


def whole(least: int, most: int = 10**9) -> Callable[[object], int]:
    """A whole number within bounds."""

    def read(value: object) -> int:
        try:
            number = int(value) if isinstance(value, str) else value
        except ValueError:
            raise ValueError("must be a whole number") from None
        if not isinstance(number, int) or isinstance(number, bool):
            raise ValueError("must be a whole number")
        if not least <= number <= most:
            raise ValueError(f"must be at least {least}" if number < least else f"must be at most {most}")
        return number

    return read


def decimal(least: float, most: float = 1e9) -> Callable[[object], float]:
    """A number within bounds."""

    def read(value: object) -> float:
        try:
            number = float(value) if isinstance(value, str | int | float) and not isinstance(value, bool) else None
        except ValueError:
            number = None
        if number is None or not least <= number <= most:
            raise ValueError(f"must be a number from {least:g} to {most:g}")
        return number

    return read


def flag(value: object) -> bool:
    """True or false; in the environment 1, true, yes or on."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in {"1", "true", "yes", "on"}:
        return True
    if isinstance(value, str) and value.lower() in {"", "0", "false", "no", "off"}:
        return False
    raise ValueError("must be true or false")


def quiet_hours(value: object) -> str:
    """Two times of day with a dash between, or nothing."""
    if value == "":
        return ""
    if not isinstance(value, str) or not re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d-([01]\d|2[0-3]):[0-5]\d", value):
        raise ValueError("must be two times of day such as 22:00-07:00")
    return value


def listen_address(value: object) -> str:
    """A port of this machine, or an address and a port, as HOST:PORT; or nothing."""
    if value == "":
        return ""
    host, _, port = str(value).rpartition(":")
    if isinstance(value, bool) or not port.isascii() or not port.isdigit() or not 0 <= int(port) <= 65535:
        raise ValueError("must be an address and a port such as 127.0.0.1:9464")
    return f"{host or LOOPBACK}:{int(port)}"


def one_of(*choices: str) -> Callable[[object], str]:
    """One of these words."""

    def read(value: object) -> str:
        if value not in choices or not isinstance(value, str):
            raise ValueError(f"must be one of {', '.join(choices)}")
        return value

    return read
