"""The app that only shows the first-run screen, before there is anything that an engine could watch."""

from __future__ import annotations

import asyncio
import signal
from datetime import UTC, datetime
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.filter import LineFilter

from nodescaler_tui.intents import Intent
from nodescaler_tui.show.actions import checked_keymap
from nodescaler_tui.show.control_guard import ControlGuard
from nodescaler_tui.show.preferences import Preferences
from nodescaler_tui.show.screens.first_run import FirstRunScreen
from nodescaler_tui.show.screens.showing import Desk
from nodescaler_tui.show.setup import Choice, Setup
from nodescaler_tui.show.themes import Themes
from nodescaler_tui.show.type_ahead import TypeAheadApp


class FirstRunApp(TypeAheadApp[Choice]):
    """Wires the first-run screen to the themes and to the operator's own keys."""

    CSS_PATH = "styles/app.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c", "quit", show=False, priority=True)]

    def __init__(self, setup: Setup, themes: Themes, preferences: Preferences) -> None:
        self._themes = themes
        super().__init__()
        keymap, _ = checked_keymap(preferences.keys)
        self._screen = FirstRunScreen(setup, Desk(_nobody_listens, lambda: datetime.now(UTC), "", keymap=keymap))
        self._wanted_theme = preferences.theme
        self.set_keymap(keymap)
        self.animation_level = "none"

    def on_mount(self) -> None:
        """Themes, signals, then the screen."""
        for theme in self._themes.found:
            self.register_theme(theme)
        self.theme = self._themes.named(self._wanted_theme).name
        for number in (signal.SIGTERM, signal.SIGHUP):
            asyncio.get_running_loop().add_signal_handler(number, self._leave_on, number)
        self.push_screen(self._screen)

    def _leave_on(self, number: signal.Signals) -> None:
        self.exit(return_code=128 + number)

    def show(self) -> None:
        """Run until it is left. Raises whatever it crashed with."""
        self.run()
        if self._exception is not None:
            raise self._exception

    def _fatal_error(self) -> None:
        """Leave without Textual's traceback: it would print local values, and one of them is a secret."""
        self._close_messages_no_wait()

    def get_line_filters(self) -> list[LineFilter]:
        """Textual's filters, and then the last door against control characters."""
        return [*super().get_line_filters(), ControlGuard()]

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our inks, for a theme that does not name them."""
        return dict(self._themes.named("").variables)


def _nobody_listens(_: Intent) -> int:
    """There is no engine before the first run is over."""
    return 0
