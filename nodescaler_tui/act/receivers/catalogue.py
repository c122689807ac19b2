"""The catalogue: the profiles that come with the program, and those that an operator wrote."""

from __future__ import annotations

import difflib
import tomllib
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Final

import msgspec

from nodescaler_tui.act.receivers.profile import Profile

PLAIN: Final = "plain"
SUFFIX: Final = ".toml"


class UnusableProfile(ValueError):  # noqa: N818 - the sentence is for the operator
    """A profile that does not exist or cannot be used: which, and what to change."""


def profile_names() -> tuple[str, ...]:
    """The names of the profiles that come with the program, in alphabetical order."""
    folder = files(__package__) / "profiles"
    return tuple(sorted(entry.name.removesuffix(SUFFIX) for entry in folder.iterdir() if entry.name.endswith(SUFFIX)))


def find_profile(name: str) -> Profile:
    """The profile of this name, or the one in this file where the name ends in .toml. Raises UnusableProfile."""
    if name.endswith(SUFFIX):
        return _read(Path(name))
    if name not in profile_names():
        nearest = next(iter(difflib.get_close_matches(name, profile_names(), n=1, cutoff=0.0)))
        raise UnusableProfile(
            f"There is no profile {name!r}; the nearest is {nearest!r}, and the path of a .toml file is your own."
        )
    return shipped_profile(name)


@cache
def shipped_profile(name: str) -> Profile:
    """A profile that comes with the program."""
    text = (files(__package__) / "profiles" / f"{name}{SUFFIX}").read_text(encoding="utf-8")
    return parsed_profile(text, name)


def _read(path: Path) -> Profile:
    try:
        text = path.expanduser().read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UnusableProfile(f"The profile {path} cannot be read: {type(error).__name__}.") from None
    return parsed_profile(text, str(path))


def parsed_profile(text: str, place: str) -> Profile:
    """A profile from the text of its file. Raises UnusableProfile with the place of the mistake."""
    try:
        return msgspec.convert(tomllib.loads(text), Profile)
    except tomllib.TOMLDecodeError as error:
        raise UnusableProfile(f"The profile {place} is not valid TOML: {error}.") from None
    except msgspec.ValidationError as error:
        raise UnusableProfile(f"The profile {place} cannot be used: {error}.") from None
