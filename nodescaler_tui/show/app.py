"""The app: it only wires. The engine's updates come in here and go to the screens; intents go the other way."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import ClassVar, Final, cast

from textual.app import SystemCommand
from textual.binding import Binding, BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from nodescaler_tui.engine.client import Engine, EngineAway
from nodescaler_tui.show.actions import checked_keymap
from nodescaler_tui.show.attention import Attention, in_tmux
from nodescaler_tui.show.control_guard import ControlGuard
from nodescaler_tui.show.preferences import Preferences
from nodescaler_tui.show.screens.dashboard import DashboardScreen
from nodescaler_tui.show.screens.showing import Desk, StateScreen
from nodescaler_tui.show.themes import Themes, watch_themes
from nodescaler_tui.show.travel import Traveller
from nodescaler_tui.show.type_ahead import TypeAheadApp
from nodescaler_tui.state import Severity, State

LEAVE_WITHIN_S: Final = 2.0


class NodescalerApp(TypeAheadApp[str]):
    """Shows one engine's State."""

    CSS_PATH = "styles/app.tcss"
    TITLE = "nodescaler"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "quit", show=False, priority=True)]

    def __init__(
        self,
        engine: Engine,
        *,
        initial: State,
        operator: str,
        themes: Themes,
        preferences: Preferences,
        clock: Callable[[], datetime],
    ) -> None:
        self._themes = themes
        self._user_themes = preferences.user_themes
        super().__init__()
        self._engine = engine
        keymap, self._key_problems = checked_keymap(preferences.keys)
        self.desk = Desk(engine.send, clock, operator, initial, keymap=keymap)
        self.attention = Attention(preferences.attention, self._tell_terminal, in_tmux=in_tmux())
        self.travel = Traveller(self)
        self._know(themes)
        self.theme = themes.named(preferences.theme).name
        self.set_keymap(keymap)

    def get_default_screen(self) -> Screen[object]:
        """The dashboard is the first screen, so that nothing else is ever laid out before it."""
        return cast("Screen[object]", DashboardScreen(self.desk))

    def on_mount(self) -> None:
        """Say what is wrong with the settings, then listen to signals, to the engine, and for edited themes."""
        for problem in (*self._themes.problems, *self._key_problems):
            self.notify(problem, severity="warning", markup=False)
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._leave_on, number)
        self.run_worker(self._listen(), exit_on_error=True)
        self.run_worker(watch_themes(self._user_themes, self._take_themes), exit_on_error=True)

    def on_ready(self) -> None:
        """The first screen is painted: what was made for it will stay, so it need not be walked again and again."""
        gc.freeze()
        gc.set_threshold(5_000, 100, 1_000)
        gc.enable()

    def _leave_on(self, number: signal.Signals) -> None:
        """Leave in order; a terminal that is gone may never take the last bytes, so not for ever."""
        last_resort = threading.Timer(LEAVE_WITHIN_S, os._exit, args=(128 + number,))
        last_resort.daemon = True
        last_resort.start()
        self.exit(return_code=128 + number)

    async def _listen(self) -> None:
        async for update in self._engine.updates():
            if isinstance(update, State):
                self.desk.state, self.desk.away = update, None
                self._notify_news(update)
                self._draw()
            elif isinstance(update, EngineAway):
                self.desk.away = update
                self._draw()
            elif isinstance(self.screen, StateScreen) and self.screen.is_mounted:
                self.screen.receive(update)

    def _draw(self) -> None:
        if isinstance(self.screen, StateScreen) and self.screen.is_mounted:
            with self.batch_update():
                self.screen.draw()

    def _notify_news(self, state: State) -> None:
        """Each notice once, on the screen and for whoever does not look at it."""
        fresh = self.attention.news(state)
        for notice in fresh:
            kind = "error" if notice.severity is Severity.CRITICAL else "information"
            self.notify(str(notice.sentence), severity=kind, markup=False)  # type: ignore[arg-type]
        self.attention.call(fresh, self.desk.now)
        self.attention.entitle(state)

    def _tell_terminal(self, sequence: str) -> None:
        """What is no part of any screen: the bell, a notification, the title of the window."""
        if self._driver is not None and not self.is_headless:
            self._driver.write(sequence)

    def get_line_filters(self) -> list[LineFilter]:
        """Textual's filters, and then the last door against control characters."""
        return [*super().get_line_filters(), ControlGuard()]

    def get_system_commands(self, screen: Screen[object]) -> Iterable[SystemCommand]:
        """The command palette, from the registry of actions."""
        return self.travel.commands(screen)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our inks, for a theme that does not name them."""
        return dict(self._themes.named("").variables)

    def action_theme(self) -> None:
        """The next of our themes."""
        self.theme = self._themes.after(self.theme).name
        self.notify(f"Theme {self.theme}", timeout=2, markup=False)

    def _know(self, themes: Themes) -> None:
        self._themes = themes
        for each in themes.found:
            self.register_theme(each)

    def _take_themes(self, themes: Themes) -> None:
        """A theme file was edited: show it at once, or say what is wrong with it."""
        self._know(themes)
        self.theme = themes.named(self.theme).name
        self.refresh_css(animate=False)
        for problem in themes.problems:
            self.notify(problem, severity="warning", markup=False)

    def action_help(self) -> None:
        """The keys of the screen that has the focus."""
        self.travel.help()
