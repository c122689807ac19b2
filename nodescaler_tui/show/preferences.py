"""Preferences: how an operator wants the dashboard to look, to be steered, and to call for attention."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Final

NO_KEYMAP: Final[Mapping[str, str]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class QuietHours:
    """A time of day in which nothing rings, in minutes after midnight by this machine's clock; it may pass midnight."""

    begins: int
    ends: int

    def hold(self, minute: int) -> bool:
        """Whether this minute of the day is quiet."""
        if self.begins <= self.ends:
            return self.begins <= minute < self.ends
        return minute >= self.begins or minute < self.ends


@dataclass(frozen=True, slots=True)
class AttentionPreferences:
    """In which ways the dashboard may call: the bell, a notification of the desktop, the title of the window."""

    bell: bool = True
    desktop: bool = True
    title: bool = True
    quiet: QuietHours | None = None


@dataclass(frozen=True, slots=True)
class Preferences:
    """All of them. `user_themes` is a folder of theme files beside the product's own."""

    theme: str = "dark"
    user_themes: Path | None = None
    keys: Mapping[str, str] = field(default_factory=dict)
    attention: AttentionPreferences = field(default_factory=AttentionPreferences)
