"""The camera: where pictures go, and which of them are wanted."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

from nodescaler_tui.engine.server import ServedEngine
from screenshots.looks import Look
from screenshots.terminal import terminal


class NothingMoreWanted(Exception):  # noqa: N818 - it says what happened
    """Every picture that was asked for is there; the story need not be told to its end."""


class Camera:
    """Takes the wanted pictures into a folder; none named means all."""

    def __init__(self, folder: Path, wanted: frozenset[str]) -> None:
        self._folder = folder
        self._wanted = wanted

    async def take(
        self, engine: ServedEngine, clock: Callable[[], datetime], name: str, keys: Iterable[str], looks: Iterable[Look]
    ) -> None:
        """Open a terminal of each look, press the keys, and keep the picture. Raises NothingMoreWanted."""
        if self._wanted and all((self._folder / wanted).exists() for wanted in self._wanted):
            raise NothingMoreWanted
        for look in looks:
            path = self._folder / f"{name}{look.suffix}.svg"
            if self._wanted and path.name not in self._wanted:
                continue
            async with terminal(engine, look, clock) as window:
                await window.press(*keys)
                path.write_text(await window.picture(), encoding="utf-8")
