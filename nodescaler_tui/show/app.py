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

from textual.app import App, SystemCommand
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
from nodescaler_tui.show.themes import Themes
from nodescaler_tui.show.travel import Traveller
from nodescaler_tui.state import Severity, State

LEAVE_WITHIN_S: Final = 2.0


class NodescalerApp(App[str]):
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
        super().__init__()
        self._engine = engine
        self._noticed = initial.notices[-1].number if initial.notices else 0
        keymap, self._key_problems = checked_keymap(preferences.keys)
        self.desk = Desk(engine.send, clock, operator, initial, keymap=keymap)
        self.attention = Attention(preferences.attention, self._tell_terminal, in_tmux=in_tmux())
        self.travel = Traveller(self)
        for each in themes.found:
            self.register_theme(each)
        names = [each.name for each in themes.found]
        self.theme = preferences.theme if preferences.theme in names else names[0]
        self.set_keymap(keymap)

    def get_default_screen(self) -> Screen[object]:
        """The dashboard is the first screen, so that nothing else is ever laid out before it."""
        return cast("Screen[object]", DashboardScreen(self.desk))

    def on_mount(self) -> None:
        """Signals, then listen."""
        for problem in (*self._themes.problems, *self._key_problems):
            self.notify(problem, severity="warning", markup=False)
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._leave_on, number)
        self.run_worker(self._listen(), exit_on_error=True)

    def on_ready(self) -> None:
        """The first screen is painted: what was made for it will stay, so it need not be walked again and again."""
        gc.freeze()
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
            elif isinstance(self.screen, StateScreen):
                self.screen.receive(update)

    def _draw(self) -> None:
        if isinstance(self.screen, StateScreen) and self.screen.is_mounted:
            with self.batch_update():
                self.screen.draw()

    def _notify_news(self, state: State) -> None:
        """Each notice once; those from before this window opened are in the journal."""
        if self._noticed == 0 and state.notices:
            self._noticed = state.notices[-1].number
        fresh = [notice for notice in state.notices if notice.number > self._noticed]
        for notice in fresh:
            self._noticed = notice.number
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
        return dict(self._themes.found[0].variables)

    def action_theme(self) -> None:
        """The next of our themes."""
        names = [theme.name for theme in self._themes.found]
        self.theme = names[(names.index(self.theme) + 1) % len(names)] if self.theme in names else names[0]

    def action_help(self) -> None:
        """The keys of the screen that has the focus."""
        self.travel.help()
