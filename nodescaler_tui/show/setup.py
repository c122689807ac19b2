"""What the first-run screen shows and asks for. Whoever knows the settings implements it; the screen only shows it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from nodescaler_tui.display_text import EMPTY, DisplayText

Typed = Mapping[str, str]
"""What was typed, by the key of its setting. A field that is left empty keeps what is set already."""


class Choice(StrEnum):
    """How the first-run screen is left."""

    LEAVE = "leave"
    DEMO = "demo"
    DASHBOARD = "dashboard"


class Mark(StrEnum):
    """How a field or a check came out; only WRONG holds anything back."""

    OK = "✓"
    NOTE = "–"
    WRONG = "✗"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is to be said about a field, in one sentence."""

    mark: Mark
    sentence: DisplayText


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the trial: what was looked at, how it came out, and what to do."""

    mark: Mark
    name: DisplayText
    sentence: DisplayText


@dataclass(frozen=True, slots=True)
class Field:
    """One thing that can be typed. `present` is what is set already, as it may be shown; a fixed one cannot be typed.

    `key` is the setting's, such as `genesys.region`. `choices` are completed while typing.
    """

    key: str
    label: str
    present: DisplayText = EMPTY
    fixed: bool = False
    secret: bool = False
    optional: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """All fields as they are set now. `complete`: what is needed is there without anything typed.

    `problem` says why the configuration file cannot be used, `locked` why nothing can be typed here at all.
    """

    fields: tuple[Field, ...]
    config_file: DisplayText
    complete: bool = False
    problem: DisplayText = EMPTY
    locked: DisplayText = EMPTY


@dataclass(frozen=True, slots=True)
class Saved:
    """What saving came to. `complete`: the dashboard can be opened; without `kept` nothing was saved."""

    kept: bool
    complete: bool
    sentences: tuple[DisplayText, ...]


class Setup(Protocol):
    """What stands behind the screen. Only `trial` takes time; nothing here blocks."""

    def look(self) -> Sheet:
        """Look again at the environment and the configuration file."""

    def judge(self, typed: Typed) -> Mapping[str, Verdict]:
        """A verdict for every field, as things were at the last look."""

    def trial(self, typed: Typed) -> AsyncGenerator[Finding, None]:
        """Try it on Genesys Cloud, without acting; a line for each check as it is made."""

    def save(self, typed: Typed) -> Saved:
        """Keep everything but the secret in the configuration file, and the secret for this session."""
