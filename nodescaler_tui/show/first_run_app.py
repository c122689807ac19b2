"""The app that only shows the first-run screen, before there is anything that an engine could watch."""

from __future__ import annotations

from collections.abc import Callable

from textual.app import App

from nodescaler_tui.show.screens.first_run import FirstRunScreen, Missing
from nodescaler_tui.show.themes import Themes


class FirstRunApp(App[str]):
    """Wires the first-run screen to the themes."""

    CSS_PATH = "styles/app.tcss"
    ENABLE_COMMAND_PALETTE = False

    def __init__(self, missing: Callable[[], Missing], config_file: str, themes: Themes, theme: str) -> None:
        self._themes = themes
        super().__init__()
        self._screen = FirstRunScreen(missing, config_file)
        self._wanted_theme = theme

    def on_mount(self) -> None:
        """Themes, then the screen."""
        for theme in self._themes.found:
            self.register_theme(theme)
        self.theme = self._themes.named(self._wanted_theme).name
        self.push_screen(self._screen)

    def get_theme_variable_defaults(self) -> dict[str, str]:
        """Our inks, for a theme that does not name them."""
        return dict(self._themes.named("").variables)
