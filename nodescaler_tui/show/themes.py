"""Themes: TOML files, strictly read, so that a wrong one is a sentence and never a crash."""

from __future__ import annotations

import asyncio
import difflib
import tomllib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path
from typing import Any, Final

from textual.color import Color, ColorParseError
from textual.theme import Theme

LARGEST_FILE_BYTES: Final = 16 * 1024
BASE_COLOURS: Final = ("primary", "secondary", "accent", "foreground", "background", "surface", "panel")
INKS: Final = ("critical", "warning", "ok", "unknown", "stale", "axis", "mean", "worst", "muted", "selected")
DEFAULT: Final = "dark"
LOOK_EVERY_S: Final = 1.0
TOP_LEVEL: Final = ("name", "dark", "ansi", "colours", "inks")


class ThemeError(ValueError):
    """A theme that cannot be used: which file, which key, and what would be right."""


@dataclass(frozen=True, slots=True)
class Themes:
    """The themes that could be read, and a sentence for each file that could not."""

    found: tuple[Theme, ...]
    problems: tuple[str, ...]

    def named(self, name: str) -> Theme:
        """The theme of this name, or the default where there is none of it."""
        by_name = {theme.name: theme for theme in self.found}
        return by_name.get(name) or by_name.get(DEFAULT) or self.found[0]

    def after(self, name: str) -> Theme:
        """The theme that follows the one of this name."""
        names = [theme.name for theme in self.found]
        return self.found[(names.index(name) + 1) % len(names)] if name in names else self.found[0]


def load_themes(user_folder: Path | None) -> Themes:
    """The product's themes, then the user's own, which may replace them by name."""
    found: dict[str, Theme] = {}
    problems: list[str] = []
    for path in (*_shipped(), *_in_folder(user_folder)):
        try:
            theme = read_theme(path)
        except ThemeError as error:
            problems.append(str(error))
        else:
            found[theme.name] = theme
    return Themes(tuple(found.values()), tuple(problems))


async def watch_themes(user_folder: Path | None, changed: Callable[[Themes], None]) -> None:
    """Tell of the themes whenever one of the user's files was edited; the disk is looked at beside the event loop."""
    known = await asyncio.to_thread(_fingerprint, user_folder)
    while True:
        await asyncio.sleep(LOOK_EVERY_S)
        found = await asyncio.to_thread(_fingerprint, user_folder)
        if found != known:
            known = found
            changed(await asyncio.to_thread(load_themes, user_folder))


def _fingerprint(folder: Path | None) -> tuple[tuple[str, int], ...]:
    try:
        return tuple((path.name, path.stat().st_mtime_ns) for path in _in_folder(folder))
    except OSError:
        return ()


def shipped_folder() -> Path:
    """Where the product's themes are: inside the installed package, or beside it in a checkout."""
    installed = Path(str(files("nodescaler_tui"))) / "themes"
    return installed if installed.is_dir() else installed.parent.parent / "themes"


def _shipped() -> Iterable[Path]:
    return sorted(shipped_folder().glob("*.toml"))


def _in_folder(folder: Path | None) -> Iterable[Path]:
    return sorted(folder.glob("*.toml")) if folder is not None and folder.is_dir() else ()


def read_theme(path: Path) -> Theme:
    """One theme file. Raises ThemeError."""
    try:
        data = path.read_bytes()[: LARGEST_FILE_BYTES + 1]
        if len(data) > LARGEST_FILE_BYTES:
            raise ThemeError(f"The theme {path.name} is larger than {LARGEST_FILE_BYTES // 1024} KiB.")
        document = tomllib.loads(data.decode())
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise ThemeError(f"The theme {path.name} cannot be read: {type(error).__name__}.") from error
    _refuse_unknown(path, document, TOP_LEVEL)
    name, dark, ansi = document.get("name"), document.get("dark", True), document.get("ansi", False)
    if not isinstance(name, str) or not name.isidentifier() or not isinstance(dark, bool) or not isinstance(ansi, bool):
        raise ThemeError(f"The theme {path.name} needs a name made of letters, and dark and ansi true or false.")
    colours = _colours(path, document.get("colours"), BASE_COLOURS)
    inks = _colours(path, document.get("inks"), INKS)
    own = colours["foreground"] if ansi else None
    return Theme(
        name=name,
        dark=dark,
        ansi=ansi,
        primary=colours["primary"],
        secondary=colours["secondary"],
        accent=colours["accent"],
        foreground=colours["foreground"],
        background=colours["background"],
        surface=colours["surface"],
        panel=colours["panel"],
        variables={f"ns-{key}": value for key, value in inks.items()} | (_ansi_variables(colours) if ansi else {}),
        warning=own,
        error=own,
        success=own,
        boost=own,
    )


def _ansi_variables(colours: Mapping[str, str]) -> dict[str, str]:
    """What Textual derives by mixing colours, and cannot mix when they are the terminal's own."""
    ground, ink = colours["background"], colours["foreground"]
    inverse = ("block-cursor", "input-cursor", "input-selection", "screen-selection")
    return {
        "ansi-background": ground,
        "ansi-foreground": ink,
        "border-blurred": ink,
        "input-cursor-text-style": "none",
        **{f"{name}-background": ink for name in inverse},
        **{f"{name}-foreground": ground for name in inverse},
    }


def _colours(path: Path, section: Any, names: tuple[str, ...]) -> dict[str, str]:  # noqa: ANN401 - read from a file
    if not isinstance(section, Mapping):
        raise ThemeError(f"The theme {path.name} lacks a section with {', '.join(names)}.")
    _refuse_unknown(path, section, names)
    missing = [name for name in names if name not in section]
    if missing:
        raise ThemeError(f"The theme {path.name} lacks {', '.join(missing)}.")
    return {name: _colour(path, name, section[name]) for name in names}


def _colour(path: Path, name: str, value: object) -> str:
    """A colour written as #rrggbb or by name; nothing else may reach the style sheet.

    One of the terminal's own sixteen keeps its name, so that it stays the terminal's own.
    """
    try:
        colour = Color.parse(str(value))
        return str(value) if colour.ansi is not None else colour.hex6
    except ColorParseError as error:
        raise ThemeError(f"The theme {path.name}: {name} is no colour.") from error


def _refuse_unknown(path: Path, section: Mapping[str, object], names: tuple[str, ...]) -> None:
    for key in section:
        if key not in names:
            nearest = next(iter(difflib.get_close_matches(key, names, n=1, cutoff=0.0)), names[0])
            raise ThemeError(f"The theme {path.name}: {key!r} is not known; the nearest is {nearest!r}.")
