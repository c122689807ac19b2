"""The terminal: the real app in the wanted look, keys that are pressed in it, and its picture once all is still."""

from __future__ import annotations

import asyncio
import os
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Final

from textual.pilot import Pilot
from textual.widgets import Input

from nodescaler_tui.engine.server import ServedEngine
from nodescaler_tui.show.app import NodescalerApp
from nodescaler_tui.show.preferences import Preferences
from nodescaler_tui.show.screens.showing import StateScreen
from nodescaler_tui.show.themes import load_themes
from nodescaler_tui.show.widgets.key_line import KeyLine
from screenshots.client import OPERATOR, EngineInProcess
from screenshots.looks import Look
from screenshots.quiet import CountingLoop

PAST_SHORT_TIMERS_S: Final = 0.18
"""Longer than any timer of a screen that does something once: in one loop, whatever is due before this comes before."""
MOST_TRIES: Final = 200
FONTS_FROM_ELSEWHERE: Final = re.compile(r"\s*@font-face \{.*?\}\n", re.DOTALL)
COMMENT: Final = re.compile(r"\s*<!-- Generated with .*?-->")
IDS: Final = re.compile(r"terminal-\d+")


class NeverStill(Exception):  # noqa: N818 - it says what happened
    """A screen that goes on changing although no time passes."""


class Terminal:
    """One terminal on an engine."""

    def __init__(self, app: NodescalerApp, engine: EngineInProcess, pilot: Pilot[str], loop: CountingLoop) -> None:
        self._app = app
        self._engine = engine
        self._pilot = pilot
        self._loop = loop

    async def press(self, *keys: str) -> None:
        """Press these keys, and wait after each until what it began is done."""
        for key in keys:
            await self._pilot.press(key)
            await self._still()

    async def settle(self) -> None:
        """Wait until whatever the screen does a moment later is done as well."""
        await self._pilot.pause(PAST_SHORT_TIMERS_S)
        await self._still()

    async def picture(self) -> str:
        """The picture, once two of them in a row are the same."""
        before = ""
        for _ in range(MOST_TRIES):
            await self.settle()
            self._draw()
            await self._pilot.pause()
            drawn = self._app.export_screenshot(title="nodescaler-tui", simplify=True)
            if drawn == before:
                return self_contained(drawn)
            before = drawn
        raise NeverStill(type(self._app.screen).__name__)

    async def _still(self) -> None:
        """Until nothing works, here or in the engine."""
        while self._app.is_running:
            await self._pilot.pause()
            await self._loop.quiet()
            if self._engine.idle and not self._searching:
                return
        raise NeverStill("the app has ended")

    @property
    def _searching(self) -> bool:
        """Whether the command palette still looks for commands."""
        screen = self._app.screen
        return any(worker.node is screen and not worker.is_finished for worker in self._app.workers)

    def _draw(self) -> None:
        """As of now, with what goes by the machine's own time taken away: messages that fade and cursors that blink."""
        self._app.clear_notifications()
        screen = self._app.screen
        for each in screen.query(Input):
            each.cursor_blink = False
        for keys in screen.query(KeyLine):
            keys.draw()
        if isinstance(screen, StateScreen):
            screen.draw()


@asynccontextmanager
async def terminal(engine: ServedEngine, look: Look, clock: Callable[[], datetime]) -> AsyncIterator[Terminal]:
    """The real app on this engine, as somebody sees it who opens a window now."""
    client, loop = EngineInProcess(engine), asyncio.get_running_loop()
    assert isinstance(loop, CountingLoop)  # noqa: S101 - the stories run in no other
    app = _app(client, engine, look, clock)
    async with app.run_test(size=look.size) as pilot:
        window = Terminal(app, client, pilot, loop)
        await window.settle()
        yield window


def _app(client: EngineInProcess, engine: ServedEngine, look: Look, clock: Callable[[], datetime]) -> NodescalerApp:
    """Textual reads once, when an app is made, whether there may be colours."""
    if not look.colours:
        os.environ["NO_COLOR"] = "1"
    try:
        return NodescalerApp(
            client,
            initial=engine.state,
            operator=OPERATOR,
            themes=load_themes(None),
            preferences=Preferences(theme=look.theme),
            clock=clock,
        )
    finally:
        os.environ.pop("NO_COLOR", None)


def self_contained(picture: str) -> str:
    """Without the addresses of fonts, for a picture asks nobody for anything, and with ids that no change changes."""
    return IDS.sub("t", COMMENT.sub("", FONTS_FROM_ELSEWHERE.sub("\n", picture))) + "\n"
