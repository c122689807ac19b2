"""The first-run screen: what is still needed, what each thing is for, and the demo for whoever wants to look first."""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.screen import Screen
from textual.widgets import Footer, Static

from nodescaler_tui.show.inked import line, lines

Missing = tuple[tuple[str, str], ...]


class FirstRunScreen(Screen[None]):
    """Says what is missing; checks again on a key and every few seconds; offers the demo."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("d", "demo", "start the demo"),
        Binding("c", "check", "check again"),
        Binding("q,escape", "quit_first_run", "quit"),
    ]

    def __init__(self, missing: Callable[[], Missing], config_file: str) -> None:
        super().__init__()
        self._missing = missing
        self._config_file = config_file

    def compose(self) -> ComposeResult:
        """The text and the keys."""
        yield Static(id="first-run")
        yield Footer(show_command_palette=False)

    def on_mount(self) -> None:
        """Check now, and keep checking: a file may be edited beside this."""
        self.query_one("#first-run").border_title = "nodescaler-tui"
        self.action_check()
        self.set_interval(3.0, self.action_check)

    def action_check(self) -> None:
        """Look again at what is set."""
        missing = self._missing()
        if not missing:
            self.app.exit(result="configured")
            return
        rows = [
            line(("Nothing is watched yet. ", "bold"), ("These are still needed:", "")),
            line(("", "")),
            *(line(("  ✗ ", "critical"), (f"{name:<24}", "accent"), (purpose, "")) for name, purpose in missing),
            line(("", "")),
            line(("Set them in the environment, or everything but secrets in", "")),
            line((f"  {self._config_file}", "accent")),
            line(("", "")),
            line(("nodescaler-tui check", "accent"), (" tries each permission and says what to do.", "")),
            line(("", "")),
            line(("Press ", ""), ("d", "accent"), (" to try everything on a simulated Genesys Cloud first.", "")),
        ]
        self.query_one("#first-run", Static).update(lines(*rows))

    def action_demo(self) -> None:
        """Leave for the demo."""
        self.app.exit(result="demo")

    def action_quit_first_run(self) -> None:
        """Leave."""
        self.app.exit(result="")
