"""An engine that says what a test tells it to, and a frozen clock: the screens are a function of State."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Hashable, Iterator
from pathlib import Path
from typing import Any

import pytest
from textual._compositor import Compositor
from textual.app import App
from textual.css.model import RuleSet
from textual.css.stylesheet import Stylesheet

from nodescaler_tui.engine.client import Update
from nodescaler_tui.intents import Intent
from nodescaler_tui.show import type_ahead
from nodescaler_tui.show.app import NodescalerApp
from nodescaler_tui.show.preferences import Preferences
from nodescaler_tui.show.themes import load_themes
from nodescaler_tui.state import State
from tests.show.idle import IdleLoop, wait_for_idle
from tests.show.states import NOW

SNAPSHOTS = Path(__file__).parent / "snapshots"


class SpokenEngine:
    """Keeps what was asked of it, and passes on what it is told to say."""

    def __init__(self) -> None:
        self.asked: list[Intent] = []
        self.says: asyncio.Queue[Update] = asyncio.Queue()

    def send(self, intent: Intent) -> int:
        self.asked.append(intent)
        return len(self.asked)

    async def updates(self) -> AsyncIterator[Update]:
        while True:
            yield await self.says.get()

    def all(self, kind: type[Intent]) -> list[Intent]:
        return [intent for intent in self.asked if isinstance(intent, kind)]


def make_app(state: State, *, theme: str = "dark") -> tuple[NodescalerApp, SpokenEngine]:
    engine = SpokenEngine()
    return app_on(engine, state, theme=theme), engine


def app_on(engine: SpokenEngine, state: State, *, theme: str = "dark") -> NodescalerApp:
    """The app on this engine, with the clock at a moment that never passes."""
    return NodescalerApp(
        engine,
        initial=state,
        operator="jane@laptop",
        themes=load_themes(None),
        preferences=Preferences(theme=theme),
        clock=lambda: NOW,
    )


def grid(app: App[Any]) -> str:
    """What stands on the screen, as text."""
    strips = app.screen._compositor.render_strips()
    return "\n".join(strip.text.rstrip() for strip in strips) + "\n"


async def until(holds: Callable[[], bool]) -> None:
    """Wait for it, however busy the machine is."""
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


@pytest.fixture(autouse=True)
def _keys_are_held_as_long_as_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine what a key does can take longer than a person is made to wait for it."""
    monkeypatch.setattr(type_ahead, "LONGEST_HOLD_S", 60.0)


@pytest.fixture(autouse=True)
def _idle_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("asyncio.events.new_event_loop", IdleLoop)
    for where in ("textual.app", "textual.pilot"):
        monkeypatch.setattr(f"{where}.wait_for_idle", wait_for_idle)


@pytest.fixture(scope="session", autouse=True)
def _styles_are_parsed_once() -> Iterator[None]:
    """Each app would parse them all anew, for a tenth of the time that these tests take."""
    parse, parsed = Stylesheet._parse_rules, dict[Hashable, list[RuleSet]]()

    def once(sheet: Stylesheet, *given: Hashable, **named: Hashable) -> list[RuleSet]:
        key = (given, *named.items(), *sheet._variables.items())
        if key not in parsed:
            parsed[key] = parse(sheet, *given, **named)  # type: ignore[arg-type]  # what Textual gave
        return parsed[key]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Stylesheet, "_parse_rules", once)
        yield


@pytest.fixture
def seen_by_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """No update is composed for a terminal that is not there; a picture is composed when it is taken."""

    def none(compositor: Compositor, **_: object) -> None:
        compositor._dirty_regions = set()

    monkeypatch.setattr(Compositor, "render_update", none)


@pytest.fixture
def matches(request: pytest.FixtureRequest) -> Callable[[str, str], None]:
    """Compare a screen with its kept picture, or keep it with --update-snapshots."""

    def check(name: str, text: str) -> None:
        path = SNAPSHOTS / f"{name}.txt"
        if request.config.getoption("--update-snapshots"):
            path.write_text(text, encoding="utf-8")
        assert path.read_text(encoding="utf-8") == text

    return check


@pytest.fixture(autouse=True)
def _one_time_zone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
