"""Looks: how big, in which colours, and what is added to a picture's name for that."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EVERY_THEME: Final = ("light", "high_contrast", "colour_blind", "ansi")


@dataclass(frozen=True, slots=True)
class Look:
    """A terminal's columns and lines, a theme, and whether it may show colours at all."""

    size: tuple[int, int] = (120, 36)
    theme: str = "dark"
    colours: bool = True
    suffix: str = ""


MAIN: Final = Look()
SIZES: Final = (MAIN, Look((80, 24), suffix="-80x24"), Look((200, 60), suffix="-200x60"))
THEMES: Final = tuple(Look(theme=theme, suffix=f"-{theme}") for theme in EVERY_THEME)
NO_COLOR: Final = Look(colours=False, suffix="-no_color")
EVERY_LOOK: Final = (*SIZES, *THEMES)
